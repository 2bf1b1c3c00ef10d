package dev.milonga.log.grpc;

import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** What a client of a log server takes from outside: time, chance, and threads. Thread-safe. */
interface ClientEnvironment {

  /** Nanoseconds since an arbitrary moment. */
  long nanoTime();

  /** Jitter; nothing that has to be a secret. */
  RandomGenerator random();

  /** Runs the task once, that many nanoseconds from now, unless the client is closed by then. */
  void schedule(long nanos, Runnable task);

  /** Where callers learn outcomes, if there are too many of them for the thread that has those. */
  Executor completions();

  /** Where listeners are called, and frames are sent that a caller is not to be kept with. */
  Executor listeners();

  /** Whether that thread is one of these, which must not wait for itself to end. */
  boolean isOwn(Thread thread);

  /** Takes no new tasks. Those that were given to executors are still run. */
  void close();
}
