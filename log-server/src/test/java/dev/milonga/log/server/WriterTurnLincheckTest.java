package dev.milonga.log.server;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * The line in front of the writing thread, in the interleavings that Lincheck chooses: a request
 * that is forgotten has its caller wait for ever.
 */
@EnabledForJreRange(max = JRE.JAVA_21) // Lincheck 3.7 cannot look into the classes of later ones
class WriterTurnLincheckTest {

  @Test
  void requestThatComesWhenTheThreadGoesToSleep_isCommitted() {
    Interleavings.run(
        200,
        () -> {
          Line line = new Line();
          Thread writer = start(line::write);
          line.submit();
          line.awaitCommitted(1);
          line.close();
          join(writer);
        });
  }

  @Test
  void requestThatComesWhileACallerCommits_isCommitted() {
    Interleavings.run(
        500,
        () -> {
          Line line = new Line();
          Thread writer = start(line::write);
          Thread caller = start(line::submitAndStep);
          line.submit();
          join(caller);
          line.awaitCommitted(2);
          line.close();
          join(writer);
        });
  }

  /** What {@link LogWriter} does with its turn; requests are only counted. */
  private static final class Line {

    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger committed = new AtomicInteger();
    private volatile boolean closing;
    private boolean mayWake; // guarded by this
    private final WriterTurn turn = new WriterTurn(this::hasWork, 0, this::sleep, this::wakeUp);

    private boolean hasWork() {
      return closing || waiting.get() > 0;
    }

    // Unlike a thread that is parked, it never wakes by itself: that would hide what is looked for.
    private synchronized void sleep() {
      while (!mayWake) {
        try {
          wait();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      mayWake = false;
    }

    private synchronized void wakeUp() {
      mayWake = true;
      notifyAll();
    }

    void write() {
      while (!closing || waiting.get() > 0) {
        if (turn.isWanted() && turn.take()) {
          commit();
          turn.giveBack();
        }
        turn.awaitWanted();
      }
    }

    private void commit() {
      committed.addAndGet(waiting.getAndSet(0));
    }

    void submit() {
      waiting.incrementAndGet();
      turn.workHasCome();
    }

    void submitAndStep() {
      waiting.incrementAndGet();
      if (turn.take()) {
        commit();
        turn.giveBack();
      }
    }

    void awaitCommitted(int count) {
      while (committed.get() < count) {
        Thread.onSpinWait();
      }
    }

    void close() {
      closing = true;
      wakeUp();
    }
  }

  private static Thread start(Runnable action) {
    Thread thread = new Thread(action);
    thread.start();
    return thread;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
