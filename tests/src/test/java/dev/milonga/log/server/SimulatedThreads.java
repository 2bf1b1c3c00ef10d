package dev.milonga.log.server;

import dev.milonga.tests.simulation.Scheduler;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The threads of an embedded log, as threads of the simulation. */
final class SimulatedThreads implements Threads {

  private final Scheduler scheduler;
  private final Scheduler.Process process;
  private final LogWriter writer;
  private final Completions completions;
  private final Set<Scheduler.Actor> own = new HashSet<>();
  private final Deque<Runnable> background = new ArrayDeque<>();
  private boolean writerEnded;
  private boolean completerEnded;
  private boolean closed; // takes no more tasks
  private int running; // tasks of readers and listeners

  SimulatedThreads(
      Scheduler scheduler, Scheduler.Process process, LogWriter writer, Completions completions) {
    this.scheduler = scheduler;
    this.process = process;
    this.writer = writer;
    this.completions = completions;
  }

  @Override
  public void start() {
    own.add(scheduler.spawnDaemon(process, "writer", this::write));
    own.add(scheduler.spawnDaemon(process, "completer", this::complete));
    own.add(scheduler.spawnDaemon(process, "background", this::work));
  }

  private void write() {
    while (writer.stepUnlessEnded()) {
      scheduler.await("waits for requests", writer::isNeeded);
    }
    writer.finish();
    writerEnded = true;
  }

  private void complete() {
    while (completions.step() || !writerEnded) {
      if (!completions.isAwaited()) {
        scheduler.await("waits for completions", () -> completions.isAwaited() || writerEnded);
      }
    }
    completerEnded = true;
  }

  private void work() {
    while (true) {
      scheduler.await("waits for tasks", () -> !background.isEmpty());
      background.removeFirst().run();
    }
  }

  @Override
  public void every(long millis, Runnable task) {
    own.add(
        scheduler.spawnDaemon(
            process,
            "timer",
            () -> {
              long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
              while (!scheduler.await("waits for its time", () -> closed, nanos)) {
                task.run();
              }
            }));
  }

  @Override
  public void execute(Runnable task) {
    if (!closed) {
      background.add(task);
    }
  }

  @Override
  public Executor readers() {
    return task -> run("reader", task);
  }

  @Override
  public Executor listeners() {
    return task -> run("listener", task);
  }

  private void run(String name, Runnable task) {
    if (closed) {
      throw new RejectedExecutionException("the log is closed");
    }
    running++;
    own.add(
        scheduler.spawnDaemon(
            process,
            name,
            () -> {
              try {
                task.run();
              } finally {
                running--;
              }
            }));
  }

  @Override
  public boolean isOwn(Thread thread) {
    return own.contains(scheduler.current());
  }

  @Override
  public void startClosing(Runnable closing) {
    scheduler.spawn(process, "closer", closing);
  }

  @Override
  public void awaitWriting() {
    scheduler.await("waits for the writer", () -> completerEnded);
  }

  @Override
  public void awaitOthers(long listenersMillis) {
    scheduler.await("waits for readers and listeners", () -> running == 0 && background.isEmpty());
    closed = true;
  }

  @Override
  public void await(CountDownLatch latch) {
    scheduler.await("waits for the log to close", () -> latch.getCount() == 0);
  }
}
