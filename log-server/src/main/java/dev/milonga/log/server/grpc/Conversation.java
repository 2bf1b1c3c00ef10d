package dev.milonga.log.server.grpc;

import com.google.protobuf.ByteString;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.RequestId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.Opened;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.Own;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.Watching;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's conversation with the log: appends, tail queries and the entries of watched streams
 * on one ordered stream each way.
 *
 * <p><b>What is said when.</b> Whatever happens (a frame comes in, an append is decided, an entry
 * is offered, the client has read) leads to {@link #run}, which puts all there is to say into as
 * few frames as it can: first the entries of watched streams, up to a position; then the outcome of
 * every append below that position, and the answer to a tail query, if the tail was not beyond it
 * when the query came. So the client has every entry that an answer is about before the answer.
 *
 * <p><b>What is held.</b> Nothing is said to a client that does not read, and nothing more is read
 * from one of which too many bytes of appends are unanswered.
 *
 * <p><b>Threads.</b> All of it is done by the event loop of the connection, which is the thread
 * that calls for gRPC. Others only put outcomes into a queue, and wake it.
 */
final class Conversation implements StreamObserver<ClientFrame>, Runnable {

  private static final int PROTOCOL = 1;
  private static final int FRAME_BYTES_MAX = 256 << 10;
  private static final int FRAME_OUTCOMES_MAX = 4_096;
  private static final int APPEND_OVERHEAD_BYTES = 256;

  private final EmbeddedLog embedded;
  private final SharedLog log; // the same, on behalf of the caller
  private final Feed feed;
  private final LogDescription description;
  private final Caller caller;
  private final Limits limits;
  private final ServerCallStreamObserver<ServerFrame> out;
  private final Consumer<Conversation> onEnd;
  private final Wakeable wakeable;

  // Outcomes that other threads have put there, in the order in which they were decided.
  private final Queue<Decided> decided = new ConcurrentLinkedQueue<>();
  // An append's outcome is not known; never goes back. What comes after it could overtake it.
  private volatile boolean unknown;
  private volatile boolean draining; // never goes back

  // All below is of the event loop.
  private @Nullable Follower watched; // there once the client has opened
  private @Nullable Opened opened; // not told yet
  private final List<Watching> watching = new ArrayList<>(); // not told yet
  private final Map<RequestId, AppendRequest> own = new HashMap<>(); // whose outcome is not told
  private final ArrayDeque<Decided> unanswered = new ArrayDeque<>(); // taken from decided
  private int underWay; // appends whose outcome is not told
  private long underWayBytes; // of those appends
  private boolean reading = true; // a frame of the client was asked for
  private long lastNumber = -1;
  private Query query = Query.NONE; // the oldest that is not answered
  private Query laterQuery = Query.NONE; // the latest, if it is another
  private long next; // told; never goes back
  private long trimMark; // told; never goes back
  private boolean drainingTold;
  private boolean halfClosed;
  private boolean ended;

  /** What became of an append: its position, or why it has none. */
  private record Decided(
      long number,
      long bytes,
      @Nullable RequestId id,
      @Nullable LogPosition position,
      @Nullable Failure failure) {}

  /** A tail query, and a tail that the log had after it was received. */
  private record Query(long number, long tail) {
    static final Query NONE = new Query(0, 0);
  }

  Conversation(
      EmbeddedLog embedded,
      SharedLog log,
      Feed feed,
      LogDescription description,
      Caller caller,
      Limits limits,
      Executor loop,
      ServerCallStreamObserver<ServerFrame> out,
      Consumer<Conversation> onEnd) {
    this.embedded = embedded;
    this.log = log;
    this.feed = feed;
    this.description = description;
    this.caller = caller;
    this.limits = limits;
    this.out = out;
    this.onEnd = onEnd;
    this.wakeable = new Wakeable(loop, this);
    out.disableAutoRequest();
    out.setOnReadyThreshold(FRAME_BYTES_MAX);
    out.setOnReadyHandler(this);
    out.setOnCancelHandler(this::end);
    out.request(1);
  }

  // ---- What the client says.

  @Override
  public void onNext(ClientFrame frame) {
    if (ended) {
      return;
    }
    reading = false;
    try {
      take(frame);
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    run();
  }

  @Override
  public void onError(Throwable cancelled) {
    end();
  }

  @Override
  public void onCompleted() {
    halfClosed = true;
    run();
  }

  private void take(ClientFrame frame) {
    int bytes = frame.getSerializedSize();
    if (bytes > limits.messageBytesMax()) {
      throw Failures.status(
          Kind.OVERLOADED,
          "a message has at most "
              + limits.messageBytesMax()
              + " bytes, not "
              + bytes
              + "; send several, or raise the server's limit");
    }
    Follower follower = watched;
    if (follower == null) {
      follower = open(frame);
    } else {
      check(!frame.hasOpening(), "opening is for the first frame of a conversation");
      watch(frame, follower);
    }
    for (ByteString stream : frame.getUnwatchList()) {
      follower.unfollow(Wire.stream(stream));
    }
    List<Append> appends = frame.getAppendsList();
    check(
        appends.size() <= limits.appendsPerFrameMax(),
        "a frame of %s appends; at most %s",
        appends.size(),
        limits.appendsPerFrameMax());
    for (int i = 0; i < appends.size(); i++) {
      append(appends.get(i));
    }
    if (frame.getTailQuery() != 0) {
      ask(frame.getTailQuery());
    }
  }

  private Follower open(ClientFrame frame) {
    check(frame.hasOpening(), "the first frame of a conversation has an opening");
    Opening opening = frame.getOpening();
    check(
        opening.getProtocol() == PROTOCOL,
        "this server speaks version %s of the protocol, not %s",
        PROTOCOL,
        opening.getProtocol());
    if (!opening.getLog().isEmpty() && !opening.getLog().equals(description.getLog())) {
      throw Failures.status(
          Kind.ANOTHER_LOG,
          "this server has log "
              + embedded.identity()
              + ", not the one that the client has met; connect to that one, or start afresh");
    }
    long tail = feed.advance();
    long mark = Feed.trimMarkOf(embedded);
    long from = tail;
    if (opening.hasResumeFrom()) {
      long wanted = opening.getResumeFrom();
      if (wanted >= mark && wanted <= tail && tail - wanted <= limits.resumeEntriesMax()) {
        from = wanted;
      }
    }
    Follower follower = new Follower(embedded, feed, from, false, wakeable::wake);
    watched = follower;
    checkWatched(frame.getWatchCount());
    for (ByteString stream : frame.getWatchList()) {
      follower.followFromStart(Wire.stream(stream));
    }
    opened = Opened.newBuilder().setLog(description).setFrom(from).build();
    next = from;
    return follower;
  }

  private void watch(ClientFrame frame, Follower follower) {
    if (frame.getWatchCount() > 0) {
      checkWatched(follower.streams() + frame.getWatchCount());
    }
    for (ByteString bytes : frame.getWatchList()) {
      long from = follower.follow(Wire.stream(bytes));
      watching.add(Watching.newBuilder().setStream(bytes).setFrom(from).build());
    }
  }

  private void checkWatched(int streams) {
    if (streams > limits.watchedStreamsMax()) {
      throw Failures.status(
          Kind.OVERLOADED,
          "a conversation watches at most "
              + limits.watchedStreamsMax()
              + " streams, not "
              + streams
              + "; watch fewer, or raise the server's limit");
    }
  }

  private void ask(long number) {
    check(number > laterQuery.number(), "tail query %s after %s", number, laterQuery.number());
    Query asked = new Query(number, embedded.localTails().orElseThrow().tail());
    laterQuery = asked;
    if (query.number() == 0) {
      query = asked;
    }
  }

  private void append(Append append) {
    long number = append.getNumber();
    check(number > lastNumber, "append %s after %s", number, lastNumber);
    lastNumber = number;
    long bytes = append.getSerializedSize() + (long) APPEND_OVERHEAD_BYTES;
    underWay++;
    underWayBytes += bytes;
    Failure refused = refusal(append);
    if (refused != null) {
      decided.add(new Decided(number, bytes, null, null, refused));
      return;
    }
    AppendRequest request;
    try {
      request = Wire.request(append);
    } catch (IllegalArgumentException e) {
      decided.add(new Decided(number, bytes, null, null, Failures.of(e)));
      return;
    }
    RequestId id = request.requestId().orElse(null);
    if (id != null) {
      own.put(id, request);
    }
    log.append(request)
        .whenComplete((position, error) -> decide(number, bytes, id, position, error));
  }

  /** Why an append is not even looked at, if so. */
  private @Nullable Failure refusal(Append append) {
    if (!caller.may(Role.WRITE)) {
      return Failures.of(Kind.FORBIDDEN, caller.lacks("append", Role.WRITE));
    }
    if (draining) {
      return Failures.of(
          Kind.NOT_TAKEN, "the server is about to stop; send it again, here later or elsewhere");
    }
    if (unknown) {
      return Failures.of(
          Kind.NOT_TAKEN,
          "the outcome of an earlier append of this conversation is not known; send it again in"
              + " another one");
    }
    return limits.refusal(append);
  }

  // On a thread of the log, or in append().
  private void decide(
      long number,
      long bytes,
      @Nullable RequestId id,
      @Nullable LogPosition position,
      @Nullable Throwable error) {
    Failure failure = null;
    if (position == null) {
      Throwable cause = Failures.cause(error);
      failure = Failures.of(cause == null ? new AssertionError("no position and no error") : cause);
      if (failure.getKind() == Kind.OUTCOME_UNKNOWN) {
        unknown = true;
      }
    }
    decided.add(new Decided(number, bytes, id, position, failure));
    wakeable.wake();
  }

  /** Tells the client to go, and takes no more appends. On any thread. */
  void drain() {
    draining = true;
    wakeable.wake();
  }

  // ---- What is said to the client.

  /** Says what there is to say, as far as the client reads. */
  @Override
  public void run() {
    try {
      boolean more = watched != null && !ended;
      while (more && out.isReady()) {
        more = say();
      }
      if (!ended && watched != null) {
        listen();
        completeIfDone();
      } else if (!ended && halfClosed) {
        complete();
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Sends one frame, if there is something to say; whether there may be more. */
  private boolean say() {
    Follower follower = watched;
    if (follower == null) {
      return false;
    }
    ServerFrame.Builder frame = ServerFrame.newBuilder();
    boolean worthIt = false;
    if (opened != null) {
      frame.setOpened(opened);
      opened = null;
      worthIt = true;
    }
    if (draining && !drainingTold) {
      drainingTold = true;
      worthIt = true;
    }
    // Outcomes first, entries second: so that the entries of what was decided are taken with it.
    takeDecided();
    Follower.Batch batch = follower.take(FRAME_BYTES_MAX);
    next = Math.max(next, batch.next());
    for (int i = 0; i < batch.entries().size(); i++) {
      frame.addEntries(message(batch.entries().get(i)));
      worthIt = true;
    }
    if (!watching.isEmpty()) {
      frame.addAllWatching(watching);
      watching.clear();
      worthIt = true;
    }
    worthIt |= addOutcomes(frame);
    worthIt |= addAnswer(frame);
    long mark = Feed.trimMarkOf(embedded);
    if (mark > trimMark) {
      trimMark = mark;
      worthIt = true;
    }
    if (worthIt) {
      out.onNext(frame.setNext(next).setTrimMark(trimMark).setDraining(drainingTold).build());
    }
    return worthIt;
  }

  private Entry message(SharedEntry shared) {
    LogEntry entry = shared.entry();
    RequestId id = entry.requestId().orElse(null);
    AppendRequest request = id == null ? null : own.get(id);
    if (request == null
        || !request.payload().equals(entry.payload())
        || !request.writes().equals(entry.writes())) {
      return shared.message();
    }
    return Entry.newBuilder()
        .setPosition(shared.position())
        .setOwn(
            Own.newBuilder()
                .setSession(request.requestId().orElseThrow().session().value())
                .setSequence(request.requestId().orElseThrow().sequence())
                .setTimeMicros(entry.timeMicros()))
        .build();
  }

  private void takeDecided() {
    for (Decided outcome = decided.poll(); outcome != null; outcome = decided.poll()) {
      unanswered.add(outcome);
    }
  }

  private boolean addOutcomes(ServerFrame.Builder frame) {
    int before = frame.getOutcomesCount();
    Iterator<Decided> outcomes = unanswered.iterator();
    while (outcomes.hasNext() && frame.getOutcomesCount() < FRAME_OUTCOMES_MAX) {
      Decided outcome = outcomes.next();
      LogPosition position = outcome.position();
      if (position != null && position.value() >= next) {
        continue; // its entry has yet to come
      }
      outcomes.remove();
      underWay--;
      underWayBytes -= outcome.bytes();
      if (outcome.id() != null) {
        own.remove(outcome.id());
      }
      Outcome.Builder message = Outcome.newBuilder().setNumber(outcome.number());
      if (position != null) {
        message.setPosition(position.value());
      } else if (outcome.failure() != null) {
        message.setFailure(outcome.failure());
      }
      frame.addOutcomes(message);
    }
    return frame.getOutcomesCount() > before;
  }

  private boolean addAnswer(ServerFrame.Builder frame) {
    Query answered = Query.NONE;
    if (query.number() != 0 && query.tail() <= next) {
      answered = laterQuery.tail() <= next ? laterQuery : query;
      query = answered == laterQuery ? Query.NONE : laterQuery;
    }
    frame.setTailQuery(answered.number());
    return answered.number() != 0;
  }

  /** Asks for the client's next frame, unless too much of what it has said is unanswered. */
  private void listen() {
    if (!reading && !halfClosed && underWayBytes < limits.unansweredBytesMax()) {
      reading = true;
      out.request(1);
    }
  }

  private void completeIfDone() {
    if (halfClosed && underWay == 0 && query.number() == 0) {
      complete();
    }
  }

  /** Ends the conversation when all that was taken is answered. On any thread. */
  void endWhenAnswered() {
    wakeable.execute(
        () -> {
          halfClosed = true;
          run();
        });
  }

  private void complete() {
    end();
    out.onCompleted();
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
      if (watched != null) {
        watched.close();
      }
      onEnd.accept(this);
    }
  }

  private static void check(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(message, values));
    }
  }
}
