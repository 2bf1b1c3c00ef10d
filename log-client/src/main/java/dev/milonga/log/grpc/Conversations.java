package dev.milonga.log.grpc;

import com.google.protobuf.ByteString;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogRefusedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Principal;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.Opened;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.Own;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.Watching;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conversations of one client with the servers of its log, one after the other.
 *
 * <p><b>Appends.</b> Each stands in one of two lines: {@code unsent}, and {@code sent} in the
 * present conversation. When a conversation ends, those sent and not answered go back to the front
 * of the other line in their order, so that they are sent again before anything newer; those that
 * have no identity fail, unless the server has said that it has not taken them.
 *
 * <p><b>Tails.</b> A frame that leaves takes along a query for all who wait for a tail at that
 * moment. Whoever comes later waits for a later query: the answer to an earlier one may be a tail
 * from before the call.
 *
 * <p><b>Leaving.</b> When the server drains, or has not taken an append, nothing more is sent; when
 * it has said something about every append that it was sent, the conversation is ended and another
 * begun.
 *
 * <p>Thread-safe. Futures are completed without any lock, on the thread that brings the outcome, or
 * on one for that purpose if there are many.
 */
final class Conversations {

  private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

  private static final int PROTOCOL = 1;
  private static final long MILLI = 1_000_000L;
  private static final long ATTEMPT_NANOS_MAX = 10_000 * MILLI; // a first one loads Netty
  private static final long SILENCE_NANOS_MAX = 5_000 * MILLI; // before, and after, it is asked
  private static final long LEAVING_NANOS_MAX = 5_000 * MILLI;
  private static final long UNUSED_NANOS_MAX = 60_000 * MILLI;
  private static final long BACKOFF_FIRST_NANOS = 20 * MILLI;
  private static final long BACKOFF_NANOS_MAX = 1_000 * MILLI;
  private static final long TICK_NANOS_MAX = 500 * MILLI;
  private static final int TICKS_PER_TIMEOUT = 20;
  private static final int FRAME_APPENDS_MAX = 4_096;
  private static final long FRAME_BYTES_MAX = 1 << 20;
  private static final int FRAMES_BY_CALLER_MAX = 4;
  private static final int COMPLETED_AT_ONCE_MAX = 2;

  private final List<Endpoint> endpoints;
  private final Link.Dialer dialer;
  private final ClientEnvironment environment;
  private final long timeoutNanos;
  private final long waitingBytesMax;
  private final StreamBuffers buffers;
  private final Backoff backoff; // guarded by lock

  // Held while a frame is taken in. No other lock is held when it is taken; nothing is waited for
  // under it.
  private final ReentrantLock receiving = new ReentrantLock();

  // Guards all fields that are not said to be otherwise. Nothing is called under it but what
  // computes.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition quiet = lock.newCondition();

  private final ArrayDeque<PendingAppend> unsent = new ArrayDeque<>(); // in the order of the calls
  private final SentAppends sent = new SentAppends();
  private long waitingBytes; // of both
  private List<PendingTail> waitingTails = new ArrayList<>();
  private final ArrayDeque<SentQuery> sentQueries = new ArrayDeque<>();
  private List<StreamId> toWatch = new ArrayList<>();
  private List<StreamId> toUnwatch = new ArrayList<>();
  private final Set<Guest> waitingGuests = new LinkedHashSet<>();
  private @Nullable Conversation current; // the conversation, be it only about to begin
  private int turn; // which endpoint is next
  private int failures; // attempts since the last conversation
  private int refusals; // of those, in a row, that were refused for good
  private @Nullable RuntimeException lastProblem;
  private boolean closing; // goes to true once: takes nothing more
  private boolean closed; // goes to true once, after closing

  private final Set<PendingCall<?>> calls = ConcurrentHashMap.newKeySet(); // not completed
  private final CompletableFuture<LogDescription> met = new CompletableFuture<>();
  private volatile @Nullable LogDescription known; // written once, under both locks
  private final AtomicInteger flushing = new AtomicInteger(); // who raises it from 0 sends frames

  // Every entry of a watched stream below it has been received. Only raised, under receiving, after
  // the buffers have the entries; read by anyone.
  private volatile long next;
  private volatile long trimMark; // the latest that is known; only raised
  private volatile @Nullable Thread calling; // one that completes futures on behalf of a link

  private record SentQuery(long number, List<PendingTail> waiters) {}

