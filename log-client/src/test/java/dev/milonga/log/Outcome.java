package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What became of a call to a log. Nothing is waited for longer than the patience of a test. */
public final class Outcome {

  /** How long a test waits for what must happen, in seconds. */
  public static final int PATIENCE_SECONDS = 20;

  private Outcome() {}

  /** The value of that future; an {@link AssertionError} if it fails or does not come. */
  public static <T> T of(Future<T> future) {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no outcome within " + PATIENCE_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** How that call fails, itself or by its future; an {@link AssertionError} if it does not. */
  public static <X extends Throwable> X failure(Class<X> kind, Callable<? extends Future<?>> call) {
    Throwable failure = failure(call);
    assertThat(failure).isInstanceOf(kind);
    return kind.cast(failure);
  }

  private static Throwable failure(Callable<? extends Future<?>> call) {
    Object value;
    try {
      value = call.call().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | CompletionException e) {
      return e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("no outcome within " + PATIENCE_SECONDS + " s", e);
    } catch (Exception e) {
      return e;
    }
    throw new AssertionError("should have failed, but returned " + value);
  }
}
