package dev.milonga.log.server;

import dev.milonga.log.EntryListener;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.Subscription;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Delivers entries to a listener, on an executor, until nothing is left; then it uses no thread
 * until it is woken.
 *
 * <p><b>No wake-up is lost.</b> Who publishes moves the tail and then calls {@link #wake}. A run
 * goes idle only by changing the state from RUNNING to IDLE; a wake-up since it set RUNNING has
 * made that AGAIN, so the change fails and the run reads the tail once more.
 */
final class TailSubscription implements Subscription, Runnable {

  private static final int IDLE = 0;
  private static final int RUNNING = 1;
  private static final int AGAIN = 2;

  private final LongFunction<ReadBatch> source; // the entries from a position on
  private final EntryListener listener;
  private final Executor executor;
  private final Consumer<TailSubscription> forget;
  private final AtomicInteger state = new AtomicInteger(IDLE);

  // Held while the listener is called, so that close() can wait for it.
  private final ReentrantLock delivery = new ReentrantLock();
  private long next; // guarded by delivery; every entry below it was delivered

  private volatile boolean ended; // never goes back; set under delivery unless by close()
  private volatile @Nullable Throwable cause; // why it is to end, if it is

  TailSubscription(
      LongFunction<ReadBatch> source,
      long from,
      EntryListener listener,
      Executor executor,
      Consumer<TailSubscription> forget) {
    this.source = source;
    this.next = from;
    this.listener = listener;
    this.executor = executor;
    this.forget = forget;
  }

  /** Has it look for new entries. */
  void wake() {
    while (true) {
      int now = state.get();
      if (now == AGAIN) {
        return;
      }
      if (state.compareAndSet(now, now + 1)) {
        if (now == IDLE) {
          dispatch();
        }
        return;
      }
    }
  }

  /** Ends it after the present call of the listener, if any. */
  void end(Throwable reason) {
    cause = reason;
    wake();
  }

  private void dispatch() {
    try {
      executor.execute(this);
    } catch (RejectedExecutionException e) {
      finish(cause == null ? e : cause); // nobody else will tell the listener
    }
  }

  @Override
  public void run() {
    delivery.lock();
    try {
      do {
        state.set(RUNNING);
        deliver();
      } while (!ended && !state.compareAndSet(RUNNING, IDLE));
    } catch (Throwable t) {
      // From the log or from the listener itself; the listener learns of either.
      finish(t);
    } finally {
      delivery.unlock();
    }
  }

  private void deliver() {
    while (!ended) {
      if (cause != null) {
        finish(cause);
        return;
      }
      ReadBatch batch = source.apply(next);
      next = batch.next().value();
      if (batch.entries().isEmpty()) {
        return;
      }
      if (!ended) {
        listener.onEntries(batch.entries());
      }
    }
  }

  private void finish(Throwable reason) {
    delivery.lock();
    try {
      if (!ended) {
        ended = true;
        forget.accept(this);
        listener.onEnd(reason);
      }
    } catch (Throwable t) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
    } finally {
      delivery.unlock();
    }
  }

  @Override
  public void close() {
    ended = true;
    forget.accept(this);
    if (!delivery.isHeldByCurrentThread()) {
      delivery.lock(); // waits for a call under way; no later one begins
      delivery.unlock();
    }
  }
}
