package dev.milonga.tests.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Runs the threads of a simulation one at a time. A thread has the baton until it comes to a point
 * or has to wait; then the scheduler draws who goes on, by its seed alone. So whatever the threads
 * do, the same seed lets them do it in the same order, as if there were only one.
 *
 * <p>Time passes a little with each step, and jumps to what is awaited next when nobody can go on.
 *
 * <p>A thread belongs to a process, which can be killed at any step: its threads are unwound from
 * where they stand, in the order in which they began, and do nothing more that can be seen. All
 * fields are guarded by the baton.
 */
public final class Scheduler {

  /** No end to a wait. */
  public static final long FOREVER = Long.MAX_VALUE;

  private static final int STEP_NANOS_MAX = 20_000;
  private static final int SLOW_ONE_IN = 6;
  private static final Duration STUCK = Duration.ofSeconds(60);
  private static final long STEPS_MAX = 200_000;

  private final Random random;
  private final Trace trace;
  private final ExecutorService pool;
  private final double switching; // the chance that a point is one where another thread may go on
  private final List<Actor> actors = new ArrayList<>(); // not over, in the order of creation
  private final List<Actor> ready = new ArrayList<>();
  private final Baton main = new Baton();
  private Runnable invariants = () -> {};
  private long nanos;
  private long steps;
  private Actor current; // null: the thread that has called run()
  private Throwable failure; // the first one

  /**
   * A scheduler without threads.
   *
   * @param pool of threads to run on; how many there are makes no difference
   */
  public Scheduler(long seed, Trace trace, ExecutorService pool) {
    this.random = new Random(seed);
    this.trace = trace;
    this.pool = pool;
    this.switching = Math.pow(random.nextDouble(), 2);
  }

  /** Threads that are killed together. */
  public static final class Process {
    private final String name;
    private boolean dead;

    public Process(String name) {
      this.name = name;
    }

