package dev.milonga.examples;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.Mutator;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Jobs that workers take, each on a lease: a worker that has not finished, or asked for more time,
 * when its lease runs out has lost the job to whoever asks next. Time is that of the log, so that
 * all processes agree on who has a job, whatever their own clocks say.
 */
public class JobBoard {

  /** A job that somebody has. */
  private record Lease(String worker, Instant until) {}

  /** A job that is to be done by whoever took it. */
  public record Job(String id, String what) {}

  private final Map<String, String> open = new LinkedHashMap<>(); // what to do, by id
  private final Map<String, Lease> taken = new LinkedHashMap<>(); // by id; of open jobs
  private final Map<String, String> done = new LinkedHashMap<>(); // the worker, by id

  /** Adds a job. */
  @Mutator
  public void submit(String id, String what) {
    if (open.containsKey(id) || done.containsKey(id)) {
      throw new IllegalArgumentException("there was a job " + id + " before");
    }
    open.put(id, what);
  }

  /** The first job that nobody has, or whose lease has run out; it is the worker's for so long. */
  @Mutator
  public Optional<Job> take(String worker, Duration lease) {
    Instant now = Deterministic.now();
    for (Map.Entry<String, String> each : open.entrySet()) {
      Lease standing = taken.get(each.getKey());
      if (standing == null || !now.isBefore(standing.until())) {
        taken.put(each.getKey(), new Lease(worker, now.plus(lease)));
        return Optional.of(new Job(each.getKey(), each.getValue()));
      }
    }
    return Optional.empty();
  }

  /** Gives the worker more time from now on; false if it has lost the job. */
  @Mutator
  public boolean renew(String id, String worker, Duration lease) {
    if (!isOf(id, worker)) {
      return false;
    }
    taken.put(id, new Lease(worker, Deterministic.now().plus(lease)));
    return true;
  }

  /** Ends a job; false if the worker has lost it, and somebody else does it or has done it. */
  @Mutator
  public boolean finish(String id, String worker) {
    if (!isOf(id, worker)) {
      return false;
    }
    open.remove(id);
    taken.remove(id);
    done.put(id, worker);
    return true;
  }

  // Also after the lease has run out, as long as nobody else has taken the job.
  private boolean isOf(String id, String worker) {
    Lease standing = taken.get(id);
    return standing != null && standing.worker().equals(worker);
  }

  /** Who has the job; empty if nobody has taken it yet, or if it is done. */
  @Accessor
  public Optional<String> workerOf(String id) {
    return Optional.ofNullable(taken.get(id)).map(Lease::worker);
  }

  /** Who has done which job, in the order in which they were done. */
  @Accessor
  public Map<String, String> done() {
    return done;
  }
}
