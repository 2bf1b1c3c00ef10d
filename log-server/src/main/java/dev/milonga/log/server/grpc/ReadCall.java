package dev.milonga.log.server.grpc;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.ReadRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends the entries of a range, as fast as the client reads. Owned by the event loop of the call;
 * what has to be read from disk is read and encoded by a thread of the log.
 */
final class ReadCall implements Runnable {

  private static final int BATCH_ENTRIES_MAX = 1_024;
  private static final int BATCH_BYTES_MAX = 256 << 10;

  private final SharedLog log;
  private final @Nullable StreamId stream; // null for all
  private final ServerCallStreamObserver<EntryBatch> out;
  private final Wakeable wakeable;
  private final long end; // the tail when the call came
  private long next; // every entry asked for below was sent
  private long entriesLeft;
  private long bytesLeft;
  private @Nullable CompletableFuture<Encoded> reading;
  private boolean ended;

  /** A batch, ready to be sent, and how much of the limits it takes. */
  private record Encoded(EntryBatch batch, int entries, long bytes) {}

  ReadCall(
      SharedLog log,
      long tail,
      ReadRequest request,
      Executor loop,
      ServerCallStreamObserver<EntryBatch> out) {
    this.log = log;
    this.out = out;
    this.stream = request.getStream().isEmpty() ? null : Wire.stream(request.getStream());
    this.next = new LogPosition(request.getFrom()).value();
    this.end = tail;
    this.entriesLeft = limit(request.getEntriesMax());
    this.bytesLeft = limit(request.getBytesMax());
    this.wakeable = new Wakeable(loop, this);
    out.setOnReadyThreshold(BATCH_BYTES_MAX);
    out.setOnReadyHandler(this);
    out.setOnCancelHandler(() -> ended = true);
  }

  private static long limit(long asked) {
    return asked == 0 ? Long.MAX_VALUE : asked & Long.MAX_VALUE; // unsigned on the wire
  }

  @Override
  public void run() {
    try {
      while (!ended && out.isReady()) {
        CompletableFuture<Encoded> batch = reading == null ? read() : reading;
        if (!batch.isDone()) {
          return;
        }
        reading = null;
        send(Failures.join(batch));
      }
    } catch (RuntimeException e) {
      ended = true;
      out.onError(Failures.status(e));
    }
  }

  private CompletableFuture<Encoded> read() {
    ReadLimit limit =
        new ReadLimit(
            (int) Math.min(BATCH_ENTRIES_MAX, entriesLeft), Math.min(BATCH_BYTES_MAX, bytesLeft));
    LogPosition from = new LogPosition(next);
    CompletableFuture<Encoded> batch =
        (stream == null ? log.readAll(from, limit) : log.read(stream, from, limit))
            .thenApply(ReadCall::encoded);
    if (!batch.isDone()) {
      reading = batch;
      batch.whenComplete((encoded, error) -> wakeable.wake());
    }
    return batch;
  }

  private static Encoded encoded(ReadBatch batch) {
    EntryBatch.Builder message = EntryBatch.newBuilder().setNext(batch.next().value());
    long bytes = 0;
    for (LogEntry entry : batch.entries()) {
      message.addEntries(Wire.entry(entry));
      bytes += entry.payload().size();
    }
    return new Encoded(message.build(), batch.entries().size(), bytes);
  }

  private void send(Encoded encoded) {
    next = encoded.batch().getNext();
    entriesLeft -= encoded.entries();
    bytesLeft -= encoded.bytes();
    out.onNext(encoded.batch());
    if (next >= end || entriesLeft <= 0 || bytesLeft <= 0) {
      ended = true;
      out.onCompleted();
    }
  }
}
