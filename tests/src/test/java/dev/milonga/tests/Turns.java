package dev.milonga.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Threads of which one runs at a time, and which one is said from outside, so that what they do is
 * interleaved in the same way whenever it is run.
 */
final class Turns implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 120;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Semaphore> turns = new ArrayList<>();
  private final Set<Integer> ended = ConcurrentHashMap.newKeySet();
  private final Semaphore handedBack = new Semaphore(0);

  /** Adds a thread, which waits for its first turn. It is the one of the next number, from 0. */
  <V> Future<V> add(Callable<V> body) {
    int thread = turns.size();
    Semaphore turn = new Semaphore(0);
    turns.add(turn);
    return threads.submit(
        () -> {
          take(turn);
          try {
            return body.call();
          } finally {
            ended.add(thread);
            handedBack.release();
          }
        });
  }

  /** Lets that thread go on until it waits for its next turn, or ends. Not if it has ended. */
  void grant(int thread) {
    turns.get(thread).release();
    take(handedBack);
  }

  boolean hasEnded(int thread) {
    return ended.contains(thread);
  }

  /** Called by a thread with its number: hands back, and waits for the next turn. */
  void next(int thread) {
    handedBack.release();
    take(turns.get(thread));
  }

  private static void take(Semaphore semaphore) {
    try {
      if (!semaphore.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("no turn within " + PATIENCE_SECONDS + " seconds");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while waiting for a turn", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
