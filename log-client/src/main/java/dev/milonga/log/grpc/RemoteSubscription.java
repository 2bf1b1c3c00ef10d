package dev.milonga.log.grpc;

import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Delivers to a listener what the server sends, batch by batch: the next one is asked for when the
 * listener has returned. When the connection breaks it goes on with the next one, from the position
 * after the last that was received.
 */
final class RemoteSubscription implements Subscription, Guest, Runnable {

  private final Conversations conversations;
  private final List<StreamId> streams; // empty for all
  private final EntryListener listener;
  private final Executor executor;
  private final Consumer<RemoteSubscription> forget;

  // Held while the listener is called, so that close() can wait for it.
  private final ReentrantLock delivery = new ReentrantLock();

  // Guards all fields below. Nothing is called under it.
  private final ReentrantLock lock = new ReentrantLock();
  private long next; // every entry below it was received
  private int attempt; // the number of the connection; what an earlier one brings is not heeded
  private Link.@Nullable Batches stream; // of that connection
  private @Nullable List<LogEntry> received; // and not delivered
  private @Nullable Throwable cause; // why it is to end, after what was received
  private boolean running; // a task of the executor will look at all of that
  private boolean ended; // nothing is delivered any more

  RemoteSubscription(
      Conversations conversations,
      List<StreamId> streams,
      long from,
      EntryListener listener,
      Executor executor,
      Consumer<RemoteSubscription> forget) {
    this.conversations = conversations;
    this.streams = streams;
    this.next = from;
    this.listener = listener;
    this.executor = executor;
    this.forget = forget;
  }

  @Override
  public void start(Link link) {
    SubscribeRequest.Builder request = SubscribeRequest.newBuilder();
    streams.forEach(id -> request.addStreams(WireFormat.stream(id)));
    int number;
    lock.lock();
    try {
      if (ended || cause != null) {
        return;
      }
      number = ++attempt;
      stream = null;
      request.setFrom(next);
    } finally {
      lock.unlock();
    }
    link.subscribe(request.build(), new Receiver(link, number));
  }

  private final class Receiver implements Link.BatchListener {

    private final Link link;
    private final int number;

    Receiver(Link link, int number) {
      this.link = link;
      this.number = number;
    }

    @Override
    public void onStart(Link.Batches batches) {
      boolean unwanted;
      lock.lock();
      try {
        unwanted = ended || number != attempt;
        if (!unwanted) {
          stream = batches;
        }
      } finally {
        lock.unlock();
      }
      if (unwanted) {
        batches.cancel();
      }
    }

    @Override
    public void onBatch(EntryBatch batch) {
      List<LogEntry> entries;
      try {
        entries = decode(batch);
      } catch (DamagedEntryException | IllegalArgumentException e) {
        end(e);
        return;
      }
      take(number, batch.getNext(), entries);
    }

    @Override
    public void onCompleted() {
      startAgain();
    }

    @Override
    public void onFailed(LinkProblem problem) {
      if (problem.again()) {
        startAgain();
      } else if (isPresent(number)) {
        end(problem.causeOfRead(new LogPosition(position())));
      }
    }

    private void startAgain() {
      if (isPresent(number)) {
        conversations.again(RemoteSubscription.this, link);
      }
    }
  }

  static List<LogEntry> decode(EntryBatch batch) {
    List<LogEntry> entries = new ArrayList<>(batch.getEntriesCount());
    for (Entry entry : batch.getEntriesList()) {
      LogPosition position = new LogPosition(entry.getPosition());
      entries.add(EntryFormat.decode(position, entry.getContent().toByteArray()));
    }
    return entries;
  }

  private boolean isPresent(int number) {
    lock.lock();
    try {
      return number == attempt && !ended;
    } finally {
      lock.unlock();
    }
  }

  private long position() {
    lock.lock();
    try {
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void take(int number, long upTo, List<LogEntry> entries) {
    Link.Batches more = null;
    boolean begins = false;
    lock.lock();
    try {
      if (number != attempt || ended) {
        return;
      }
      long from = next;
      entries.removeIf(entry -> entry.position().value() < from);
      next = Math.max(next, upTo);
      if (entries.isEmpty()) {
        more = stream;
      } else if (received != null) {
        received.addAll(entries); // of the last connection, and not delivered yet
      } else {
        received = entries;
        begins = !running;
        running = true;
      }
    } finally {
      lock.unlock();
    }
    if (more != null) {
      more.request(1);
    }
    if (begins) {
      dispatch();
    }
  }

  /** Has it end, after what was received is delivered. */
  void end(Throwable reason) {
    boolean begins;
    lock.lock();
    try {
      if (ended || cause != null) {
        return;
      }
      cause = reason;
      begins = !running;
      running = true;
    } finally {
      lock.unlock();
    }
    cancelStream();
    if (begins) {
      dispatch();
    }
  }

  /** Has it end after the present call of the listener, if any. */
  void endAtOnce(Throwable reason) {
    lock.lock();
    try {
      received = null;
    } finally {
      lock.unlock();
    }
    end(reason);
  }

  @Override
  public void fail(RuntimeException reason) {
    end(reason);
  }

  private void dispatch() {
    try {
      executor.execute(this);
    } catch (RejectedExecutionException e) {
      run(); // closed: nobody else will tell the listener
    }
  }

  @Override
  public void run() {
    delivery.lock();
    try {
      while (deliver()) {
        requestMore();
      }
    } catch (Throwable t) {
      finish(t); // the listener's own, of which it learns
    } finally {
      delivery.unlock();
    }
  }

  private boolean deliver() {
    List<LogEntry> entries;
    Throwable reason;
    lock.lock();
    try {
      if (ended) {
        return false;
      }
      entries = received;
      reason = cause;
      received = null;
      if (entries == null && reason == null) {
        running = false;
        return false;
      }
    } finally {
      lock.unlock();
    }
    if (entries == null) {
      finish(reason);
      return false;
    }
    LogPosition first = entries.get(0).position();
    long mark = conversations.trimMark();
    if (first.value() < mark) {
      finish(new TrimmedException(first, new LogPosition(mark)));
      return false;
    }
    listener.onEntries(List.copyOf(entries));
    return true;
  }

  private void requestMore() {
    Link.Batches from;
    lock.lock();
    try {
      from = stream;
    } finally {
      lock.unlock();
    }
    if (from != null) {
      from.request(1);
    }
  }

  private void finish(@Nullable Throwable reason) {
    boolean tells;
    lock.lock();
    try {
      tells = !ended;
      ended = true;
    } finally {
      lock.unlock();
    }
    if (!tells) {
      return;
    }
    letGo();
    try {
      listener.onEnd(reason == null ? new AssertionError("no cause") : reason);
    } catch (Throwable t) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
    }
  }

  private void letGo() {
    conversations.forget(this);
    forget.accept(this);
    cancelStream();
  }

  private void cancelStream() {
    Link.Batches under;
    lock.lock();
    try {
      under = stream;
      stream = null;
    } finally {
      lock.unlock();
    }
    if (under != null) {
      under.cancel();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      ended = true;
      received = null;
    } finally {
      lock.unlock();
    }
    letGo();
    if (!delivery.isHeldByCurrentThread()) {
      delivery.lock(); // waits for a call under way; no later one begins
      delivery.unlock();
    }
  }
}
