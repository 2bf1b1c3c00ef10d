package dev.milonga.runtime;

import dev.milonga.annotations.Deterministic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One more replica of an object, which stands still between the calls that it is told to apply. It
 * applies a call as every view does: to a fork if the class makes versions, with the time and the
 * randomness of the entry, with arguments of its own. For the test kit. Not thread-safe.
 *
 * @param <T> the class of the object
 */
public final class Replica<T> {

  private final HistoryReplay<T> history;
  private T state;
  private @Nullable T before; // the version that the last call was applied to a fork of

  private @Nullable DecodedCall last;

  Replica(HistoryReplay<T> history, T state) {
    this.history = history;
    this.state = state;
  }

  /**
   * Applies the next call.
   *
   * @throws VirtualMachineError if the mutator does: no replica would go on
   * @throws LinkageError likewise
   */
  public Outcome apply(HistoryReplay.Step step) {
    DecodedCall call = history.decode(step);
    last = call;
    ApplyContext context = new ApplyContext();
    context.enter(call.moment(), call.index());
    Deterministic.Binding binding = Deterministic.bind(context);
    try {
      return CallScopes.call(ApplyScope.INSTANCE, () -> applied(call.mutator(), call.arguments()));
    } finally {
      binding.close();
    }
  }

  private Outcome applied(BoundMutator mutator, @Nullable Object[] arguments) {
    boolean versioned = history.versioned();
    before = versioned ? state : null;
    T target = versioned ? history.type().image().copy(state) : state;
    Object returned;
    try {
      returned = mutator.invoke(target, arguments);
    } catch (VirtualMachineError | LinkageError e) {
      throw e;
    } catch (Throwable e) {
      return Outcome.thrown(e);
    }
    state = target;
    return history.returns(mutator).describe(returned);
  }

  /**
   * The present state.
   *
   * @throws EncodingException if it cannot be taken, with the path of what it holds
   */
  public TakenState state() {
    return TakenState.of(history.type(), state);
  }

  /**
   * What has become of the version that the last call was applied to a fork of; empty if the class
   * makes no versions.
   */
  public Optional<TakenState> versionBefore() {
    return Optional.ofNullable(before).map(version -> TakenState.of(history.type(), version));
  }

  /**
   * The names of the parameters whose arguments in the last call the state now holds: the very
   * objects, or parts of them, that can change. None of a class that implements {@link
   * dev.milonga.annotations.Snapshots}, of which it cannot be told.
   */
  public List<String> keptArguments() {
    List<String> kept = new ArrayList<>();
    if (last != null) {
      List<String> names = last.mutator().model().parameterNames();
      for (int i = 0; i < names.size(); i++) {
        if (history.type().image().holdsAny(state, Parts.of(last.arguments()[i]))) {
          kept.add(names.get(i));
        }
      }
    }
    return kept;
  }

  /** What a private copy of the present state holds: a fork, if the class makes versions. */
  public TakenState copied() {
    T copy = CallScopes.call(ApplyScope.INSTANCE, () -> history.type().image().copy(state));
    return TakenState.of(history.type(), copy);
  }

  /**
   * Another replica, in the state that a checkpoint of this one is restored to.
   *
   * @throws DecodingException if it cannot be restored
   */
  public Replica<T> restored() {
    TakenState taken = state();
    T restored =
        CallScopes.call(ApplyScope.INSTANCE, () -> history.type().image().restore(taken.chunks()));
    return new Replica<>(history, restored);
  }
}
