package dev.milonga.log.grpc;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Time that passes when the test says so, on its thread. Everything runs where it is called. */
final class StagedEnvironment implements ClientEnvironment {

  private record Task(long due, int number, Runnable action) {}

  private final Random random = new Random(1);
  private final List<Task> tasks = new ArrayList<>();
  private long now = 1_000;
  private int number;
  private boolean closed;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public void schedule(long nanos, Runnable task) {
    if (!closed) {
      tasks.add(new Task(now + nanos, number++, task));
    }
  }

  /** Lets that many milliseconds pass, and does what is due meanwhile. */
  void pass(long millis) {
    long end = now + millis * 1_000_000;
    while (true) {
      Task next =
          tasks.stream()
              .filter(task -> task.due <= end)
              .min(Comparator.comparingLong(Task::due).thenComparing(Task::number))
              .orElse(null);
      if (next == null) {
        break;
      }
      tasks.remove(next);
      now = Math.max(now, next.due);
      next.action.run();
    }
    now = end;
  }

  @Override
  public Executor completions() {
    return Runnable::run;
  }

  @Override
  public Executor listeners() {
    return Runnable::run;
  }

  @Override
  public boolean isOwn(Thread thread) {
    return true; // which must not wait
  }

  @Override
  public void close() {
    closed = true;
    tasks.clear();
  }
}
