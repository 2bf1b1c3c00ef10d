package dev.milonga.testkit;

import dev.milonga.log.LogPosition;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.DecodingException;
import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.HistoryReplay;
import dev.milonga.runtime.HistoryReplay.Seen;
import dev.milonga.runtime.HistoryReplay.Step;
import dev.milonga.runtime.Outcome;
import dev.milonga.runtime.Replica;
import dev.milonga.runtime.TakenState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replays the history of one object on many replicas in step, and compares them after each call:
 *
 * <ul>
 *   <li>one that replays everything, which the others are compared with;
 *   <li>a second one that does the same;
 *   <li>one that is restored from a checkpoint before the first call, and for each call one that is
 *       restored from a checkpoint after it; all of them go on. The one after the n-th call does so
 *       for {@value #FOLLOWED} times the largest power of two that divides n calls, so that a long
 *       history costs no more than the logarithm of its length for each call: each goes on for a
 *       while, some to the end, and of the first few all do;
 *   <li>what the store itself had come to, where that was seen.
 * </ul>
 *
 * <p>Used once.
 *
 * @param <T> the class of the object
 */
final class ReplayCheck<T> {

  private static final int FOLLOWED = 8;
  private static final String RESTORED = "one restored from a checkpoint ";

  private final HistoryReplay<T> history;
  private final Deque<Seen> seen;
  private final boolean refusesKeptArguments;
  private final List<Restored<T>> restored = new ArrayList<>();

  private ReplayCheck(
      HistoryReplay<T> history, Collection<Seen> seen, boolean refusesKeptArguments) {
    this.refusesKeptArguments = refusesKeptArguments;
    this.history = history;
    this.seen = new ArrayDeque<>(seen);
  }

  /**
   * What is wrong with the object of that history, as far as the calls in it show; empty if
   * nothing.
   *
   * @param seen what the store had come to, oldest first
   * @param refusesKeptArguments whether a mutator must not keep an argument that can change
   */
  static <T> Optional<Finding> of(
      HistoryReplay<T> history, Collection<Seen> seen, boolean refusesKeptArguments) {
    try {
      new ReplayCheck<>(history, seen, refusesKeptArguments).run();
      return Optional.empty();
    } catch (Found e) {
      return Optional.of(e.finding);
    }
  }

  private void run() {
    Replica<T> first = history.fresh();
    Replica<T> second = history.fresh();
    TakenState state = stateOf(first, null);
    compare(Finding.Kind.REPLAYS_DIFFER, "a second one", null, state, stateOf(second, null));
    beginRestored(first, "before the first call", null, Long.MAX_VALUE, state);
    List<Step> steps = steps();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      compareSeen(step.change().position(), state, i == 0 ? null : steps.get(i - 1).change());
      TakenState before = state;
      Outcome outcome = first.apply(step);
      state = stateOf(first, step.change());
      Result expected = new Result(outcome, state);
      checkAlone(first, step.change(), before, expected);
      follow(Finding.Kind.REPLAYS_DIFFER, "a second one", second, step, expected);
      followRestored(step, i, expected);
      long followedTo = i + FOLLOWED * Long.lowestOneBit(i + 1L);
      beginRestored(
          first, "after position " + step.change().position(), step.change(), followedTo, state);
    }
    Change last = steps.isEmpty() ? null : steps.get(steps.size() - 1).change();
    compareSeen(new LogPosition(Long.MAX_VALUE), state, last);
  }

  private List<Step> steps() {
    try {
      return history.steps();
    } catch (TrimmedException e) {
      throw new IllegalStateException(
          "the history of "
              + history
              + " cannot be replayed: the log was trimmed to "
              + e.trimMark()
              + ". Check it on a store that keeps all of its history",
          e);
    }
  }

  /** What one replica came to by one call. */
  private record Result(Outcome outcome, TakenState state) {}

  /** A replica that was restored from a checkpoint then, and goes on with calls up to that one. */
  private record Restored<T>(Replica<T> replica, String then, long to) {}

  private void beginRestored(
      Replica<T> first, String then, @Nullable Change after, long to, TakenState state) {
    Replica<T> replica = kept(after, first::restored);
    compare(Finding.Kind.RESTORED_DIFFERS, RESTORED + then, after, state, stateOf(replica, after));
    restored.add(new Restored<>(replica, then, to));
  }

  private void followRestored(Step step, int index, Result expected) {
    for (Iterator<Restored<T>> all = restored.iterator(); all.hasNext(); ) {
      Restored<T> each = all.next();
      follow(Finding.Kind.RESTORED_DIFFERS, RESTORED + each.then, each.replica, step, expected);
      if (index >= each.to) {
        all.remove();
      }
    }
  }

  private void checkAlone(Replica<T> replica, Change call, TakenState before, Result result) {
    List<String> kept = refusesKeptArguments ? replica.keptArguments() : List.of();
    if (!kept.isEmpty()) {
      throw found(
          Finding.Kind.KEPT_ARGUMENT,
          call,
          "the state holds the very argument, or a part of it: " + String.join(", ", kept),
          result.state,
          result.state);
    }
    if (!history.versioned()) {
      if (result.outcome.threw() && !result.state.equals(before)) {
        throw found(
            Finding.Kind.CHANGED_AND_THREW,
            call,
            "the mutator " + result.outcome + "\nand has left the state changed:",
            before,
            result.state);
      }
      return;
    }
    TakenState version = kept(call, () -> replica.versionBefore().orElseThrow());
    if (!version.equals(before)) {
      throw found(
          Finding.Kind.EARLIER_VERSION_CHANGED,
          call,
          "the call has changed the version before it:",
          before,
          version);
    }
    TakenState fork = kept(call, replica::copied);
    if (!fork.equals(result.state)) {
      throw found(
          Finding.Kind.FORK_DIFFERS,
          call,
          "fork() of the version after this call gives another state:",
          result.state,
          fork);
    }
  }

  private void follow(
      Finding.Kind kind, String who, Replica<T> replica, Step step, Result expected) {
    Change call = step.change();
    Outcome outcome = replica.apply(step);
    TakenState state = stateOf(replica, call);
    if (!outcome.equals(expected.outcome)) {
      throw found(
          kind,
          call,
          "on a replica that has replayed everything the mutator "
              + expected.outcome
              + ",\non "
              + who
              + " it "
              + outcome,
          expected.state,
          state);
    }
    compare(kind, who, call, expected.state, state);
  }

  private void compare(
      Finding.Kind kind, String who, @Nullable Change call, TakenState expected, TakenState state) {
    if (!state.equals(expected)) {
      throw found(
          kind,
          call,
          "what differs on a replica that has replayed everything -> on " + who + ":",
          expected,
          state);
    }
  }

  // Of what the store had come to, that before the next call.
  private void compareSeen(LogPosition next, TakenState state, @Nullable Change last) {
    while (!seen.isEmpty() && seen.getFirst().upTo().compareTo(next) <= 0) {
      TakenState store = seen.removeFirst().state();
      if (!store.equals(state)) {
        throw found(
            Finding.Kind.STORE_DIFFERS,
            last,
            "what differs in the store -> on a replica that has replayed everything, at the latest"
                + " since this call:",
            store,
            state);
      }
    }
  }

  private TakenState stateOf(Replica<T> replica, @Nullable Change call) {
    return kept(call, replica::state);
  }

  private <R> R kept(@Nullable Change call, Supplier<R> taking) {
    try {
      return taking.get();
    } catch (EncodingException | DecodingException e) {
      throw new Found(
          new Finding(
              Finding.Kind.NO_CHECKPOINT,
              history.toString(),
              Optional.ofNullable(call),
              String.valueOf(e.getMessage()),
              List.of()));
    }
  }

  private Found found(
      Finding.Kind kind,
      @Nullable Change call,
      String explanation,
      TakenState one,
      TakenState other) {
    return new Found(
        new Finding(
            kind,
            history.toString(),
            Optional.ofNullable(call),
            explanation,
            one.differences(other)));
  }

  /** Leaves the check with the first finding. */
  private static final class Found extends RuntimeException {

    private final transient Finding finding;

    Found(Finding finding) {
      super(null, null, false, false);
      this.finding = finding;
    }
  }
}
