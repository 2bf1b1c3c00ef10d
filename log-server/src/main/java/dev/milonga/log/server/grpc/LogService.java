package dev.milonga.log.server.grpc;

import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.DescribeRequest;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.LogGrpc;
import dev.milonga.log.wire.OpenSessionRequest;
import dev.milonga.log.wire.OpenSessionResponse;
import dev.milonga.log.wire.ReadRequest;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.SubscribeRequest;
import dev.milonga.log.wire.TailsRequest;
import dev.milonga.log.wire.TailsResponse;
import dev.milonga.log.wire.TrimRequest;
import dev.milonga.log.wire.TrimResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** The calls of {@code log.proto}, on an embedded log. Called on event loops; never blocks. */
final class LogService extends LogGrpc.LogImplBase {

  private static final int PROTOCOL = 1;

  private final EmbeddedLog log;
  private final LocalTails tails;
  private final Feed feed;
  private final Limits limits;
  private final Supplier<Executor> loop; // that of the calling thread
  private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
  private final Set<SubscribeCall> subscriptions = ConcurrentHashMap.newKeySet();
  private volatile boolean draining; // set before the sets above are gone through; never goes back

  LogService(EmbeddedLog log, Feed feed, Limits limits, Supplier<Executor> loop) {
    this.log = log;
    this.tails = log.localTails().orElseThrow();
    this.feed = feed;
    this.limits = limits;
    this.loop = loop;
  }

  int conversations() {
    return conversations.size();
  }

  int subscriptions() {
    return subscriptions.size();
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<LogDescription> out) {
    out.onNext(description(Caller.KEY.get()));
    out.onCompleted();
  }

  private LogDescription description(Caller caller) {
    String version = LogServer.class.getPackage().getImplementationVersion();
    return LogDescription.newBuilder()
        .setLog(Wire.bytes(log.identity()))
        .setProtocol(PROTOCOL)
        .setEntryBytesMax(log.entryBytesMax())
        .setSessionTimeoutMicros(TimeUnit.MICROSECONDS.convert(log.sessionTimeout()))
        .setPrincipal(caller.principal())
        .setRole(caller.role().toString())
        .setServerVersion(version == null ? "" : version)
        .build();
  }

  // Nothing is subscribed to through it, so that nothing is left to be closed.
  private SharedLog onBehalfOf(Caller caller) {
    return caller.principal().isEmpty() ? log : log.actingFor(caller.principal());
  }

  @Override
  public void openSession(OpenSessionRequest request, StreamObserver<OpenSessionResponse> out) {
    answer(
        out,
        () -> onBehalfOf(Caller.KEY.get()).openSession(),
        session -> OpenSessionResponse.newBuilder().setSession(session.value()).build());
  }

  @Override
  public StreamObserver<ClientFrame> converse(StreamObserver<ServerFrame> out) {
    Caller caller = Caller.KEY.get();
    Conversation conversation =
        new Conversation(
            log,
            onBehalfOf(caller),
            feed,
            description(caller),
            caller,
            limits,
            loop.get(),
            (ServerCallStreamObserver<ServerFrame>) out,
            conversations::remove);
    conversations.add(conversation);
    if (draining) {
      conversation.drain();
    }
    return conversation;
  }

  @Override
  public void read(ReadRequest request, StreamObserver<EntryBatch> out) {
    try {
      new ReadCall(
              log, tails.tail(), request, loop.get(), (ServerCallStreamObserver<EntryBatch>) out)
          .run();
    } catch (RuntimeException e) {
      out.onError(Failures.status(e));
    }
  }

  @Override
  public void subscribe(SubscribeRequest request, StreamObserver<EntryBatch> out) {
    try {
      checkStreams(request.getStreamsCount());
      SubscribeCall call =
          new SubscribeCall(
              log,
              feed,
              request,
              loop.get(),
              (ServerCallStreamObserver<EntryBatch>) out,
              subscriptions::remove);
      subscriptions.add(call);
      if (draining) {
        call.drain();
      }
      call.run();
    } catch (RuntimeException e) {
      out.onError(Failures.status(e));
    }
  }

  @Override
  public void tails(TailsRequest request, StreamObserver<TailsResponse> out) {
    answer(
        out,
        () -> {
          checkStreams(request.getStreamsCount());
          return tailsOf(request);
        },
        response -> response);
  }

  // The log's tail is read first: every entry of a stream below it is counted in the stream's.
  private CompletableFuture<TailsResponse> tailsOf(TailsRequest request) {
    Set<StreamId> streams = Wire.streams(request.getStreamsList());
    return log.tail()
        .thenCombine(
            log.tail(streams), (tail, tailsOfStreams) -> tails(request, tail, tailsOfStreams));
  }

  private TailsResponse tails(
      TailsRequest request, LogPosition tail, Map<StreamId, LogPosition> tailsOfStreams) {
    TailsResponse.Builder response = TailsResponse.newBuilder().setTrimMark(Feed.trimMarkOf(log));
    long last = tail.value();
    for (int i = 0; i < request.getStreamsCount(); i++) {
      LogPosition end = tailsOfStreams.get(Wire.stream(request.getStreams(i)));
      response.addTails(end == null ? 0 : end.value());
      last = end == null ? last : Math.max(last, end.value());
    }
    return response.setTail(last).build();
  }

  private void checkStreams(int streams) {
    if (streams > limits.watchedStreamsMax()) {
      throw Failures.status(
          Kind.OVERLOADED,
          "a call names at most "
              + limits.watchedStreamsMax()
              + " streams, not "
              + streams
              + "; name fewer, or raise the server's limit");
    }
  }

  @Override
  public void trim(TrimRequest request, StreamObserver<TrimResponse> out) {
    answer(
        out,
        () -> log.trim(new LogPosition(request.getBefore())),
        mark -> TrimResponse.newBuilder().setTrimMark(mark.value()).build());
  }

  private static <T, R> void answer(
      StreamObserver<R> out, Supplier<CompletableFuture<T>> call, Function<T, R> response) {
    CompletableFuture<T> result;
    try {
      result = call.get();
    } catch (RuntimeException e) {
      out.onError(Failures.status(e));
      return;
    }
    result.whenComplete(
        (value, error) -> {
          Throwable cause = Failures.cause(error);
          if (cause != null) {
            out.onError(Failures.status(cause));
          } else {
            out.onNext(response.apply(value));
            out.onCompleted();
          }
        });
  }

  /** Tells everybody to go elsewhere, and takes no more appends. */
  void drain() {
    draining = true;
    conversations.forEach(Conversation::drain);
    subscriptions.forEach(SubscribeCall::drain);
  }

  /** Ends conversations whose clients do not, each when all that was taken is answered. */
  void endConversations() {
    conversations.forEach(Conversation::endWhenAnswered);
  }
}
