package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.Checkpoint;
import dev.milonga.runtime.TrimLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Decides up to where a log may be trimmed: a pure function of what is in the log.
 *
 * <p>For each object, with its complete checkpoints from the newest to the oldest:
 *
 * <ol>
 *   <li>a checkpoint <em>will do</em> if as many are kept, itself included, as the retention asks
 *       for; if it was completed no later than the retention looks back; and if it stands for no
 *       more than the lowest position that somebody holds;
 *   <li>the object can do without everything below the newest one that will do;
 *   <li>if none will do, it needs all its entries, from the first one ever on; or, where that one
 *       is gone already, all that is left of the log.
 * </ol>
 *
 * <p>The mark is the lowest of these positions, and no higher than what is held, or than the tail
 * as it was before the objects were looked up: one that nobody knew of then has no entry below.
 * Since checkpoints are taken of all objects as of one position, the mark is a position at which
 * all of them can be read.
 *
 * @param mark the trim mark to be; never below the present one
 * @param heldBackBy what keeps the entry at the mark
 */
record TrimPlan(LogPosition mark, String heldBackBy) {

  /**
   * One object.
   *
   * @param checkpoints complete ones, oldest first
   * @param firstEntry the first of its entries that is left; asked for only if it has no checkpoint
   */
  record Subject(String name, List<Checkpoint> checkpoints, Optional<LogPosition> firstEntry) {}

  /**
   * @param standing what the ledger says
   * @param tail of the log, taken before the objects were looked up
   */
  static TrimPlan of(
      Collection<Subject> objects,
      TrimLedger.Retention retention,
      TrimLedger.Standing standing,
      LogPosition tail) {
    long lowest = tail.value();
    String holder = "nothing: it is the end of the log";
    if (standing.held() < lowest) {
      lowest = standing.held();
      holder = standing.holder();
    }
    for (Subject each : objects) {
      long needed = neededFrom(each, retention, standing, tail.value());
      if (needed < lowest) {
        lowest = needed;
        holder = "object \"" + each.name() + "\"";
      }
    }
    return new TrimPlan(new LogPosition(Math.max(standing.mark(), lowest)), holder);
  }

  private static long neededFrom(
      Subject object, TrimLedger.Retention retention, TrimLedger.Standing standing, long tail) {
    List<Checkpoint> all = object.checkpoints();
    Instant youngest = before(standing.now(), retention.time());
    for (int i = all.size() - retention.checkpoints(); i >= 0; i--) {
      Checkpoint each = all.get(i);
      if (each.upTo().value() <= standing.held() && !each.time().isAfter(youngest)) {
        return each.upTo().value();
      }
    }
    long first =
        all.isEmpty()
            ? object.firstEntry().map(LogPosition::value).orElse(tail)
            : all.get(0).writtenFrom().value();
    return Math.max(first, standing.mark());
  }

  // What is to be kept for longer than there is time is kept for ever.
  private static Instant before(Instant now, Duration time) {
    return time.compareTo(Duration.between(Instant.MIN, now)) < 0 ? now.minus(time) : Instant.MIN;
  }
}
