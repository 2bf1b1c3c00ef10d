package dev.milonga.log.server.grpc;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.SubscribeRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Sends the entries of some streams, or of all, as they come. When the log is trimmed, it tells the
 * client how far it has come, so that one that subscribes again does not ask for what is gone.
 * Owned by the event loop of the call.
 */
final class SubscribeCall implements Runnable {

  private static final int BATCH_BYTES_MAX = 256 << 10;

  private final EmbeddedLog log;
  private final ServerCallStreamObserver<EntryBatch> out;
  private final Consumer<SubscribeCall> onEnd;
  private final Wakeable wakeable;
  private final Follower follower;
  private long told; // the position that the client has been told
  private boolean ended;

  SubscribeCall(
      EmbeddedLog log,
      Feed feed,
      SubscribeRequest request,
      Executor loop,
      ServerCallStreamObserver<EntryBatch> out,
      Consumer<SubscribeCall> onEnd) {
    this.log = log;
    this.out = out;
    this.onEnd = onEnd;
    Set<StreamId> streams = Wire.streams(request.getStreamsList());
    LogPosition from = new LogPosition(request.getFrom());
    long trimMark = Feed.trimMarkOf(log);
    if (from.value() < trimMark) {
      throw new TrimmedException(from, new LogPosition(trimMark));
    }
    this.told = from.value();
    this.wakeable = new Wakeable(loop, this);
    this.follower = new Follower(log, feed, told, streams.isEmpty(), wakeable::wake);
    streams.forEach(follower::followFromStart);
    out.setOnReadyThreshold(BATCH_BYTES_MAX);
    out.setOnReadyHandler(this);
    out.setOnCancelHandler(this::end);
  }

  @Override
  public void run() {
    try {
      boolean more = !ended;
      while (more && out.isReady()) {
        more = send(follower.take(BATCH_BYTES_MAX));
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private boolean send(Follower.Batch batch) {
    boolean worthIt = !batch.entries().isEmpty() || told < Feed.trimMarkOf(log);
    if (worthIt && batch.next() > told) {
      EntryBatch.Builder message = EntryBatch.newBuilder().setNext(batch.next());
      batch.entries().forEach(entry -> message.addEntries(entry.message()));
      told = batch.next();
      out.onNext(message.build());
      return true;
    }
    return false;
  }

  /** Ends the call, so that the client subscribes again elsewhere. On any thread. */
  void drain() {
    wakeable.execute(() -> fail(Failures.status(Kind.NOT_TAKEN, "the server is about to stop")));
  }

  private void fail(RuntimeException error) {
    if (!ended) {
      end();
      out.onError(Failures.status(error));
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      follower.close();
      onEnd.accept(this);
    }
  }
}