    public boolean isDead() {
      return dead;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Unwinds a thread whose process was killed. */
  static final class Killed extends Error {
    Killed() {
      super("the process was killed", null, false, false);
    }
  }

  private static final class Baton {
    private volatile Thread owner;
    private volatile boolean held;

    void give() {
      held = true;
      LockSupport.unpark(owner);
    }

    void take() {
      owner = Thread.currentThread();
      while (!held) {
        LockSupport.park(this);
      }
      held = false;
    }

    boolean take(Duration atMost) {
      owner = Thread.currentThread();
      long end = System.nanoTime() + atMost.toNanos();
      while (!held && System.nanoTime() < end) {
        LockSupport.parkNanos(this, end - System.nanoTime());
      }
      boolean taken = held;
      held = false;
      return taken;
    }
  }

  /** A thread of the simulation. */
  public final class Actor implements Runnable {
    private final String name;
    private final Process process;
    private final boolean daemon; // does not keep the simulation going
    private final boolean slow;
    private final Runnable body;
    private final Baton baton = new Baton();
    private String waitsFor = "its beginning";
    private BooleanSupplier condition = () -> true;
    private long wakeAt = FOREVER;
    private boolean started;
    private boolean over;
    private boolean killed;
    private Actor killer; // who goes on when this one is unwound, if it is killed
    private Thread thread;

    private Actor(Process process, String name, boolean daemon, Runnable body) {
      this.process = process;
      this.name = process + "/" + name;
      this.daemon = daemon;
      this.slow = random.nextInt(SLOW_ONE_IN) == 0;
      this.body = body;
    }

    public boolean isOver() {
      return over;
    }

    private boolean isReady() {
      return wakeAt <= nanos || condition.getAsBoolean();
    }

    @Override
    public void run() {
      thread = Thread.currentThread();
      baton.take();
      try {
        step(this, "begins");
        body.run();
        step(this, "is over");
      } catch (Throwable e) {
        if (!killed) {
          fail(e);
        }
      }
      over = true;
      actors.remove(this);
      pass(killed ? killer : pick());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Runs that after every step, with the baton. */
  public void afterEveryStep(Runnable invariants) {
    this.invariants = invariants;
  }

  /** Begins a thread, which keeps the simulation going until it is over. */
  public Actor spawn(Process process, String name, Runnable body) {
    return add(new Actor(process, name, false, body));
  }

  /** Begins a thread that ends with the simulation. */
  public Actor spawnDaemon(Process process, String name, Runnable body) {
    return add(new Actor(process, name, true, body));
  }

  private Actor add(Actor actor) {
    if (actor.process.dead) {
      throw new RejectedExecutionException(actor.process + " is dead");
    }
    actors.add(actor);
    return actor;
  }

  /** Runs everything until only daemons are left, or something throws, which this throws again. */
  public void run() {
    Actor first = pick();
    if (first != null) {
      pass(first);
      awaitMain();
    }
    for (Actor rest : List.copyOf(actors)) {
      unwind(rest);
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw new AssertionError("a thread of the simulation threw " + failure, failure);
    }
  }

  private void awaitMain() {
    long seen = -1;
    while (!main.take(STUCK)) {
      if (seen == steps) {
        Actor stuck = current;
        AssertionError error =
            new AssertionError(stuck + " waits outside of the simulation, or goes in a circle");
        if (stuck != null && stuck.thread != null) {
          error.setStackTrace(stuck.thread.getStackTrace());
        }
        throw error;
      }
      seen = steps;
    }
  }

  /** Kills a process: every thread of it, apart from the one that calls this, ends here. */
  public void kill(Process process) {
    process.dead = true;
    for (Actor each : List.copyOf(actors)) {
      if (each.process == process && each != current) {
        unwind(each);
      }
    }
  }

  private void unwind(Actor actor) {
    if (actor.over) {
      return;
    }
    actor.killed = true;
    if (!actor.started) {
      actor.over = true;
      actors.remove(actor);
      return;
    }
    Actor me = current;
    actor.killer = me;
    pass(actor);
    if (me == null) {
      awaitMain();
    } else {
      me.baton.take();
    }
  }

  // Hands the baton on; null is the thread that has called run().
  private void pass(Actor to) {
    current = to;
    if (to == null) {
      main.give();
      return;
    }
    if (!to.started) {
      to.started = true;
      pool.execute(to);
    }
    to.baton.give();
  }

  /** Ends the simulation if the check throws, whatever its caller makes of that. */
  public void check(Runnable check) {
    try {
      check.run();
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
  }

  private void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    }
  }

  private void step(Actor me, String what) {
    if (me.killed) {
      throw new Killed();
    }
    steps++;
    nanos += 1 + random.nextInt(STEP_NANOS_MAX);
    trace.add(steps, nanos, me.name, what);
    check(
        () -> {
          if (steps > STEPS_MAX) {
            throw new AssertionError("does not come to an end");
          }
          invariants.run();
        });
  }

  private Actor me() {
    if (current == null) {
      throw new AssertionError("only a thread of the simulation can wait in it");
    }
    return current;
  }

  /** The thread that has the baton. */
  public Actor current() {
    return current;
  }

  /** A point at which another thread may go on. */
  public void point(String what) {
    Actor me = me();
    step(me, what);
    if (random.nextDouble() < switching) {
      suspend(me, what, () -> true, FOREVER);
    }
  }

  /** Says what happens. Nobody else goes on. */
  public void note(String what) {
    step(me(), what);
  }

  /** Lets others go on until that many nanoseconds have passed. */
  public void sleep(String what, long sleepNanos) {
    await(what, () -> false, sleepNanos);
  }

  /**
   * Lets others go on until the condition holds, or that many nanoseconds have passed. Returns
   * whether it holds.
   *
   * @param condition looks only, at what others change; any thread may ask it
   */
  public boolean await(String what, BooleanSupplier condition, long atMostNanos) {
    Actor me = me();
    step(me, what);
    long wakeAt = atMostNanos > FOREVER - nanos ? FOREVER : nanos + Math.max(0, atMostNanos);
    suspend(me, what, condition, wakeAt);
    return condition.getAsBoolean();
  }

  /** Lets others go on until the condition holds. */
  public void await(String what, BooleanSupplier condition) {
    await(what, condition, FOREVER);
  }

  private void suspend(Actor me, String what, BooleanSupplier condition, long wakeAt) {
    me.waitsFor = what;
    me.condition = condition;
    me.wakeAt = wakeAt;
    Actor next = pick();
    if (next != me) {
      pass(next);
      me.baton.take();
    }
    if (me.killed) {
      throw new Killed();
    }
  }

  // Who goes on; null if the simulation is over.
  private Actor pick() {
    while (failure == null && actors.stream().anyMatch(actor -> !actor.daemon)) {
      ready.clear();
      long earliest = FOREVER;
      for (Actor actor : actors) {
        if (actor.isReady()) {
          ready.add(actor);
        } else {
          earliest = Math.min(earliest, actor.wakeAt);
        }
      }
      if (!ready.isEmpty()) {
        Actor drawn = ready.get(random.nextInt(ready.size()));
        return drawn.slow && random.nextInt(4) > 0
            ? ready.get(random.nextInt(ready.size()))
            : drawn;
      }
      if (earliest == FOREVER) {
        fail(
            new AssertionError(
                actors.stream()
                    .map(actor -> actor + " waits for " + actor.waitsFor)
                    .collect(Collectors.joining("; ", "nobody can go on: ", ""))));
      } else {
        nanos = earliest;
      }
    }
    return null;
  }

  /** Nanoseconds since the beginning; each call is later than the one before. */
  public long tick() {
    return ++nanos;
  }

  /** Nanoseconds since the beginning. */
  public long nanos() {
    return nanos;
  }

  /** How many steps there have been. */
  public long steps() {
    return steps;
  }
}
