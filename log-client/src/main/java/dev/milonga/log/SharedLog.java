package dev.milonga.log;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One durable, totally ordered sequence of entries at dense positions 0, 1, 2 …, each belonging to
 * one or more streams.
 *
 * <p><b>Ranges.</b> The <em>tail</em> is the first unwritten position and the <em>trim mark</em>
 * the first readable one; what can be read is {@code [trimMark, tail)}. All ranges are half-open. A
 * read below the trim mark fails with {@link TrimmedException} and never returns "empty".
 *
 * <p><b>Durability.</b> An append is acknowledged, and the tail moves past it, only when the entry
 * is as durable as the log promises: nobody reads what a crash can take back.
 *
 * <p><b>Order.</b> Appends made one after the other from one thread, without waiting in between,
 * are ordered as they were made. A tail obtained after an append was acknowledged lies beyond that
 * append, in whichever process it was made.
 *
 * <p><b>Errors.</b> Futures complete exceptionally with a {@link StoreException}, which says what
 * is durable. Arguments that are wrong whatever the log holds are refused with {@link
 * IllegalArgumentException} by the call itself. After {@link #close()} every call fails with {@link
 * StoreClosedException}: in its future, or by throwing it where there is no future.
 *
 * <p><b>Threads.</b> All methods may be called from any thread and none of them blocks, {@link
 * #appendBlocking} and {@link #close()} apart. Actions that depend on a returned future may run on
 * a thread of the log; they must not block.
 */
public interface SharedLog extends AutoCloseable {

  /**
   * Opens a session, whose number makes appends exactly-once ({@link RequestId}). A session is kept
   * across restarts of the log and ends when it has not been used for the log's session time-out,
   * measured in log time.
   */
  CompletableFuture<SessionId> openSession();

  /**
   * Appends one entry and returns its position.
   *
   * <p>With a {@link RequestId}, a request that the log has accepted before is not appended again:
   * the position of its first appearance is returned, also when that entry was trimmed since. Two
   * requests are the same if they write the same and carry equal payloads; their conditions are not
   * compared. A request that was rejected is decided anew when it is retried, and rejected again.
   *
   * <p>The future fails with
   *
   * <ul>
   *   <li>{@link ConflictException} if the condition does not hold (nothing is durable);
   *   <li>{@link EntryTooLargeException} if the entry exceeds the log's limit (nothing);
   *   <li>{@link SessionExpiredException} if the session is not known any more (nothing of this
   *       attempt; whether an earlier attempt was accepted is not known any more either);
   *   <li>{@link RequestMismatchException} if the request's number was used for another request, or
   *       its client has said that it knows the outcome (nothing of this one);
   *   <li>{@link LogOverloadedException} if too many appends are waiting (nothing);
   *   <li>{@link LogUnavailableException} if the outcome is unknown; retrying the same request is
   *       safe if it has a {@link RequestId}.
   * </ul>
   */
  CompletableFuture<LogPosition> append(AppendRequest request);

  /**
   * Like {@link #append}, for a caller that has nothing to do until the outcome is there. A log in
   * this process may do the writing on the calling thread, which saves handing the request to
   * another thread and the outcome back; then this blocks for as long as a write takes, and the
   * future that it returns may be done. Nothing but waiting threads should depend on that: actions
   * may run on the thread of any caller.
   */
  default CompletableFuture<LogPosition> appendBlocking(AppendRequest request) {
    return append(request);
  }

  /** The tail of the log: the first unwritten position. */
  CompletableFuture<LogPosition> tail();

  /**
   * For each of those streams the position after its last readable entry, or {@link
   * LogPosition#FIRST} if it has none, be it that all were trimmed; all as of one moment.
   */
  CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams);

  /**
   * The entries of one stream from {@code from} on, up to the limit and the tail. At or beyond the
   * tail the batch is empty. Fails with {@link TrimmedException} if {@code from} is below the trim
   * mark.
   */
  CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit);

  /** Like {@link #read}, for the entries of all streams. */
  CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit);

  /**
   * Delivers every entry that belongs to at least one of those streams, from {@code from} on, each
   * once and in order, and goes on as the log grows. An entry in several of the streams is
   * delivered once. A position beyond the tail is waited for. If {@code from} is below the trim
   * mark, the subscription ends with {@link TrimmedException} at once.
   *
   * @param streams at least one
   * @throws StoreClosedException if the log is closed
   */
  Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener);

  /** Like {@link #subscribe}, for the entries of all streams. */
  Subscription subscribeAll(LogPosition from, EntryListener listener);

  /**
   * Drops every entry below {@code before} and returns the trim mark that is then in force. The
   * mark never goes back: trimming below it changes nothing. If {@code before} is beyond the tail,
   * nothing is dropped and the future fails with {@link IllegalArgumentException}.
   */
  CompletableFuture<LogPosition> trim(LogPosition before);

  /** The trim mark: the first readable position. */
  CompletableFuture<LogPosition> trimMark();

  /** The tails as plain memory reads; present where the log lives in this process. */
  default Optional<LocalTails> localTails() {
    return Optional.empty();
  }

  /**
   * Ends all subscriptions and releases everything the log holds. Appends under way are completed
   * or fail with {@link LogUnavailableException}. Listeners learn of the end on their own threads,
   * possibly after this has returned. Closing twice does nothing.
   */
  @Override
  void close();
}
