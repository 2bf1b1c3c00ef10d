package dev.milonga.bench;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.grpc.RemoteLog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Clients that follow one stream, to which another appends so many entries in a second. */
final class Delivery {

  private static final StreamId STREAM = new StreamId(1, 1);
  private static final int ENTRY_BYTES = 100;
  private static final int ENDING_SECONDS_MAX = 60;

  private Delivery() {}

  /**
   * How long entries took from their append to each of the clients, in nanoseconds.
   *
   * @param warmUp not counted
   */
  static Histogram measure(
      ServerProcess server, int clients, int perSecond, Duration warmUp, Duration measured)
      throws Exception {
    Histogram latencies = new ConcurrentHistogram(3);
    List<RemoteLog> logs = new ArrayList<>();
    try (RemoteLog writer = RemoteLog.open(server.target())) {
      LogPosition from = writer.tail().join();
      long start = System.nanoTime();
      long countedFrom = start + warmUp.toNanos();
      int entries =
          (int) ((warmUp.toNanos() + measured.toNanos()) / TimeUnit.SECONDS.toNanos(1) * perSecond);
      List<Follower> followers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        RemoteLog log = RemoteLog.open(server.target());
        logs.add(log);
        Follower follower = new Follower(latencies, entries, countedFrom);
        followers.add(follower);
        log.subscribe(Set.of(STREAM), from, follower);
      }
      append(writer, entries, perSecond);
      for (Follower follower : followers) {
        follower.all.get(ENDING_SECONDS_MAX, TimeUnit.SECONDS);
      }
    } finally {
      logs.forEach(RemoteLog::close);
    }
    return latencies;
  }

  private static void append(RemoteLog writer, int entries, int perSecond) {
    List<CompletableFuture<?>> appends = new ArrayList<>();
    long start = System.nanoTime();
    long gap = TimeUnit.SECONDS.toNanos(1) / perSecond;
    for (int i = 0; i < entries; i++) {
      long due = start + i * gap;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      byte[] payload = new byte[ENTRY_BYTES];
      ByteBuffer.wrap(payload).putLong(System.nanoTime());
      appends.add(writer.append(AppendRequest.of(STREAM, Payload.wrap(payload))));
    }
    CompletableFuture.allOf(appends.toArray(CompletableFuture[]::new)).join();
  }

  private static final class Follower implements EntryListener {

    private final Histogram latencies;
    private final int entries;
    private final long countedFrom;
    private final CompletableFuture<Void> all = new CompletableFuture<>();
    private int received; // each call of the listener happens before the next

    Follower(Histogram latencies, int entries, long countedFrom) {
      this.latencies = latencies;
      this.entries = entries;
      this.countedFrom = countedFrom;
    }

    @Override
    public void onEntries(List<LogEntry> delivered) {
      long now = System.nanoTime();
      for (LogEntry entry : delivered) {
        long sent = ByteBuffer.wrap(entry.payload().toByteArray()).getLong();
        if (sent - countedFrom >= 0) {
          latencies.recordValue(Math.max(0, now - sent));
        }
      }
      received += delivered.size();
      if (received == entries) {
        all.complete(null);
      }
    }

    @Override
    public void onEnd(Throwable cause) {
      all.completeExceptionally(cause);
    }
  }
}
