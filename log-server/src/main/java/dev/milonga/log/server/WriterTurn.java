package dev.milonga.log.server;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Whose turn it is to commit what waits in line: that of one thread at a time, of the log or of a
 * caller. And the sleep of the thread of the log while there is nothing for it to do. Thread-safe.
 *
 * <p>Nothing is forgotten, since all look after they have told. Who has put a request in line looks
 * whether somebody has the turn, and who gives the turn back looks at the line: one of the two sees
 * the other, and wakes the thread. The thread says that it is about to sleep and then looks at the
 * line once more, and who would wake it looks whether it has said so: again one sees the other.
 */
final class WriterTurn {

  private final BooleanSupplier hasWork;
  private final int looksBeforeSleep;
  private final Runnable sleep;
  private final Runnable wakeUp;

  private final AtomicBoolean taken = new AtomicBoolean();
  private final AtomicBoolean sleeping = new AtomicBoolean(); // the thread sleeps, or is about to

  /**
   * A turn that nobody has.
   *
   * @param hasWork whether something waits
   * @param sleep has the thread of the log sleep; it may wake by itself
   * @param wakeUp wakes it; if it does not sleep yet, it will not the next time
   */
  WriterTurn(BooleanSupplier hasWork, int looksBeforeSleep, Runnable sleep, Runnable wakeUp) {
    this.hasWork = hasWork;
    this.looksBeforeSleep = looksBeforeSleep;
    this.sleep = sleep;
    this.wakeUp = wakeUp;
  }

  /** Takes the turn, unless another thread has it. */
  boolean take() {
    return taken.compareAndSet(false, true);
  }

  /** Gives the turn back, which this thread has. */
  void giveBack() {
    taken.set(false);
    if (hasWork.getAsBoolean()) {
      wakeIfSleeping();
    }
  }

  /** Something was put in line by a thread that does not take the turn. */
  void workHasCome() {
    if (!taken.get()) {
      wakeIfSleeping();
    }
  }

  private void wakeIfSleeping() {
    if (sleeping.get() && sleeping.compareAndSet(true, false)) {
      wakeUp.run();
    }
  }

  /** Whether something waits and nobody has the turn. */
  boolean isWanted() {
    return hasWork.getAsBoolean() && !taken.get();
  }

  /** Waits, on the thread of the log, until the turn is wanted. */
  void awaitWanted() {
    for (int look = 0; look < looksBeforeSleep; look++) {
      if (isWanted()) {
        return;
      }
      Thread.onSpinWait();
    }
    sleeping.set(true);
    while (sleeping.get() && !isWanted()) {
      sleep.run();
    }
    sleeping.set(false);
  }
}
