package dev.milonga.log.grpc;

import dev.milonga.log.LogRefusedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.Failure;
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
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A connection over gRPC. All its events come on threads of the transport, which must not wait. */
final class GrpcLink implements Link {

  private static final Metadata.Key<byte[]> FAILURE =
      Metadata.Key.of("milonga-failure-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final Endpoint endpoint;
  private final ManagedChannel channel;
  private final LogGrpc.LogStub stub;

  // Written under this, which is held while something is sent: what was ended must not be sent to.
  private volatile @Nullable ClientCallStreamObserver<ClientFrame> requests; // set once
  private boolean ended;

  GrpcLink(Endpoint endpoint, ManagedChannel channel) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.stub = LogGrpc.newStub(channel);
  }

  /** Begins the conversation. */
  void converse(Events events) {
    stub.converse(
        new ClientResponseObserver<ClientFrame, ServerFrame>() {

          @Override
          public void beforeStart(ClientCallStreamObserver<ClientFrame> stream) {
            stream.setOnReadyHandler(events::onReady);
            synchronized (GrpcLink.this) {
              requests = stream;
            }
          }

          @Override
          public void onNext(ServerFrame frame) {
            events.onFrame(frame);
          }

          @Override
          public void onError(Throwable failure) {
            events.onEnd(problem(failure));
          }

          @Override
          public void onCompleted() {
            events.onEnd(again("it has ended the conversation", null));
          }
        });
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public boolean isReady() {
    ClientCallStreamObserver<ClientFrame> stream = requests;
    return stream != null && stream.isReady();
  }

  @Override
  public synchronized void send(ClientFrame frame) {
    ClientCallStreamObserver<ClientFrame> stream = requests;
    if (!ended && stream != null) {
      stream.onNext(frame);
    }
  }

  @Override
  public void end() {
    synchronized (this) {
      ended = true;
    }
    channel.shutdownNow();
  }

  @Override
  public void openSession(Answer<OpenSessionResponse> answer) {
    stub.openSession(OpenSessionRequest.getDefaultInstance(), single(answer));
  }

  @Override
  public void tails(TailsRequest request, Answer<TailsResponse> answer) {
    stub.tails(request, single(answer));
  }

  @Override
  public void trim(TrimRequest request, Answer<TrimResponse> answer) {
    stub.trim(request, single(answer));
  }

  private <T> StreamObserver<T> single(Answer<T> answer) {
    return new StreamObserver<>() {

      @Override
      public void onNext(T response) {
        answer.answered(response);
      }

      @Override
      public void onError(Throwable failure) {
        answer.failed(problem(failure));
      }

      @Override
      public void onCompleted() {
        // The answer was all.
      }
    };
  }

  @Override
  public void read(ReadRequest request, BatchListener listener) {
    stub.read(request, new BatchStream<>(listener, true));
  }

  @Override
  public void subscribe(SubscribeRequest request, BatchListener listener) {
    stub.subscribe(request, new BatchStream<>(listener, false));
  }

  private final class BatchStream<Q> implements ClientResponseObserver<Q, EntryBatch> {

    private final BatchListener listener;
    private final boolean allAtOnce;

    BatchStream(BatchListener listener, boolean allAtOnce) {
      this.listener = listener;
      this.allAtOnce = allAtOnce;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {
      if (!allAtOnce) {
        stream.disableAutoRequestWithInitial(1);
      }
      listener.onStart(
          new Batches() {
            @Override
            public void request(int count) {
              stream.request(count);
            }

            @Override
            public void cancel() {
              stream.cancel("not wanted any more", null);
            }
          });
    }

    @Override
    public void onNext(EntryBatch batch) {
      listener.onBatch(batch);
    }

    @Override
    public void onError(Throwable failure) {
      listener.onFailed(problem(failure));
    }

    @Override
    public void onCompleted() {
      listener.onCompleted();
    }
  }

  // ---- What has gone wrong.

  private LinkProblem again(String how, @Nullable Throwable cause) {
    return new LinkProblem(true, new LogUnavailableException(endpoint + ": " + how, cause), null);
  }

  private LinkProblem problem(Throwable thrown) {
    Status status = Status.fromThrowable(thrown);
    Metadata trailers = Status.trailersFromThrowable(thrown);
    byte[] told = trailers == null ? null : trailers.get(FAILURE);
    Optional<Failure> failure = told == null ? Optional.empty() : WireFormat.failure(told);
    if (failure.isPresent()) {
      return new LinkProblem(
          WireFormat.isPassing(failure.get()), WireFormat.failureOf(failure.get()), failure.get());
    }
    String how = describe(status);
    switch (status.getCode()) {
      case UNAUTHENTICATED:
        return refused("it does not know this client: " + how, thrown);
      case PERMISSION_DENIED:
        return refused("it does not allow that: " + how, thrown);
      case UNIMPLEMENTED:
        return refused("it is no log server, or of another version: " + how, thrown);
      default:
        return isRefusedByTls(status) ? refused(how, thrown) : again(how, thrown);
    }
  }

  private LinkProblem refused(String how, Throwable cause) {
    return new LinkProblem(false, new LogRefusedException(endpoint + ": " + how, cause), null);
  }

  private static boolean isRefusedByTls(Status status) {
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
    }
    return false;
  }

  // gRPC says "io exception", and its cause what it was.
  private static String describe(Status status) {
    StringBuilder words = new StringBuilder();
    words.append(status.getDescription() == null ? status.getCode() : status.getDescription());
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && words.indexOf(cause.getMessage()) < 0) {
        words.append(": ").append(cause.getMessage());
      }
    }
    return words.toString().replaceAll("\\s*\\R\\s*", " ");
  }
}
