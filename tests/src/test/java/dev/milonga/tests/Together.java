package dev.milonga.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs things at the same moment, each on a thread of its own. */
final class Together {

  private static final long PATIENCE_SECONDS = 240;

  private Together() {}

  /** Runs it on a thread of its own, and returns when it is done. */
  static void onAnotherThread(Runnable action) {
    CompletableFuture.runAsync(action, task -> new Thread(task).start()).join();
  }

  /** Calls all of them at once, and gives what they return, in their order. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  static <V> List<V> call(Callable<V>... calls) throws Exception {
    return call(List.of(calls));
  }

  /** Calls all of them at once, and gives what they return, in their order. */
  static <V> List<V> call(List<Callable<V>> calls) throws Exception {
    return callFor(calls, PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Likewise, for no longer than that. */
  static <V> List<V> callFor(List<Callable<V>> calls, long patience, TimeUnit unit)
      throws Exception {
    CyclicBarrier start = new CyclicBarrier(calls.size());
    ExecutorService threads = Executors.newFixedThreadPool(calls.size());
    try {
      List<Future<V>> running = new ArrayList<>();
      for (Callable<V> call : calls) {
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  return call.call();
                }));
      }
      List<V> results = new ArrayList<>();
      for (Future<V> each : running) {
        results.add(each.get(patience, unit));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
