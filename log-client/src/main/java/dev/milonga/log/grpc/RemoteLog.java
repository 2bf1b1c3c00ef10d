package dev.milonga.log.grpc;

import com.google.protobuf.ByteString;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.OpenSessionResponse;
import dev.milonga.log.wire.ReadRequest;
import dev.milonga.log.wire.TailsRequest;
import dev.milonga.log.wire.TailsResponse;
import dev.milonga.log.wire.TrimRequest;
import dev.milonga.log.wire.TrimResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A log that a server keeps, seen from another process.
 *
 * <pre>{@code
 * try (SharedLog log = RemoteLog.builder("log-1:7700,log-2:7700").open()) {
 *   LogPosition position = log.append(AppendRequest.of(stream, payload)).join();
 * }
 * }</pre>
 *
 * <p><b>When the connection breaks</b> it is made again, with the same server or another one of the
 * target, after pauses that grow up to a second. Appends that have a {@link
 * dev.milonga.log.RequestId} are sent again, in their order and before any later one, and take
 * effect once; those that have none fail with {@link LogUnavailableException} if they were under
 * way. Everything else is simply asked again. Subscriptions go on where they were.
 *
 * <p><b>Deadlines.</b> A call that has no answer within the {@linkplain Builder#timeout time-out}
 * fails with {@link LogUnavailableException}, whether or not a server can be reached. Whether an
 * append takes effect is then unknown; all other calls change nothing but {@link #trim}, which may.
 *
 * <p><b>Reading.</b> The server sends the entries of streams that are read near the tail without
 * being asked; they are kept within {@linkplain Builder#bufferBytesMax a bound}, and reads are
 * answered from there. Entries are checked by their checksums when they arrive.
 *
 * <p><b>Overload.</b> No call blocks, {@link #close} apart. When more bytes of appends have no
 * outcome than {@link Builder#waitingBytesMax}, further ones fail with {@link
 * dev.milonga.log.LogOverloadedException}.
 *
 * <p><b>Threads.</b> Futures are completed on a thread that receives from the network or on another
 * of this log, reads of what is in memory before they are returned. Listeners are called on threads
 * of their own.
 */
public final class RemoteLog implements SharedLog {

  private static final int APPEND_OVERHEAD_BYTES = 256;
  private static final long NEAR_THE_TAIL = 1 << 14; // positions
  private static final long LAST_APPENDS_NANOS_MAX = 5_000_000_000L;

  private final String target;
  private final Conversations conversations;
  private final StreamBuffers buffers;
  private final ClientEnvironment environment;
  private final long entryBytesMax; // of the server
  private final Set<RemoteSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed; // goes to true once

  RemoteLog(
      String target,
      Conversations conversations,
      StreamBuffers buffers,
      ClientEnvironment environment,
      long entryBytesMax) {
    this.target = target;
    this.conversations = conversations;
    this.buffers = buffers;
    this.environment = environment;
    this.entryBytesMax = entryBytesMax;
  }

  /**
   * Opens the log of the servers of that target, with the defaults of {@link #builder}.
   *
   * @param target {@code host:port}, or several with commas between
   * @throws IllegalArgumentException if the target is not of that form
   * @throws LogUnavailableException if no server could be reached; the message says why
   * @throws dev.milonga.log.LogRefusedException if they do not serve this client; likewise
   */
  public static RemoteLog open(String target) {
    return builder(target).open();
  }

  /**
   * A builder of a log that servers of that target keep.
   *
   * @param target {@code host:port}, or several with commas between
   * @throws IllegalArgumentException if it is not of that form
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return conversations.call(
        (link, call) ->
            link.openSession(
                answer(
                    link,
                    call,
                    (OpenSessionResponse opened) -> new SessionId(opened.getSession()))));
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return append(request, false);
  }

  @Override
  public CompletableFuture<LogPosition> appendBlocking(AppendRequest request) {
    return append(request, true);
  }

  private CompletableFuture<LogPosition> append(AppendRequest request, boolean waitedFor) {
    long bytes = size(request);
    if (bytes > entryBytesMax && !closed) {
      return CompletableFuture.failedFuture(new EntryTooLargeException(bytes, entryBytesMax));
    }
    return conversations.append(request, bytes + APPEND_OVERHEAD_BYTES, waitedFor);
  }

  private static long size(AppendRequest request) {
    // As the engine counts it: payload, 16 bytes for each stream and 8 for each key.
    long bytes = request.payload().size();
    List<StreamKeys> writes = request.writes();
    for (int i = 0; i < writes.size(); i++) {
      bytes += 2L * Long.BYTES + (long) Long.BYTES * writes.get(i).keys().size();
    }
    return bytes;
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return conversations.tail().thenApply(answer -> new LogPosition(answer.tail()));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return conversations.tail().thenApply(answer -> new LogPosition(answer.trimMark()));
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    List<StreamId> asked = List.copyOf(Set.copyOf(streams));
    TailsRequest.Builder request = TailsRequest.newBuilder();
    asked.forEach(stream -> request.addStreams(WireFormat.stream(stream)));
    TailsRequest tails = request.build();
    return conversations.call(
        (link, call) ->
            link.tails(
                tails,
                answer(
                    link,
                    call,
                    (TailsResponse response) -> {
                      Map<StreamId, LogPosition> found = new HashMap<>();
                      for (int i = 0; i < asked.size(); i++) {
                        found.put(asked.get(i), new LogPosition(response.getTails(i)));
                      }
                      return Map.copyOf(found);
                    })));
  }

  private static <A, T> Link.Answer<A> answer(
      Link link, PendingCall<T> call, Function<A, T> meaning) {
    return new Link.Answer<>() {

      @Override
      public void answered(A answer) {
        try {
          call.complete(meaning.apply(answer));
        } catch (RuntimeException e) {
          call.fail(new LogUnavailableException("the server has answered what makes no sense", e));
        }
      }

      @Override
      public void failed(LinkProblem problem) {
        call.failed(link, problem);
      }
    };
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreClosedException(name()));
    }
    long next = conversations.next();
    StreamBuffer buffer = buffers.find(stream);
    if (buffer != null && buffer.covers(from.value())) {
      if (from.value() < next) {
        return readNear(buffer, from, limit);
      }
      // Whether there is more by now only the server can tell; what there is it sends before.
      return conversations.tail().thenCompose(tail -> readUpTo(tail.tail(), buffer, from, limit));
    }
    return readFar(stream, from, limit);
  }

  private CompletableFuture<ReadBatch> readUpTo(
      long tail, StreamBuffer buffer, LogPosition from, ReadLimit limit) {
    return from.value() < tail
        ? readNear(buffer, from, limit)
        : CompletableFuture.completedFuture(new ReadBatch(List.of(), from));
  }

  private CompletableFuture<ReadBatch> readNear(
      StreamBuffer buffer, LogPosition from, ReadLimit limit) {
    long trimMark = conversations.trimMark();
    if (from.value() < trimMark) {
      return CompletableFuture.failedFuture(new TrimmedException(from, new LogPosition(trimMark)));
    }
    // The next position is read before the buffer, which then has all that is below.
    ReadBatch batch =
        buffer.read(from.value(), limit, conversations.next(), environment.nanoTime());
    return batch != null
        ? CompletableFuture.completedFuture(batch)
        : readFar(buffer.stream, from, limit);
  }

  private CompletableFuture<ReadBatch> readFar(StreamId stream, LogPosition from, ReadLimit limit) {
    watchIfNear(stream, from.value());
    CompletableFuture<ReadBatch> read = readFromServer(WireFormat.stream(stream), from, limit);
    read.thenAccept(batch -> watchIfNear(stream, batch.next().value()));
    return read;
  }

  private void watchIfNear(StreamId stream, long position) {
    if (position >= conversations.next() - NEAR_THE_TAIL) {
      StreamBuffer buffer = buffers.findOrMake(stream, environment.nanoTime());
      if (buffer != null) {
        conversations.watch(buffer);
      }
    }
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return readFromServer(ByteString.EMPTY, from, limit);
  }

  private CompletableFuture<ReadBatch> readFromServer(
      ByteString stream, LogPosition from, ReadLimit limit) {
    ReadRequest request =
        ReadRequest.newBuilder()
            .setStream(stream)
            .setFrom(from.value())
            .setEntriesMax(limit.entriesMax())
            .setBytesMax(limit.bytesMax())
            .build();
    return conversations.call(
        (link, call) -> link.read(request, new BatchesOfOneRead(link, call, from, limit)));
  }

  /** Collects what one attempt to read brings. Its methods are called one after the other. */
  private static final class BatchesOfOneRead implements Link.BatchListener {

    private final Link link;
    private final PendingCall<ReadBatch> call;
    private final LogPosition from;
    private final ReadLimit limit;
    private final List<LogEntry> entries = new ArrayList<>();
    private long bytes; // of their payloads
    private LogPosition next;
    private boolean full; // what comes now is more than was asked for

    BatchesOfOneRead(Link link, PendingCall<ReadBatch> call, LogPosition from, ReadLimit limit) {
      this.link = link;
      this.call = call;
      this.from = from;
      this.limit = limit;
      this.next = from;
    }

    @Override
    public void onStart(Link.Batches batches) {
      // All batches come by themselves.
    }

    @Override
    public void onBatch(EntryBatch batch) {
      try {
        for (LogEntry entry : RemoteSubscription.decode(batch)) {
          add(entry);
        }
        if (!full) {
          next = new LogPosition(Math.max(next.value(), batch.getNext()));
        }
      } catch (StoreException e) {
        call.fail(e);
      } catch (IllegalArgumentException e) {
        call.fail(new LogUnavailableException("the server has answered what makes no sense", e));
      }
    }

    // A server counts about as far as it was asked to.
    private void add(LogEntry entry) {
      int size = entry.payload().size();
      full |=
          !entries.isEmpty()
              && (entries.size() == limit.entriesMax() || bytes + size > limit.bytesMax());
      if (!full) {
        entries.add(entry);
        bytes += size;
        next = entry.position().next();
      }
    }

    @Override
    public void onCompleted() {
      call.complete(new ReadBatch(entries, next));
    }

    @Override
    public void onFailed(LinkProblem problem) {
      call.failed(link, problem, problem.causeOfRead(from));
    }
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    if (streams.isEmpty()) {
      throw new IllegalArgumentException(
          "a subscription is to at least one stream; none given (subscribeAll is to all)");
    }
    return start(List.copyOf(streams), from, listener);
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    return start(List.of(), from, listener);
  }

  private Subscription start(List<StreamId> streams, LogPosition from, EntryListener listener) {
    if (closed) {
      throw new StoreClosedException(name());
    }
    RemoteSubscription subscription =
        new RemoteSubscription(
            conversations,
            streams,
            from.value(),
            listener,
            environment.listeners(),
            subscriptions::remove);
    subscriptions.add(subscription);
    if (closed) {
      subscription.endAtOnce(new StoreClosedException(name())); // close() may have missed it
    } else {
      conversations.whenOpen(subscription);
    }
    return subscription;
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    TrimRequest request = TrimRequest.newBuilder().setBefore(before.value()).build();
    return conversations.call(
        (link, call) ->
            link.trim(
                request,
                answer(
                    link,
                    call,
                    (TrimResponse trimmed) -> {
                      conversations.raiseTrimMark(trimmed.getTrimMark());
                      return new LogPosition(trimmed.getTrimMark());
                    })));
  }

  /**
   * Ends all subscriptions and releases everything the log holds. Appends under way are waited for,
   * for a few seconds while there is a server; those that have no outcome then fail with {@link
   * LogUnavailableException}. Called from within a listener, or from an action that depends on a
   * future of this log, it does not wait. Closing twice does nothing.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Thread thread = Thread.currentThread();
    boolean waits = !environment.isOwn(thread) && !conversations.isCalling(thread);
    conversations.awaitQuiet(waits ? LAST_APPENDS_NANOS_MAX : 0);
    StoreClosedException end = new StoreClosedException(name());
    subscriptions.forEach(subscription -> subscription.endAtOnce(end));
    conversations.close();
    environment.close();
  }

  private String name() {
    return "the log of " + target;
  }

  @Override
  public String toString() {
    return name();
  }

  /** Collects how a log is reached. Not thread-safe. */
  public static final class Builder {

    private static final int TIMEOUT_SECONDS = 30;
    private static final int CONNECT_TIMEOUT_SECONDS = 30;

    private final String target;
    private final List<Endpoint> endpoints;
    private Duration timeout = Duration.ofSeconds(TIMEOUT_SECONDS);
    private Duration connectTimeout = Duration.ofSeconds(CONNECT_TIMEOUT_SECONDS);
    private long waitingBytesMax = 64L << 20;
    private long bufferBytesMax = 16L << 20;
    private boolean tls;
    private boolean insecure;
    private @Nullable Path trust;
    private @Nullable Path certificate;
    private @Nullable Path key;
    private @Nullable String token;
    private @Nullable Path tokenFile;

    private Builder(String target) {
      this.target = target;
      this.endpoints = Endpoint.parse(target);
    }

    /** After what time a call without an answer fails; 30 seconds unless given. More than zero. */
    public Builder timeout(Duration timeout) {
      this.timeout = positive("timeout", timeout);
      return this;
    }

    /** For how long {@link #open} looks for a server; 30 seconds unless given. More than zero. */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = positive("connectTimeout", connectTimeout);
      return this;
    }

    /** How many bytes of appends may wait for their outcomes; 64 MiB unless given. At least 1. */
    public Builder waitingBytesMax(long bytes) {
      this.waitingBytesMax = atLeastOne("waitingBytesMax", bytes);
      return this;
    }

    /**
     * How many bytes of entries that the server has sent without being asked are kept; 16 MiB
     * unless given. A single stream gets an eighth of it. At least 1.
     */
    public Builder bufferBytesMax(long bytes) {
      this.bufferBytesMax = atLeastOne("bufferBytesMax", bytes);
      return this;
    }

    /**
     * Uses TLS in any case. Without this it is used wherever a server of the target is not on this
     * machine, and when certificates are given.
     */
    public Builder tls() {
      this.tls = true;
      return this;
    }

    /**
     * Uses TLS, and trusts servers whose certificates are signed by one of those in that file
     * (PEM). Without this the authorities are trusted that Java trusts. Read again for each
     * connection.
     */
    public Builder trust(Path certificates) {
      this.trust = certificates;
      return this;
    }

    /**
     * Uses TLS, and shows servers that certificate. Both files are read again for each connection,
     * so that they can be replaced at any time.
     *
     * @param certificate a chain of X.509 certificates in PEM
     * @param key its private key, PKCS #8 in PEM, not encrypted
     */
    public Builder certificate(Path certificate, Path key) {
      this.certificate = certificate;
      this.key = key;
      return this;
    }

    /** Shows servers that token. It is sent over TLS, and over loopback, only. */
    public Builder token(String token) {
      this.token = checked(token);
      this.tokenFile = null;
      return this;
    }

    /** Shows servers the token in that file, which is read again for each connection. */
    public Builder tokenFile(Path file) {
      this.tokenFile = file;
      this.token = null;
      return this;
    }

    /**
     * Speaks without TLS to any server, in the clear: whoever is on the way reads and changes
     * whatever is said, a token included.
     */
    public Builder insecure() {
      this.insecure = true;
      return this;
    }

    /**
     * Opens the log: waits until a server is there.
     *
     * @throws LogUnavailableException if none could be reached in time; the message says why
     * @throws dev.milonga.log.LogRefusedException if they do not serve this client; likewise
     * @throws IllegalStateException if {@link #insecure} was given along with what needs TLS
     */
    public RemoteLog open() {
      return open(new GrpcDialer(security()), new ClientThreads());
    }

    RemoteLog open(Link.Dialer dialer, ClientEnvironment environment) {
      StreamBuffers buffers = new StreamBuffers(bufferBytesMax);
      Conversations conversations =
          new Conversations(endpoints, dialer, environment, timeout, waitingBytesMax, buffers);
      conversations.start();
      boolean opened = false;
      try {
        LogDescription log = awaitMet(conversations);
        opened = true;
        return new RemoteLog(target, conversations, buffers, environment, log.getEntryBytesMax());
      } finally {
        if (!opened) {
          conversations.close();
          environment.close();
        }
      }
    }

    private LogDescription awaitMet(Conversations conversations) {
      try {
        return conversations.met().get(connectTimeout.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof StoreException refused) {
          throw refused;
        }
        throw new LogUnavailableException("no server of " + target + " could be reached", e);
      } catch (TimeoutException e) {
        RuntimeException problem = conversations.lastProblem();
        throw new LogUnavailableException(
            "no server of "
                + target
                + " could be reached within "
                + connectTimeout
                + (problem == null ? "" : "; lately: " + problem.getMessage()),
            problem);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LogUnavailableException("interrupted while connecting to " + target, e);
      }
    }

    private GrpcDialer.Security security() {
      boolean always = tls || trust != null || certificate != null;
      if (always && insecure) {
        throw new IllegalStateException(
            "insecure() speaks without TLS, and tls(), trust() and certificate() ask for it; leave"
                + " out one or the other");
      }
      GrpcDialer.Security.Tls use =
          always
              ? GrpcDialer.Security.Tls.ALWAYS
              : insecure ? GrpcDialer.Security.Tls.NEVER : GrpcDialer.Security.Tls.BEYOND_LOOPBACK;
      return new GrpcDialer.Security(use, trust, certificate, key, token, tokenFile);
    }

    private static String checked(String token) {
      if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "a token is one or more visible ASCII characters without spaces; the one given is not");
      }
      return token;
    }

    private static Duration positive(String what, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException(what + " must be more than zero, was " + duration);
      }
      return duration;
    }

    private static long atLeastOne(String what, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be >= 1, was " + value);
      }
      return value;
    }

    @Override
    public String toString() {
      return "builder of the log of " + target; // and never the token
    }
  }
}