  /** What leaves in one frame. */
  private record Parcel(
      Conversation conversation,
      Link link,
      List<PendingAppend> appends,
      long tailQuery,
      List<StreamId> watch,
      List<StreamId> unwatch) {}

  Conversations(
      List<Endpoint> endpoints,
      Link.Dialer dialer,
      ClientEnvironment environment,
      Duration timeout,
      long waitingBytesMax,
      StreamBuffers buffers) {
    this.endpoints = endpoints;
    this.dialer = dialer;
    this.environment = environment;
    this.timeoutNanos = timeout.toNanos();
    this.waitingBytesMax = waitingBytesMax;
    this.buffers = buffers;
    this.backoff = new Backoff(BACKOFF_FIRST_NANOS, BACKOFF_NANOS_MAX, environment.random());
  }

  /** Begins to look for a server. */
  void start() {
    environment.schedule(0, this::dial);
    scheduleTick();
  }

  /** What the first server has said of itself; or why every one of them refuses. */
  CompletableFuture<LogDescription> met() {
    return met;
  }

  /** What kept the latest attempt from succeeding, or ended the latest conversation. */
  @Nullable RuntimeException lastProblem() {
    lock.lock();
    try {
      return lastProblem;
    } finally {
      lock.unlock();
    }
  }

  // ---- What callers ask for.

  long deadline() {
    return environment.nanoTime() + timeoutNanos;
  }

  /** Every entry of a watched stream below it is in its buffer, or has been dropped from there. */
  long next() {
    return next;
  }

  long trimMark() {
    return trimMark;
  }

  /** Notes a trim mark that somebody else has learnt. */
  void raiseTrimMark(long mark) {
    lock.lock();
    try {
      if (mark > trimMark) {
        trimMark = mark;
      }
    } finally {
      lock.unlock();
    }
  }

  CompletableFuture<LogPosition> append(AppendRequest request, long bytes, boolean waitedFor) {
    PendingAppend append = new PendingAppend(request, bytes, deadline(), waitedFor);
    lock.lock();
    try {
      if (closing) {
        return CompletableFuture.failedFuture(closedException());
      }
      if (waitingBytes > 0 && waitingBytes + bytes > waitingBytesMax) {
        return CompletableFuture.failedFuture(
            new LogOverloadedException(waitingBytes + bytes, waitingBytesMax));
      }
      waitingBytes += bytes;
      unsent.addLast(append);
    } finally {
      lock.unlock();
    }
    flush();
    return append;
  }

  /** A tail, and a trim mark, that the log has after this call began. */
  CompletableFuture<TailAnswer> tail() {
    PendingTail tail = new PendingTail(deadline());
    lock.lock();
    try {
      if (closing) {
        return CompletableFuture.failedFuture(closedException());
      }
      waitingTails.add(tail);
    } finally {
      lock.unlock();
    }
    flush();
    return tail;
  }

  /** Has the server send the entries of a stream from now on. */
  void watch(StreamBuffer buffer) {
    if (!buffer.give()) {
      return;
    }
    lock.lock();
    try {
      toWatch.add(buffer.stream);
    } finally {
      lock.unlock();
    }
    flush();
  }

  /** Makes a call, over this connection or later ones, until its deadline. */
  <T> CompletableFuture<T> call(PendingCall.Attempt<T> attempt) {
    PendingCall<T> call = new PendingCall<>(this, deadline(), attempt);
    calls.add(call);
    call.whenComplete((answer, failure) -> calls.remove(call));
    whenOpen(call);
    return call;
  }

  /** Starts it as soon as there is a server. */
  void whenOpen(Guest guest) {
    Link link = null;
    boolean refused;
    lock.lock();
    try {
      refused = closing;
      if (!refused) {
        link = openLink();
        if (link == null) {
          waitingGuests.add(guest);
        }
      }
    } finally {
      lock.unlock();
    }
    if (refused) {
      guest.fail(closedException());
    } else if (link != null) {
      guest.start(link);
    }
  }

  /** Starts it again, since that link has failed it: with another one, or a little later. */
  void again(Guest guest, Link failed) {
    boolean sameLink;
    lock.lock();
    try {
      sameLink = openLink() == failed;
    } finally {
      lock.unlock();
    }
    if (sameLink) {
      environment.schedule(BACKOFF_FIRST_NANOS, () -> whenOpen(guest));
    } else {
      whenOpen(guest);
    }
  }

