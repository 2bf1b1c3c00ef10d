package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A listener that keeps what it is told, and checks that it is told one thing at a time, in order,
 * and nothing after the end.
 */
public final class RecordingListener implements EntryListener {

  private final Consumer<List<LogEntry>> action;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition told = lock.newCondition();

  // Guarded by the lock.
  private final List<LogEntry> entries = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private Optional<Throwable> end = Optional.empty();
  private boolean busy;

  /** A listener that only records. */
  public RecordingListener() {
    this(batch -> {});
  }

  /** A listener that records a batch and then does that with it. */
  public RecordingListener(Consumer<List<LogEntry>> action) {
    this.action = action;
  }

  /** A listener that stays in each call until the gate is open. */
  public static RecordingListener blockedBy(CountDownLatch gate) {
    return new RecordingListener(
        batch -> {
          try {
            assertThat(gate.await(Outcome.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Override
  public void onEntries(List<LogEntry> batch) {
    note(
        () -> {
          require(!busy, "called by two threads at once");
          busy = true;
          require(!batch.isEmpty(), "an empty batch");
          require(end.isEmpty(), "entries after the end");
          batch.forEach(this::take);
        });
    try {
      action.accept(batch);
    } finally {
      note(() -> busy = false);
    }
  }

  @Override
  public void onEnd(Throwable cause) {
    note(
        () -> {
          require(!busy, "called by two threads at once");
          require(end.isEmpty(), "a second end: " + cause);
          end = Optional.of(cause);
        });
  }

  /** Waits until that many entries have come, and returns all that have. */
  public List<LogEntry> awaitEntries(int count) {
    await(() -> entries.size() >= count || end.isPresent());
    assertThat(entries()).as("entries, and then %s", end).hasSizeGreaterThanOrEqualTo(count);
    return entries();
  }

  /** Waits for as many positions, and checks that they are these. */
  public void awaitPositions(List<LogPosition> positions) {
    assertThat(awaitEntries(positions.size()))
        .extracting(LogEntry::position)
        .containsExactlyElementsOf(positions);
  }

  /** Waits until an entry has come of which that is true, or the subscription has ended. */
  public void awaitEntryOrEnd(Predicate<LogEntry> awaited) {
    await(() -> end.isPresent() || entries.stream().anyMatch(awaited));
  }

  /** Waits until the subscription has ended, and returns the cause. */
  public Throwable awaitEnd() {
    await(() -> end.isPresent());
    return end.orElseThrow();
  }

  /** What has come until now. */
  public List<LogEntry> entries() {
    lock.lock();
    try {
      assertThat(violations).isEmpty();
      return List.copyOf(entries);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the subscription has ended. */
  public boolean hasEnded() {
    lock.lock();
    try {
      return end.isPresent();
    } finally {
      lock.unlock();
    }
  }

  private void take(LogEntry entry) {
    if (!entries.isEmpty()) {
      LogEntry last = entries.get(entries.size() - 1);
      require(last.position().compareTo(entry.position()) < 0, entry + " came after " + last);
    }
    entries.add(entry);
  }

  private void require(boolean holds, String violation) {
    if (!holds) {
      violations.add(violation);
    }
  }

  private void note(Runnable change) {
    lock.lock();
    try {
      change.run();
      told.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier condition) {
    lock.lock();
    try {
      long nanos = TimeUnit.SECONDS.toNanos(Outcome.PATIENCE_SECONDS);
      while (!condition.getAsBoolean()) {
        if (nanos <= 0) {
          throw new AssertionError(
              "did not come in time; so far " + entries.size() + " entries, end " + end);
        }
        nanos = told.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      lock.unlock();
    }
  }
}
