package dev.milonga.log.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/**
 * Who does what an embedded log has to do, and who waits for it. A simulation does it all on one
 * thread at a time.
 */
interface Threads {

  /** Begins to do the steps of the writer, and to tell callers. */
  void start();

  /** Runs the task over and over, that long after each end. */
  void every(long millis, Runnable task);

  /** Runs the task in the background, if that has not ended. */
  void execute(Runnable task);

  /** Where the store is read. */
  Executor readers();

  /** Where listeners are called. */
  Executor listeners();

  /** Whether that thread is one of these, which must not wait for itself to end. */
  boolean isOwn(Thread thread);

  /** Closes from a thread that is none of these. */
  void startClosing(Runnable closing);

  /** Waits until the writer has ended, which must have been told to, and all callers know. */
  void awaitWriting();

  /** Ends the rest; listeners get that long to return. */
  void awaitOthers(long listenersMillis);

  /** Waits for the latch, whether interrupted or not. */
  void await(CountDownLatch latch);
}
