package dev.milonga.tests;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.server.SimulatedDisk;
import dev.milonga.runtime.Environment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * What a client does that uses the log itself: it appends under conditions, reads and subscribes
 * from anywhere, and trims. What it reads is compared with what is durable.
 */
final class SimulatedLogClient {

  private static final int STREAMS = 4;
  private static final int KEYS = 3;

  private final SharedLog log;
  private final Environment environment;
  private final SimulatedDisk disk;
  private final Random random;
  private final AtomicLong unique;
  private final boolean subscribes;
  private SessionId session; // null if there is none
  private long sequence;
  private long learntBelow;

  /**
   * @param subscribes whether the log can be subscribed to
   */
  SimulatedLogClient(
      SharedLog log,
      Environment environment,
      SimulatedDisk disk,
      Random random,
      AtomicLong unique,
      boolean subscribes) {
    this.log = log;
    this.environment = environment;
    this.disk = disk;
    this.random = random;
    this.unique = unique;
    this.subscribes = subscribes;
  }

  /** Does one thing. What the log refuses, or leaves unknown, is one of its answers. */
  void act() {
    switch (random.nextInt(10)) {
      case 0 -> trim();
      case 1, 2 -> read();
      case 3 -> readAll();
      case 4 -> {
        if (subscribes) {
          subscribe();
        }
      }
      default -> append();
    }
  }

  private void append() {
    if (session == null) {
      session = answer(log.openSession());
      sequence = 0;
      learntBelow = 0;
      if (session == null) {
        return;
      }
    }
    LogPosition snapshot = new LogPosition(random.nextLong(disk.durableTail() + 1));
    AppendRequest.Builder request =
        AppendRequest.builder(
            Payload.wrap(
                ByteBuffer.allocate(Long.BYTES).putLong(unique.incrementAndGet()).array()));
    int first = random.nextInt(STREAMS);
    for (int i = random.nextInt(2); i >= 0; i--) {
      request.write(part((first + i) % STREAMS));
    }
    if (random.nextBoolean()) {
      request.condition(new AppendCondition(snapshot, List.of(part(random.nextInt(STREAMS)))));
    }
    request.requestId(new RequestId(session, sequence, learntBelow));
    CompletableFuture<LogPosition> appended = log.append(request.build());
    boolean known = answer(appended) != null || durable(appended) == StoreException.Durable.NOTHING;
    if (failure(appended) instanceof SessionExpiredException) {
      session = null;
    } else if (known && learntBelow == sequence) {
      learntBelow++;
    }
    sequence++;
  }

  private StreamKeys part(int stream) {
    StreamId id = stream(stream);
    return random.nextInt(4) == 0
        ? StreamKeys.whole(id)
        : StreamKeys.keys(id, random.nextInt(KEYS), random.nextInt(KEYS));
  }

  private static StreamId stream(int number) {
    return new StreamId(0, number);
  }

  private void trim() {
    LogPosition tail = answer(log.tail());
    if (tail == null) {
      return;
    }
    long before = Math.max(0, tail.value() - random.nextInt(20));
    LogPosition mark = answer(log.trim(new LogPosition(before)));
    if (mark != null && (mark.value() < before || mark.value() > disk.durableTrimMark())) {
      throw new AssertionError(
          "trimming before "
              + before
              + " is answered by "
              + mark
              + ", durable is "
              + disk.durableTrimMark());
    }
  }

  private void read() {
    StreamId stream = stream(random.nextInt(STREAMS));
    long from = anywhere();
    long tail = disk.durableTail(); // all of it was not necessarily acknowledged
    LogPosition acknowledged = answer(log.tail());
    CompletableFuture<ReadBatch> read =
        log.read(stream, new LogPosition(from), new ReadLimit(1 + random.nextInt(8), 1 << 20));
    check(from, answer(read), failure(read), entry -> entry.isIn(stream));
    if (acknowledged != null && acknowledged.value() > disk.durableTail()) {
      throw new AssertionError("the tail is " + acknowledged + ", durable was " + tail);
    }
  }

  private void readAll() {
    long from = anywhere();
    CompletableFuture<ReadBatch> read =
        log.readAll(new LogPosition(from), new ReadLimit(1 + random.nextInt(8), 1 << 20));
    check(from, answer(read), failure(read), entry -> true);
  }

  private long anywhere() {
    return Math.max(0, disk.durableTail() + 2 - random.nextInt(30));
  }

  private interface Wanted {
    boolean is(LogEntry entry);
  }

  // A batch holds what is durable from there up to its end; only what is trimmed may be refused.
  private void check(long from, ReadBatch batch, Throwable failure, Wanted wanted) {
    if (failure instanceof TrimmedException && from >= disk.durableTrimMark()) {
      throw new AssertionError(
          "a read from " + from + " was refused, trimmed is " + disk.durableTrimMark(), failure);
    }
    if (batch != null) {
      checkEntries(from, batch.next().value(), batch.entries(), wanted);
    }
  }

  private void checkEntries(long from, long to, List<LogEntry> entries, Wanted wanted) {
    List<Long> expected =
        LongStream.range(from, Math.min(to, disk.durableTail()))
            .filter(position -> wanted.is(disk.entries().get((int) position)))
            .boxed()
            .toList();
    List<Long> found = entries.stream().map(entry -> entry.position().value()).toList();
    if (!found.equals(expected)) {
      throw new AssertionError(
          "in [" + from + ", " + to + ") there are " + expected + ", and were read " + found);
    }
    for (LogEntry entry : entries) {
      LogEntry there = disk.entries().get((int) entry.position().value());
      if (!entry.payload().equals(there.payload())) {
        throw new AssertionError("durable is " + there + ", and was read " + entry);
      }
    }
  }

  /** Whatever is delivered follows on what was, without a gap. */
  private void subscribe() {
    StreamId stream = stream(random.nextInt(STREAMS));
    long from = anywhere();
    EntryListener listener =
        new EntryListener() {
          private long next = from;

          @Override
          public void onEntries(List<LogEntry> entries) {
            long to = entries.get(entries.size() - 1).position().next().value();
            checkEntries(next, to, entries, entry -> entry.isIn(stream));
            next = to;
          }

          @Override
          public void onEnd(Throwable cause) {
            if (cause instanceof AssertionError broken) {
              throw broken;
            }
            if (cause instanceof TrimmedException && next >= disk.durableTrimMark()) {
              throw new AssertionError("ended at " + next + ", which is not trimmed", cause);
            }
          }
        };
    try {
      log.subscribe(Set.of(stream), new LogPosition(from), listener);
    } catch (StoreException e) {
      // The log is closed.
    }
  }

  // What the log answers; null if it refuses, or cannot.
  private <V> V answer(CompletableFuture<V> future) {
    try {
      return environment.await(future, Long.MAX_VALUE);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException) {
        return null;
      }
      throw new AssertionError("the log failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("nobody interrupts, and the wait has no end", e);
    }
  }

  private static Throwable failure(CompletableFuture<?> future) {
    try {
      future.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (InterruptedException e) {
      throw new AssertionError("it is done", e);
    }
  }

  private static StoreException.Durable durable(CompletableFuture<?> future) {
    return failure(future) instanceof StoreException e ? e.durable() : null;
  }
}
