package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.SessionId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call of this client whose log entry has not been applied here yet. Whoever applies the entry
 * settles the call; the caller, or its future, gets what the application returned or threw.
 */
final class PendingCall {

  final SessionId session;
  final long sequence;
  final @Nullable LocalCall local; // null if there is none, or the entry has to be decoded

  // Of the view that expects this one, if this is a transaction that need not be decoded; else
  // null.
  private final @Nullable List<DecodedCall> block;

  // What the block has made of that view's object, if it had to; else null.
  private final @Nullable StateFork<?> fork;

  // Written by the one thread that applies the entry, before the volatile write of settled; read by
  // the caller after it has read settled as true.
  private @Nullable Object result;
  private @Nullable Throwable thrown;
  private volatile boolean settled;

  private volatile long acknowledgedAt = -1; // set once, by whoever learns it from the log

  // Completed, if there is one, after settling and outside of every lock.
  private final @Nullable CompletableFuture<@Nullable Object> future;

  private final long deadlineNanos; // of the future, if there is one

  /** A call that a thread waits for. */
  PendingCall(SessionId session, long sequence, @Nullable LocalCall local) {
    this(session, sequence, local, null, null, null, 0);
  }

  /**
   * A transaction that a thread waits for.
   *
   * @param block its calls of the object whose view expects this; null if they have to be decoded
   * @param fork the state of that object with those calls applied; null if there is none
   */
  static PendingCall ofBlock(
      SessionId session,
      long sequence,
      @Nullable List<DecodedCall> block,
      @Nullable StateFork<?> fork) {
    return new PendingCall(session, sequence, null, block, fork, null, 0);
  }

  /**
   * A call that a future stands for, which is to be done by then in the environment's nanoseconds.
   */
  PendingCall(
      SessionId session,
      long sequence,
      @Nullable LocalCall local,
      @Nullable CompletableFuture<@Nullable Object> future,
      long deadlineNanos) {
    this(session, sequence, local, null, null, future, deadlineNanos);
  }

  private PendingCall(
      SessionId session,
      long sequence,
      @Nullable LocalCall local,
      @Nullable List<DecodedCall> block,
      @Nullable StateFork<?> fork,
      @Nullable CompletableFuture<@Nullable Object> future,
      long deadlineNanos) {
    this.session = session;
    this.sequence = sequence;
    this.local = local;
    this.block = block;
    this.fork = fork;
    this.future = future;
    this.deadlineNanos = deadlineNanos;
  }

  /** The same call, if it was refused under this session, under another one. */
  PendingCall in(SessionId other) {
    return new PendingCall(other, sequence, local, block, fork, future, deadlineNanos);
  }

  /**
   * What the entry holds for the object whose view expects this, if that is known without decoding
   * it; else null. The log takes a request number for one request only.
   */
  @Nullable List<DecodedCall> made(LogEntry entry) {
    return local == null
        ? block
        : List.of(
            new DecodedCall(0, RecordFormat.moment(entry), local.mutator(), local.arguments()));
  }

  @Nullable StateFork<?> fork() {
    return fork;
  }

  /** Settles the call, unless an earlier call of the same entry has thrown. */
  void returned(@Nullable Object value) {
    result = value;
    settled = true;
  }

  void threw(Throwable exception) {
    thrown = thrown == null ? exception : thrown;
    settled = true;
  }

  boolean isSettled() {
    return settled;
  }

  /** Records that the log has accepted the entry at that position. */
  void acknowledged(long position) {
    acknowledgedAt = position;
  }

  /** Whether a future waits for the application of an entry that the log has accepted below. */
  boolean isAwaitedBelow(long position) {
    return isAwaitedInTheLog() && acknowledgedAt < position && !settled;
  }

  /** Whether a future waits for the application of an entry that the log has accepted. */
  boolean isAwaitedInTheLog() {
    return future != null && acknowledgedAt >= 0;
  }

  /** Tells the future that the outcome cannot be known here. Called without any lock. */
  void fail(Throwable cause) {
    future().completeExceptionally(cause);
  }

  boolean hasFuture() {
    return future != null;
  }

  CompletableFuture<@Nullable Object> future() {
    if (future == null) {
      throw new AssertionError("request " + sequence + " has no future");
    }
    return future;
  }

  /** Whether the future should have been completed at that moment. */
  boolean isOverdue(long nanos) {
    return future != null && nanos - deadlineNanos >= 0;
  }

  /** Hands the outcome to the future. Called without any lock: continuations are user code. */
  void completeFuture() {
    if (thrown != null) {
      future().completeExceptionally(thrown);
    } else {
      future().complete(result);
    }
  }

  /** The outcome of a settled call, for the thread that made it. */
  @Nullable Object outcome() {
    if (!settled) {
      throw new AssertionError(
          "request " + sequence + " of session " + session + " was applied but not settled");
    }
    if (thrown != null) {
      throw Sneaky.unchecked(thrown);
    }
    return result;
  }
}
