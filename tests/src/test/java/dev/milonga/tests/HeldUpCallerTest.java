package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.Environment;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.TypeToken;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thread that is held up between learning its session and sending a call, while the session is
 * found to have expired and is renewed. (A busy machine did it, once in many runs.)
 */
@Timeout(120)
class HeldUpCallerTest {

  static class Trail {
    private final List<Integer> marks = new ArrayList<>();

    @Mutator
    public void mark(int n) {
      marks.add(n);
    }

    @Accessor
    public List<Integer> marks() {
      return marks;
    }
  }

  @Test
  void callHeldUpWhileItsSessionIsRenewed_comesBeforeThoseCalledLater() {
    SettableClock clock = new SettableClock(Instant.parse("2026-11-20T12:00:00Z"));
    SharedLog log = InMemoryLog.builder().clock(clock).sessionTimeout(Duration.ofHours(1)).build();
    LateAnswers late = new LateAnswers(log);
    HoldUps holdUps = new HoldUps();
    try (ObjectRuntime runtime = ObjectRuntime.builder(late).environment(holdUps).build()) {
      Trail trail = runtime.open(TypeToken.of(Trail.class), "trail");
      trail.mark(0);
      clock.advance(Duration.ofHours(2));
      late.hold();
      CompletableFuture<?> first = mark(runtime, trail, 1);
      holdUps.next =
          () -> {
            late.release();
            first.join(); // under a new session
            late.hold();
          };

      CompletableFuture<?> second = mark(runtime, trail, 2);
      CompletableFuture<?> third = mark(runtime, trail, 3);
      assertThat(holdUps.next).as("what was to be done when it is held up, and was done").isNull();
      late.release();
      second.join();
      third.join();

      assertThat(trail.marks()).containsExactly(0, 1, 2, 3);
    }
    log.close();
  }

  private static CompletableFuture<?> mark(ObjectRuntime runtime, Trail trail, int n) {
    return runtime
        .async(
            () -> {
              trail.mark(n);
              return null;
            })
        .toCompletableFuture();
  }

  /** A log whose answers to appends can be kept back. */
  private static final class LateAnswers extends DelegatingLog {

    private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    LateAnswers(SharedLog behind) {
      super(behind);
    }

    void hold() {
      gate = new CompletableFuture<>();
    }

    void release() {
      gate.complete(null);
    }

    @Override
    public CompletableFuture<LogPosition> append(AppendRequest request) {
      CompletableFuture<LogPosition> answer = super.append(request);
      return gate.thenCompose(open -> answer);
    }
  }

  /** That of the system; a thread that is about to send a call can be held up. */
  private static final class HoldUps implements Environment {

    private final Environment system = Environment.system();
    private final Thread caller = Thread.currentThread();
    Runnable next; // null if there is none; of the caller

    @Override
    public long nanoTime() {
      if (Thread.currentThread() == caller && next != null && isAboutToSend()) {
        Runnable holdUp = next;
        next = null;
        holdUp.run();
      }
      return system.nanoTime();
    }

    private static boolean isAboutToSend() {
      return StackWalker.getInstance()
          .walk(frames -> frames.anyMatch(f -> f.getClassName().endsWith(".AsyncWrites")));
    }

    @Override
    public InstantSource clock() {
      return system.clock();
    }

    @Override
    public RandomGenerator random() {
      return system.random();
    }

    @Override
    public ExecutorService background() {
      return system.background();
    }

    @Override
    public Repetition every(long nanos, Runnable task) {
      return system.every(nanos, task);
    }

    @Override
    public <V> V await(CompletableFuture<V> future, long nanos)
        throws InterruptedException, ExecutionException, TimeoutException {
      return system.await(future, nanos);
    }

    @Override
    public boolean tryLock(ReentrantLock lock, long nanos) throws InterruptedException {
      return system.tryLock(lock, nanos);
    }

    @Override
    public void pause(long nanos) {
      system.pause(nanos);
    }
  }
}
