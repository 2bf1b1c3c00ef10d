package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.log.StreamId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Agrees on what may be trimmed: a replicated object at a fixed stream, which knows the retention
 * asked for, who holds on to which part of the log, and the trim mark agreed so far. For the
 * store's own modules; applications use the checkpointer.
 *
 * <p>Every decision is a mutator, and so a function of the log: a hold is granted only at or above
 * the agreed mark, and the mark moves only if nothing was added since the plan for it was made.
 * Holds run out by the time of the log, in which their holders renew them.
 */
@LogicalName("milonga.trim")
public class TrimLedger {

  /** The ledger's own stream. */
  static final StreamId STREAM = new StreamId(0, 1);

  static final String NAME = "milonga.trim";

  private final Map<Long, Hold> leases = new TreeMap<>();
  private final Map<String, Hold> cursors = new TreeMap<>();
  private long leasesGranted;
  private long mark;
  private long version; // counts whatever may hold the mark back more than before
  private Optional<Retention> retention = Optional.empty();

  /**
   * What is kept when the log is trimmed, in addition to what is needed to open every object.
   *
   * @param checkpoints the log is kept from the so-manieth newest checkpoint of each object on; at
   *     least 1
   * @param time every entry that is not older is kept; zero keeps none for its age
   */
  public record Retention(int checkpoints, Duration time) {
    /** Refuses what makes no sense. */
    public Retention {
      if (checkpoints < 1) {
        throw new IllegalArgumentException("checkpoints must be >= 1, was " + checkpoints);
      }
      if (time.isNegative()) {
        throw new IllegalArgumentException("time must be >= 0, was " + time);
      }
    }
  }

  /**
   * Everything from a position on is to stay readable until then.
   *
   * @param from a position
   * @param until in the time of the log
   */
  public record Hold(long from, Instant until) {}

  /**
   * What a plan is made from.
   *
   * @param held the lowest position that somebody holds; {@link Long#MAX_VALUE} if nobody does
   * @param holder who that is, in words; empty if nobody
   * @param now the time of the log
   * @param version of what holds the mark back: a plan is agreed to only for the present one
   */
  public record Standing(
      long mark,
      long held,
      String holder,
      Optional<Retention> retention,
      Instant now,
      long version) {}

  /** Sets what is kept from now on, for all who trim this log. */
  @Mutator
  public void retain(Retention asked) {
    retention = Optional.of(asked);
    version++;
  }

  /** What was asked to be kept; empty if nobody has. */
  @Accessor
  public Optional<Retention> retention() {
    return retention;
  }

  /**
   * Holds everything from a position on.
   *
   * @return the number of the lease; -1 if the position lies below the agreed mark
   */
  @Mutator
  public long lease(long from, Duration length) {
    if (from < mark) {
      return -1;
    }
    version++;
    leases.put(++leasesGranted, new Hold(from, Deterministic.now().plus(length)));
    return leasesGranted;
  }

  /** Prolongs a lease from now on; false if it has run out. */
  @Mutator
  public boolean renew(long lease, Duration length) {
    dropExpired();
    Hold known = leases.get(lease);
    if (known == null) {
      return false;
    }
    leases.put(lease, new Hold(known.from, Deterministic.now().plus(length)));
    return true;
  }

  /** Ends a lease, if it has not run out. */
  @Mutator
  public void release(long lease) {
    leases.remove(lease);
  }

  /**
   * Moves a cursor: everything below {@code next} was dealt with. The rest is held for that long.
   */
  @Mutator
  public void advance(@ConflictKey String cursor, long next, Duration length) {
    Instant now = Deterministic.now();
    Hold before = cursors.put(cursor, new Hold(next, now.plus(length)));
    if (before == null || before.from > next || !before.until.isAfter(now)) {
      version++; // one that just goes on leaves plans as they are, however busy it is
    }
  }

  /** Forgets a cursor. */
  @Mutator
  public void forget(@ConflictKey String cursor) {
    cursors.remove(cursor);
  }

  /** Where a cursor stands; empty if it was never moved. */
  @Accessor
  public OptionalLong cursor(@ConflictKey String cursor) {
    Hold known = cursors.get(cursor);
    return known == null ? OptionalLong.empty() : OptionalLong.of(known.from);
  }

  /** The names of all cursors, in their order. */
  @Accessor
  public Set<String> cursors() {
    return new TreeSet<>(cursors.keySet());
  }

  /** Lets run out what is over by now, and tells what a plan is made from. */
  @Mutator
  public Standing standing() {
    dropExpired();
    long held = Long.MAX_VALUE;
    String holder = "";
    for (Map.Entry<Long, Hold> lease : leases.entrySet()) {
      if (lease.getValue().from < held) {
        held = lease.getValue().from;
        holder = "lease " + lease.getKey() + ", until " + lease.getValue().until;
      }
    }
    for (Map.Entry<String, Hold> cursor : cursors.entrySet()) {
      Hold hold = cursor.getValue();
      boolean holds = hold.from >= mark && hold.until.isAfter(Deterministic.now());
      if (holds && hold.from < held) {
        held = hold.from;
        holder = "cursor \"" + cursor.getKey() + "\", until " + hold.until;
      }
    }
    return new Standing(mark, held, holder, retention, Deterministic.now(), version);
  }

  // A cursor that is over holds nothing any more, but still knows where it stands.
  private void dropExpired() {
    Instant now = Deterministic.now();
    leases.values().removeIf(hold -> !hold.until.isAfter(now));
  }

  /**
   * Moves the mark, unless the plan was made for another {@linkplain Standing#version version}.
   *
   * @return whether the plan was for this version
   */
  @Mutator
  public boolean agree(long planned, long madeFor) {
    if (madeFor != version) {
      return false;
    }
    mark = Math.max(mark, planned);
    return true;
  }

  /** The agreed trim mark: no part of the log at or above it is dropped. */
  @Accessor
  public long mark() {
    return mark;
  }
}