  /** Starts it no more. */
  void forget(Guest guest) {
    lock.lock();
    try {
      waitingGuests.remove(guest);
    } finally {
      lock.unlock();
    }
  }

  // Under lock.
  private @Nullable Link openLink() {
    Conversation conversation = current;
    return conversation != null && conversation.isOpen() ? conversation.link : null;
  }

  // ---- Sending.

  /** Sends what waits, if it can be sent now and no other thread is at it. */
  private void flush() {
    if (flushing.getAndIncrement() == 0) {
      sendAll();
    }
  }

  // Who calls this has raised flushing from 0. A caller is not kept at it while others go on
  // asking.
  private void sendAll() {
    int frames = 0;
    int seen;
    do {
      seen = flushing.get();
      for (Parcel parcel = take(); parcel != null; parcel = take()) {
        if (frames++ == FRAMES_BY_CALLER_MAX) {
          Parcel first = parcel;
          // Not where outcomes are told: a continuation there that waits for an append would wait
          // for what stands behind it.
          handOver(
              environment.listeners(),
              () -> {
                send(first);
                sendAll();
              });
          return;
        }
        send(parcel);
      }
    } while (flushing.addAndGet(-seen) != 0);
  }

  private static void handOver(Executor executor, Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      task.run(); // closed: there is not much left to do
    }
  }

  private @Nullable Parcel take() {
    lock.lock();
    try {
      Conversation conversation = current;
      if (conversation == null || !conversation.isOpen()) {
        return null;
      }
      if (unsent.isEmpty()
          && waitingTails.isEmpty()
          && toWatch.isEmpty()
          && toUnwatch.isEmpty()
          && !conversation.isToBeAsked) {
        return null;
      }
      Link link = conversation.link;
      if (link == null || !link.isReady()) {
        return null; // onReady follows
      }
      return new Parcel(
          conversation,
          link,
          takeAppends(),
          takeTails(conversation),
          takeToWatch(),
          takeToUnwatch());
    } finally {
      lock.unlock();
    }
  }

  private List<PendingAppend> takeAppends() {
    if (unsent.isEmpty()) {
      return List.of();
    }
    List<PendingAppend> taken = new ArrayList<>(Math.min(unsent.size(), FRAME_APPENDS_MAX));
    long bytes = 0;
    while (!unsent.isEmpty()
        && taken.size() < FRAME_APPENDS_MAX
        && (taken.isEmpty() || bytes + unsent.getFirst().bytes <= FRAME_BYTES_MAX)) {
      PendingAppend append = unsent.removeFirst();
      bytes += append.bytes;
      sent.add(append);
      taken.add(append);
    }
    return taken;
  }

  private long takeTails(Conversation conversation) {
    if (waitingTails.isEmpty() && !conversation.isToBeAsked) {
      return 0;
    }
    conversation.isToBeAsked = false;
    long number = ++conversation.queries;
    sentQueries.addLast(new SentQuery(number, waitingTails));
    waitingTails = new ArrayList<>();
    return number;
  }

  // What is to be watched again is so in a frame after the one that ends the first watch.
  private List<StreamId> takeToWatch() {
    if (toWatch.isEmpty() || !toUnwatch.isEmpty()) {
      return List.of();
    }
    List<StreamId> taken = toWatch;
    toWatch = new ArrayList<>();
    return taken;
  }

  private List<StreamId> takeToUnwatch() {
    if (toUnwatch.isEmpty()) {
      return List.of();
    }
    List<StreamId> taken = toUnwatch;
    toUnwatch = new ArrayList<>();
    return taken;
  }

  private void send(Parcel parcel) {
    try {
      ClientFrame.Builder frame = ClientFrame.newBuilder().setTailQuery(parcel.tailQuery);
      for (PendingAppend append : parcel.appends) {
        frame.addAppends(WireFormat.append(append));
      }
      parcel.watch.forEach(stream -> frame.addWatch(WireFormat.stream(stream)));
      parcel.unwatch.forEach(stream -> frame.addUnwatch(WireFormat.stream(stream)));
      parcel.link.send(frame.build());
    } catch (RuntimeException e) {
      LOG.warn("sending to {} failed", parcel.conversation.endpoint, e);
      parcel.conversation.broke("sending to it failed: " + e, e);
    }
  }

  // ---- Connecting.

  private void dial() {
    Conversation conversation;
    lock.lock();
    try {
      if (closed || current != null) {
        return;
      }
      Endpoint endpoint = endpoints.get(turn % endpoints.size());
      conversation = new Conversation(endpoint, environment.nanoTime());
      current = conversation;
    } finally {
      lock.unlock();
    }
    Opening opening;
    List<StreamId> watched;
    receiving.lock(); // until now a frame of the last conversation may have been taken in
    try {
      Opening.Builder builder = Opening.newBuilder().setProtocol(PROTOCOL);
      LogDescription expected = known;
      if (expected != null) {
        builder.setLog(expected.getLog()).setResumeFrom(next);
      }
      opening = builder.build();
      watched = buffers.watched();
    } finally {
      receiving.unlock();
    }
    dialer.dial(conversation.endpoint, conversation, conversation::startedWith);
    ClientFrame.Builder frame = ClientFrame.newBuilder().setOpening(opening);
    watched.forEach(stream -> frame.addWatch(WireFormat.stream(stream)));
    conversation.open(frame.build());
  }

  /** One conversation. Its fields are guarded by lock, unless said otherwise. */
  private final class Conversation implements Link.Events {

    final Endpoint endpoint;
    final long begunNanos;

    @Nullable Link link; // set before any event; null if it could not even be begun

    boolean opened; // the server has answered
    @Nullable Principal principal; // who this client is to the server; null if it asks nobody
    boolean leaving; // nothing more is to be sent
    long leavingNanos; // since when
    boolean isToBeAsked; // whether it still answers
    long askedNanos; // since when, if an answer is awaited
    boolean asked;
    long queries; // the number of the last
    volatile long heardNanos; // when the last frame came; written by events

    Conversation(Endpoint endpoint, long nowNanos) {
      this.endpoint = endpoint;
      this.begunNanos = nowNanos;
      this.heardNanos = nowNanos;
    }

    boolean isOpen() {
      return opened && !leaving;
    }

    void startedWith(Link link) {
      lock.lock();
      try {
        this.link = link;
      } finally {
        lock.unlock();
      }
    }

    void open(ClientFrame frame) {
      Link begun;
      boolean isCurrent;
      lock.lock();
      try {
        begun = link;
        isCurrent = current == this;
      } finally {
        lock.unlock();
      }
      if (begun != null && isCurrent) {
        begun.send(frame);
      } else if (begun != null) {
        begun.end(); // it is over, or the client closed
      }
    }

    @Override
    public void onReady() {
      flush();
    }

    @Override
    public void onEnd(LinkProblem problem) {
      ended(this, problem);
    }

    @Override
    public void onFrame(ServerFrame frame) {
      heardNanos = environment.nanoTime();
      Settled settled = new Settled();
      boolean isOver;
      try {
        isOver = !takeIn(this, frame, settled);
      } catch (LogRefusedException e) {
        ended(this, new LinkProblem(false, e, null));
        return;
      } catch (RuntimeException e) {
        LOG.warn("{} has said what makes no sense", endpoint, e);
        broke("it has said what makes no sense: " + e.getMessage(), e);
        isOver = false;
      }
      settled.complete();
      if (isOver) {
        ended(
            this,
            new LinkProblem(
                true,
                new LogUnavailableException(endpoint + " takes no more appends", null),
                null));
      } else {
        flush();
      }
    }

    void broke(String how, @Nullable Throwable cause) {
      ended(
          this,
          new LinkProblem(true, new LogUnavailableException(endpoint + ": " + how, cause), null));
    }
  }

  /** The end of a conversation, or of an attempt to begin one. */
  private void ended(Conversation conversation, LinkProblem problem) {
    List<PendingAppend> failed = new ArrayList<>();
    Refused refused = null;
    long delay;
    @Nullable Link link;
    lock.lock();
    try {
      if (current != conversation) {
        return;
      }
      current = null;
      link = conversation.link;
      lastProblem = problem.cause();
      takeBack(failed);
      quiet.signalAll();
      toWatch.clear();
      toUnwatch.clear();
      refusals = problem.again() ? 0 : refusals + 1;
      if (refusals >= endpoints.size()) {
        refused = takeAllWaiting(problem.cause());
      }
      turn++;
      failures = conversation.opened ? 0 : failures + 1;
      boolean othersFirst = endpoints.size() > 1 && failures % endpoints.size() != 0;
      delay = othersFirst || closed ? 0 : backoff.next();
    } finally {
      lock.unlock();
    }
    if (link != null) {
      link.end();
    }
    if (conversation.opened) {
      LOG.warn("the conversation has ended: {}", problem.cause().getMessage());
    } else {
      LOG.debug("no conversation: {}", problem.cause().getMessage());
    }
    failed.forEach(append -> append.completeExceptionally(unknown(problem.cause())));
    if (refused != null) {
      refused.fail();
    }
    environment.schedule(delay, this::dial);
  }

  // Under lock.
  private void takeBack(List<PendingAppend> failed) {
    List<PendingAppend> unanswered = sent.all();
    sent.clear();
    for (int i = unanswered.size() - 1; i >= 0; i--) {
      PendingAppend append = unanswered.get(i);
      append.number = 0;
      if (append.notTaken) {
        unsent.addFirst(append);
      } else if (append.request.requestId().isPresent()) {
        append.maybeAccepted = true;
        unsent.addFirst(append);
      } else {
        waitingBytes -= append.bytes;
        failed.add(append);
      }
    }
    List<PendingTail> tails = new ArrayList<>();
    sentQueries.forEach(query -> tails.addAll(query.waiters));
    sentQueries.clear();
    tails.addAll(waitingTails);
    waitingTails = tails;
  }

  private static LogUnavailableException unknown(Throwable cause) {
    return new LogUnavailableException(
        "the connection was lost before the log has answered, and so the outcome is unknown: "
            + cause.getMessage(),
        cause);
  }

  /** All that waits, and why it is not to wait any longer. */
  private record Refused(
      List<PendingAppend> appends,
      List<PendingTail> tails,
      List<Guest> guests,
      CompletableFuture<LogDescription> met,
      RuntimeException cause) {

    void fail() {
      met.completeExceptionally(cause);
      for (PendingAppend append : appends) {
        append.completeExceptionally(append.maybeAccepted ? unknown(cause) : cause);
      }
      tails.forEach(tail -> tail.completeExceptionally(cause));
      guests.forEach(guest -> guest.fail(cause));
    }
  }

  // Under lock.
  private Refused takeAllWaiting(RuntimeException cause) {
    Refused refused =
        new Refused(
            new ArrayList<>(unsent), waitingTails, new ArrayList<>(waitingGuests), met, cause);
    unsent.forEach(append -> waitingBytes -= append.bytes);
    unsent.clear();
    waitingTails = new ArrayList<>();
    waitingGuests.clear();
    return refused;
  }

  // ---- Receiving.

  /** Outcomes, to be told without any lock. */
  private final class Settled {

    private final List<PendingAppend> appends = new ArrayList<>();
    private final List<Object> outcomes = new ArrayList<>(); // of those: a position or a failure
    private List<PendingTail> tails = List.of();
    private TailAnswer answer = new TailAnswer(0, 0);
    private @Nullable LogDescription description;
    private List<Guest> guests = List.of();
    private @Nullable Link link; // for the guests

    void add(PendingAppend append, Object outcome) {
      appends.add(append);
      outcomes.add(outcome);
    }

    // Threads that wait are woken here. What else depends on an outcome is somebody's code, which
    // must not keep the thread that receives for long.
    void complete() {
      Thread before = calling;
      calling = Thread.currentThread();
      try {
        if (description != null) {
          met.complete(description);
        }
        int others = tails.size();
        for (int i = 0; i < appends.size(); i++) {
          if (appends.get(i).waitedFor) {
            settle(i);
          } else {
            others++;
          }
        }
        if (others > COMPLETED_AT_ONCE_MAX) {
          handOver(environment.completions(), this::completeOthers);
        } else if (others > 0) {
          completeOthers();
        }
        for (Guest guest : guests) {
          guest.start(Objects.requireNonNull(link));
        }
      } finally {
        calling = before;
      }
    }

    private void completeOthers() {
      for (int i = 0; i < appends.size(); i++) {
        if (!appends.get(i).waitedFor) {
          settle(i);
        }
      }
      for (PendingTail tail : tails) {
        tail.complete(answer);
      }
    }

    private void settle(int i) {
      if (outcomes.get(i) instanceof LogPosition position) {
        appends.get(i).complete(position);
      } else {
        appends.get(i).completeExceptionally((RuntimeException) outcomes.get(i));
      }
    }
  }

  /** Takes in a frame; false if the conversation is over with it. */
  private boolean takeIn(Conversation conversation, ServerFrame frame, Settled settled) {
    receiving.lock();
    try {
      @Nullable LogEntry[] entries = decode(frame);
      boolean goesOn;
      lock.lock();
      try {
        if (current != conversation) {
          return true; // over already
        }
        if (frame.hasOpened()) {
          opened(conversation, frame.getOpened(), settled);
        } else if (!conversation.opened) {
          throw new IllegalArgumentException("its first frame does not open the conversation");
        }
        fillOwn(conversation, frame, entries);
        takeOutcomes(conversation, frame, settled);
        takeAnswer(conversation, frame, settled);
        if (frame.getDraining() && !conversation.leaving) {
          conversation.leaving = true;
          conversation.leavingNanos = conversation.heardNanos;
        }
        goesOn = !conversation.leaving || sent.isUndecided();
        if (closing && isQuiet()) {
          quiet.signalAll();
        }
      } finally {
        lock.unlock();
      }
      publish(frame, entries);
      return goesOn;
    } finally {
      receiving.unlock();
    }
  }

  // What is damaged stays null. A reader asks for it again, and is told if it is damaged there.
  private static @Nullable LogEntry[] decode(ServerFrame frame) {
    @Nullable LogEntry[] entries = new LogEntry[frame.getEntriesCount()];
    for (int i = 0; i < entries.length; i++) {
      Entry entry = frame.getEntries(i);
      if (!entry.hasOwn()) {
        try {
          LogPosition position = new LogPosition(entry.getPosition());
          entries[i] = EntryFormat.decode(position, entry.getContent().toByteArray());
        } catch (DamagedEntryException e) {
          LOG.warn("an entry was received damaged", e);
        }
      }
    }
    return entries;
  }

  // Under lock.
  private void fillOwn(Conversation conversation, ServerFrame frame, @Nullable LogEntry[] entries) {
    for (int i = 0; i < entries.length; i++) {
      Entry entry = frame.getEntries(i);
      if (entry.hasOwn()) {
        Own own = entry.getOwn();
        PendingAppend append = sent.findOwn(own.getSession(), own.getSequence());
        if (append != null) {
          AppendRequest request = append.request;
          entries[i] =
              new LogEntry(
                  new LogPosition(entry.getPosition()),
                  own.getTimeMicros(),
                  request.writes(),
                  request.payload(),
                  request.requestId().orElse(null),
                  conversation.principal);
        }
      }
    }
  }

  // Under lock.
  private void opened(Conversation conversation, Opened opened, Settled settled) {
    LogDescription description = opened.getLog();
    if (description.getProtocol() < PROTOCOL) {
      throw new LogRefusedException(
          conversation.endpoint
              + " speaks protocol "
              + description.getProtocol()
              + ", this client speaks "
              + PROTOCOL
              + "; update the server",
          null);
    }
    LogDescription expected = known;
    if (expected != null) {
      ensureSameLog(conversation, expected, opened);
    } else {
      known = description;
    }
    settled.description = description;
    conversation.principal =
        description.getPrincipal().isEmpty() ? null : new Principal(description.getPrincipal());
    conversation.opened = true;
    refusals = 0;
    lastProblem = null;
    backoff.reset();
    toWatch.addAll(buffers.toBeGivenAgain());
    settled.guests = new ArrayList<>(waitingGuests);
    settled.link = conversation.link;
    waitingGuests.clear();
    if (expected != null) {
      LOG.info("in conversation with {}, after another one", conversation.endpoint);
    }
  }

  private void ensureSameLog(Conversation conversation, LogDescription expected, Opened opened) {
    if (!expected.getLog().equals(opened.getLog().getLog())) {
      throw new LogRefusedException(
          conversation.endpoint
              + " serves the log "
              + hex(opened.getLog().getLog())
              + ", and this client has begun with "
              + hex(expected.getLog())
              + "; let the target name servers of one log, or open a new client",
          null);
    }
    if (opened.getFrom() < next) {
      throw new LogRefusedException(
          "the log of "
              + conversation.endpoint
              + " ends at "
              + opened.getFrom()
              + ", and this client has seen it reach "
              + next
              + ": it has lost entries, or was restored from a backup; open a new client",
          null);
    }
  }

  private static String hex(ByteString bytes) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < bytes.size(); i++) {
      hex.append(String.format("%02x", bytes.byteAt(i)));
    }
    return hex.toString();
  }

  // Under lock.
  private void takeOutcomes(Conversation conversation, ServerFrame frame, Settled settled) {
    for (int i = 0; i < frame.getOutcomesCount(); i++) {
      Outcome outcome = frame.getOutcomes(i);
      PendingAppend append = sent.find(outcome.getNumber());
      if (append == null) {
        continue; // its deadline has passed
      }
      if (outcome.getResultCase() == Outcome.ResultCase.POSITION) {
        takeOut(append);
        settled.add(append, new LogPosition(outcome.getPosition()));
      } else if (outcome.getFailure().getKind() == Failure.Kind.NOT_TAKEN) {
        sent.markNotTaken(append);
        if (!conversation.leaving) {
          conversation.leaving = true;
          conversation.leavingNanos = conversation.heardNanos;
        }
      } else {
        takeOut(append);
        settled.add(append, failureOf(append, outcome.getFailure()));
      }
    }
  }

  private void takeOut(PendingAppend append) {
    sent.remove(append);
    waitingBytes -= append.bytes;
  }

  private static RuntimeException failureOf(PendingAppend append, Failure failure) {
    RuntimeException cause = WireFormat.failureOf(append.request, failure);
    if (append.maybeAccepted && failure.getKind() == Failure.Kind.SESSION_EXPIRED) {
      return new LogUnavailableException(
          "the connection was lost before the log has answered, and meanwhile the session has"
              + " expired: so the outcome is unknown",
          cause);
    }
    return cause;
  }

  // Under lock.
  private void takeAnswer(Conversation conversation, ServerFrame frame, Settled settled) {
    long answered = frame.getTailQuery();
    while (!sentQueries.isEmpty() && sentQueries.getFirst().number <= answered) {
      List<PendingTail> waiters = sentQueries.removeFirst().waiters;
      if (settled.tails.isEmpty()) {
        settled.tails = waiters;
      } else {
        settled.tails.addAll(waiters);
      }
      conversation.asked = false;
    }
    settled.answer = new TailAnswer(frame.getNext(), frame.getTrimMark());
  }

  // Under receiving.
  private void publish(ServerFrame frame, @Nullable LogEntry[] entries) {
    long before = next;
    if (frame.hasOpened() && frame.getOpened().getFrom() > before) {
      buffers.missedBelow(frame.getOpened().getFrom());
    }
    for (int i = 0; i < frame.getWatchingCount(); i++) {
      Watching watching = frame.getWatching(i);
      StreamBuffer buffer = buffers.find(WireFormat.stream(watching.getStream()));
      if (buffer != null) {
        buffer.watchedFrom(watching.getFrom());
      }
    }
    for (int i = 0; i < entries.length; i++) {
      long position = frame.getEntries(i).getPosition();
      LogEntry entry = entries[i];
      if (entry == null) {
        buffers.missedBelow(position + 1);
      } else if (position >= before) {
        buffers.add(entry);
      }
    }
    if (frame.getTrimMark() > trimMark) {
      raiseTrimMark(frame.getTrimMark());
    }
    if (frame.getNext() > before) {
      next = frame.getNext();
    }
  }

  // ---- What is due from time to time.

  private void scheduleTick() {
    environment.schedule(
        Math.min(TICK_NANOS_MAX, 1 + timeoutNanos / TICKS_PER_TIMEOUT), this::tick);
  }

  private void tick() {
    long now = environment.nanoTime();
    try {
      failOverdue(now);
      unwatchUnused(now);
      watchOver(now);
    } finally {
      scheduleTick();
    }
  }

  private void failOverdue(long now) {
    List<PendingAppend> appends = new ArrayList<>();
    List<PendingTail> tails = new ArrayList<>();
    RuntimeException problem;
    lock.lock();
    try {
      problem = lastProblem;
      Iterator<PendingAppend> line = unsent.iterator();
      while (line.hasNext()) {
        PendingAppend append = line.next();
        if (now - append.deadlineNanos < 0) {
          break; // and so are all behind it
        }
        line.remove();
        waitingBytes -= append.bytes;
        appends.add(append);
      }
      for (PendingAppend append : sent.overdue(now)) {
        takeOut(append);
        appends.add(append);
      }
      takeOverdue(waitingTails, now, tails);
      sentQueries.forEach(query -> takeOverdue(query.waiters, now, tails));
    } finally {
      lock.unlock();
    }
    for (PendingAppend append : appends) {
      append.completeExceptionally(
          late(append.number == 0 && !append.maybeAccepted ? "nothing was sent" : "", problem));
    }
    tails.forEach(tail -> tail.completeExceptionally(late("", problem)));
    for (PendingCall<?> call : calls) {
      if (now - call.deadlineNanos >= 0) {
        forget(call);
        call.completeExceptionally(late("", problem));
      }
    }
  }

  private static void takeOverdue(List<PendingTail> from, long now, List<PendingTail> to) {
    if (!from.isEmpty()) {
      from.removeIf(tail -> now - tail.deadlineNanos >= 0 && to.add(tail));
    }
  }

  /** That the log has not answered in time. */
  private LogUnavailableException late(String addition, @Nullable RuntimeException problem) {
    String message = "the log has not answered within " + Duration.ofNanos(timeoutNanos);
    if (!addition.isEmpty()) {
      message += "; " + addition;
    }
    if (problem != null) {
      message += "; lately: " + problem.getMessage();
    }
    return new LogUnavailableException(message, problem);
  }

  private void unwatchUnused(long now) {
    // Under receiving, or a frame under way could begin to watch what is given up here.
    List<StreamId> unused;
    receiving.lock();
    try {
      unused = buffers.removeUnusedSince(now - UNUSED_NANOS_MAX);
    } finally {
      receiving.unlock();
    }
    if (unused.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      toUnwatch.addAll(unused);
    } finally {
      lock.unlock();
    }
    flush();
  }

  // A connection may be dead without anybody having said so.
  private void watchOver(long now) {
    Conversation conversation;
    String broken = null;
    lock.lock();
    try {
      conversation = current;
      if (conversation == null) {
        return;
      }
      if (!conversation.opened) {
        if (now - conversation.begunNanos > ATTEMPT_NANOS_MAX) {
          broken = "no connection in " + Duration.ofNanos(ATTEMPT_NANOS_MAX);
        }
      } else if (conversation.leaving) {
        if (now - conversation.leavingNanos > LEAVING_NANOS_MAX) {
          broken = "it is draining, and does not end";
        }
      } else if (conversation.asked) {
        if (now - conversation.askedNanos > SILENCE_NANOS_MAX) {
          broken = "it does not answer any more";
        }
      } else if (now - conversation.heardNanos > SILENCE_NANOS_MAX) {
        conversation.isToBeAsked = true;
        conversation.asked = true;
        conversation.askedNanos = now;
      }
    } finally {
      lock.unlock();
    }
    if (broken != null) {
      conversation.broke(broken, null);
    } else {
      flush();
    }
  }

  // ---- The end.

  /** Whether the thread is one that completes futures on behalf of a link. */
  boolean isCalling(Thread thread) {
    return calling == thread;
  }

  /** Waits until no append waits that could be answered now, or so long. */
  void awaitQuiet(long nanos) {
    long left = nanos;
    boolean interrupted = false;
    lock.lock();
    try {
      closing = true;
      while (left > 0 && !isQuiet()) {
        try {
          left = quiet.awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true;
          left = 0;
        }
      }
    } finally {
      lock.unlock();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // Under lock.
  private boolean isQuiet() {
    return openLink() == null || unsent.isEmpty() && sent.isEmpty();
  }

  /** Takes nothing more, and fails all that waits. Closing twice does nothing. */
  void close() {
    @Nullable Link link;
    List<PendingAppend> unanswered;
    Refused refused;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closing = true;
      closed = true;
      link = current == null ? null : current.link;
      current = null;
      unanswered = new ArrayList<>();
      takeBack(unanswered);
      refused = takeAllWaiting(closedException());
    } finally {
      lock.unlock();
    }
    if (link != null) {
      link.end();
    }
    LogUnavailableException unknown =
        new LogUnavailableException("the log was closed before the outcome was known", null);
    unanswered.forEach(append -> append.completeExceptionally(unknown));
    refused.appends.forEach(append -> append.completeExceptionally(unknown));
    refused.fail();
    calls.forEach(call -> call.completeExceptionally(closedException()));
  }

  private static StoreClosedException closedException() {
    return new StoreClosedException("the log");
  }
}
