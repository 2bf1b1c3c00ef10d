package dev.milonga.runtime;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * What a client takes from outside of itself: time, chance, threads, and how they wait. Programs
 * have the one of the {@link #system()}; a simulation passes one in which a single thread runs at a
 * time and every wait is a decision of its own. Thread-safe.
 *
 * <p>A thread that holds a lock of a client waits for nothing but what stands here. What is only
 * ever locked for a moment, during which nobody waits, is not waited for through this.
 */
public interface Environment {

  /** The time, the threads and the chance of this machine. */
  static Environment system() {
    return new SystemEnvironment();
  }

  /** Tells the time of day. */
  InstantSource clock();

  /** Seeds and jitter; nothing that has to be a secret. Thread-safe. */
  RandomGenerator random();

  /** Nanoseconds since an arbitrary moment, for measuring how long something takes. */
  long nanoTime();

  /** Threads for what a client does in the background; shut down with the client. */
  ExecutorService background();

  /** Runs the task over and over, that many nanoseconds after each end, until it is ended. */
  Repetition every(long nanos, Runnable task);

  /** Waits for the future, for at most that long. */
  <V> V await(CompletableFuture<V> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException;

  /** Takes the lock, after waiting for at most that long; false if it is not to be had. */
  boolean tryLock(ReentrantLock lock, long nanos) throws InterruptedException;

  /** Waits for about that long; returns early if the thread is interrupted. */
  void pause(long nanos);

  /** A task that is run over and over. */
  interface Repetition {

    /** Runs it no more. */
    void end();
  }
}
