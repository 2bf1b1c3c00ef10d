package dev.milonga.testkit;

import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.HistoryReplay;
import dev.milonga.runtime.HistoryReplay.Seen;
import dev.milonga.runtime.TypeToken;
import java.util.List;
import java.util.Optional;

/**
 * Checks that an object of one's own class does the same on every replica, now and whenever its log
 * is replayed.
 *
 * <p>The calls in the log are applied again to many replicas in one process: to two that replay
 * everything, and to replicas that are restored from a checkpoint after each call. After each call
 * all of them must have the same state, and the mutator must have returned or thrown the same. The
 * check also finds
 *
 * <ul>
 *   <li>a store that has come to another state than a replay does now;
 *   <li>a mutator that throws and leaves the state changed, where the class makes no versions;
 *   <li>a mutator that changes an earlier version, or a {@code fork()} that forgets a field, where
 *       it does;
 *   <li>a state that cannot be kept in a checkpoint.
 * </ul>
 *
 * <p>What it does not find: what differs only between processes or machines, such as the order of
 * {@code Set.of}, the default locale or the version of a library; much of that is refused when a
 * class is opened. It costs, for each call in the history, about as many states written as the
 * length of the history has bits, times eight.
 */
public final class Determinism {

  private Determinism() {}

  /**
   * Checks an object by all calls that its log holds.
   *
   * @param replicated an object that an open store has handed out; its history is not trimmed
   * @throws NondeterminismError if it is not the same on every replica, with the first call that
   *     shows it
   * @throws IllegalArgumentException if a store has not handed it out
   * @throws IllegalStateException if its history was trimmed
   */
  public static void check(Object replicated) {
    HistoryReplay<?> history = HistoryReplay.of(replicated);
    ReplayCheck.of(history, seen(history).map(List::of).orElse(List.of()), false)
        .ifPresent(
            finding -> {
              throw new NondeterminismError(finding, "");
            });
  }

  /** A trial of that class: calls to make on a new object of it, and then the check. */
  public static <T> Trial<T> of(Class<T> type) {
    return of(TypeToken.of(type));
  }

  /** Like {@link #of(Class)}, for a generic class. */
  public static <T> Trial<T> of(TypeToken<T> type) {
    return new Trial<>(type);
  }

  /** The state that the store has; empty if it cannot be taken, which the check then finds. */
  static Optional<Seen> seen(HistoryReplay<?> history) {
    try {
      return Optional.of(history.live());
    } catch (EncodingException e) {
      return Optional.empty();
    }
  }
}
