package dev.milonga.log.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.LogGrpc;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.StreamKeys;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A client's side of a conversation, frame by frame. Used by one thread. */
final class Talk implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;

  private final LinkedBlockingQueue<ServerFrame> incoming = new LinkedBlockingQueue<>();
  private final CompletableFuture<Throwable> end = new CompletableFuture<>();
  private final List<ServerFrame> said = new ArrayList<>();
  private final ClientCallStreamObserver<ClientFrame> out;
  private long number;

  /** A conversation whose client reads whatever comes. */
  Talk(Channel channel) {
    this(channel, Integer.MAX_VALUE);
  }

  /** A conversation whose client reads that many frames until {@link #read} is called. */
  Talk(Channel channel, int framesRead) {
    Listener listener = new Listener(framesRead);
    LogGrpc.newStub(channel).converse(listener);
    this.out = listener.out.join();
  }

  private final class Listener implements ClientResponseObserver<ClientFrame, ServerFrame> {
    final CompletableFuture<ClientCallStreamObserver<ClientFrame>> out = new CompletableFuture<>();
    private final int framesRead;

    Listener(int framesRead) {
      this.framesRead = framesRead;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ClientFrame> request) {
      request.disableAutoRequestWithInitial(framesRead);
      out.complete(request);
    }

    @Override
    public void onNext(ServerFrame frame) {
      incoming.add(frame);
    }

    @Override
    public void onError(Throwable error) {
      end.complete(error);
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK.asRuntimeException());
    }
  }

  static ByteString bytes(StreamId stream) {
    return UnsafeByteOperations.unsafeWrap(
        ByteBuffer.allocate(16).putLong(stream.high()).putLong(stream.low()).flip());
  }

  /** Opens, watching those streams, and returns the first frame. */
  ServerFrame open(StreamId... watched) {
    return open(Opening.newBuilder().setProtocol(1), watched);
  }

  ServerFrame open(Opening.Builder opening, StreamId... watched) {
    ClientFrame.Builder frame = ClientFrame.newBuilder().setOpening(opening);
    for (StreamId stream : watched) {
      frame.addWatch(bytes(stream));
    }
    say(frame);
    return next();
  }

  void say(ClientFrame.Builder frame) {
    out.onNext(frame.build());
  }

  /** An append of the next number. */
  Append.Builder append(String payload, StreamId... streams) {
    Append.Builder append =
        Append.newBuilder().setNumber(++number).setPayload(ByteString.copyFromUtf8(payload));
    for (StreamId stream : streams) {
      append.addWrites(StreamKeys.newBuilder().setStream(bytes(stream)));
    }
    return append;
  }

  /** Sends an append and returns its outcome. */
  Outcome appended(Append.Builder append) {
    say(ClientFrame.newBuilder().addAppends(append));
    return outcome(append.getNumber());
  }

  /** The outcome of that append, which is waited for. */
  Outcome outcome(long wanted) {
    return until(frame -> outcomeIn(frame, wanted) != null).getOutcomesList().stream()
        .filter(outcome -> outcome.getNumber() == wanted)
        .findFirst()
        .orElseThrow();
  }

  private static @Nullable Outcome outcomeIn(ServerFrame frame, long number) {
    return frame.getOutcomesList().stream()
        .filter(outcome -> outcome.getNumber() == number)
        .findFirst()
        .orElse(null);
  }

  /** Asks for the tail and returns the frame that answers. */
  ServerFrame tail(long query) {
    say(ClientFrame.newBuilder().setTailQuery(query));
    return until(frame -> frame.getTailQuery() >= query);
  }

  /** The next frame. */
  ServerFrame next() {
    try {
      ServerFrame frame = incoming.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("the server says nothing; it has said " + said + ", end " + end);
      }
      said.add(frame);
      return frame;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The first frame from the next one on that is so. */
  ServerFrame until(Predicate<ServerFrame> wanted) {
    ServerFrame frame = next();
    while (!wanted.test(frame)) {
      frame = next();
    }
    return frame;
  }

  /** Whether nothing has come that was not taken. */
  boolean heardNothing() {
    return incoming.isEmpty() && !end.isDone();
  }

  /** All frames that were taken. */
  List<ServerFrame> said() {
    return said;
  }

  /** The entries of all frames that were taken. */
  List<Entry> entries() {
    return said.stream().flatMap(frame -> frame.getEntriesList().stream()).toList();
  }

  static LogEntry decoded(Entry entry) {
    return EntryFormat.decode(
        new LogPosition(entry.getPosition()), entry.getContent().toByteArray());
  }

  static String payload(Entry entry) {
    return new String(decoded(entry).payload().array(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Reads that many frames more. */
  void read(int frames) {
    out.request(frames);
  }

  boolean isReady() {
    return out.isReady();
  }

  void halfClose() {
    out.onCompleted();
  }

  /** How the server has ended it, which is waited for. */
  Status end() {
    try {
      return Status.fromThrowable(end.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } catch (Exception e) {
      throw new AssertionError("the server does not end the conversation", e);
    }
  }

  /** With which exception the server has ended it. */
  Throwable failure() {
    end();
    return end.join();
  }

  @Override
  public void close() {
    out.cancel("closed", null);
  }
}
