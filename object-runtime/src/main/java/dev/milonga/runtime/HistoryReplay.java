package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.TrimmedException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The history of one object, to be applied call by call to {@linkplain Replica replicas} that
 * nobody else has, and whose states can be compared after each call. For the test kit; applications
 * do not need it. Not thread-safe.
 *
 * @param <T> the class of the object
 */
public final class HistoryReplay<T> {

  private final Object replicated;
  private final ObjectHandle<T> object;
  private final View<T> view;
  private final Map<BoundMutator, Outcome.OfReturns> returns = new HashMap<>();

  private HistoryReplay(Object replicated, ObjectHandle<T> object) {
    this.replicated = replicated;
    this.object = object;
    this.view = object.view();
  }

  /**
   * The history of that object.
   *
   * @param replicated an object that an open store has handed out
   * @throws IllegalArgumentException if it is none
   */
  public static HistoryReplay<?> of(Object replicated) {
    if (!(replicated instanceof Proxied proxy)) {
      throw new IllegalArgumentException(
          "an object of "
              + replicated.getClass().getName()
              + " was given; a replicated object is needed, as opening it returned it");
    }
    return of(replicated, proxy.milongaHandle());
  }

  private static <T> HistoryReplay<T> of(Object replicated, ObjectHandle<T> object) {
    return new HistoryReplay<>(replicated, object);
  }

  /**
   * The state that the client of the object has of it, brought up to the tail that the log has
   * after this call began.
   *
   * @throws EncodingException if it cannot be taken
   */
  public Seen live() {
    view.syncToTail();
    return view.standingStill(
        () -> new Seen(new LogPosition(view.upTo()), TakenState.of(view.type, view.state())));
  }

  /**
   * A state, and what it stands for.
   *
   * @param upTo every entry below it was applied
   */
  public record Seen(LogPosition upTo, TakenState state) {}

  /**
   * The calls of the object in the log up to its tail, oldest first.
   *
   * @throws TrimmedException if some of them were trimmed
   */
  public List<Step> steps() {
    ObjectRuntime runtime = object.runtime();
    LogPosition tail = runtime.tail();
    LogPosition mark = runtime.trimMark();
    if (mark.value() > 0 && !runtime.isWhole(replicated, mark)) {
      throw new TrimmedException(LogPosition.FIRST, mark);
    }
    List<Step> steps = new ArrayList<>();
    view.entries(mark, tail).forEach(entry -> addSteps(entry, steps));
    return steps;
  }

  private void addSteps(LogEntry entry, List<Step> steps) {
    List<Change> changes = view.describe(entry);
    for (int i = 0; i < changes.size(); i++) {
      steps.add(new Step(changes.get(i), entry, i));
    }
  }

  /** One call in the history. */
  public static final class Step {

    private final Change change;
    private final LogEntry entry;
    private final int index; // among the calls of the entry that are the object's

    private Step(Change change, LogEntry entry, int index) {
      this.change = change;
      this.entry = entry;
      this.index = index;
    }

    /** The call. */
    public Change change() {
      return change;
    }
  }

  /** A replica in the state before the first call, made as every view's is. */
  public Replica<T> fresh() {
    return new Replica<>(this, CallScopes.call(ApplyScope.INSTANCE, view.type::freshState));
  }

  /** Whether the class makes versions of itself, so that a call that throws leaves no trace. */
  public boolean versioned() {
    return view.type.model().versioned();
  }

  /** The mutators of the object, sorted by name. */
  public List<Signature> mutators() {
    return view.type.mutators().stream()
        .map(BoundMutator::model)
        .map(model -> new Signature(model.name(), model.parameterTypes()))
        .toList();
  }

  /**
   * What a mutator is called with.
   *
   * @param name its name in the log
   * @param parameterTypes as seen from the type that was opened
   */
  public record Signature(String name, List<Type> parameterTypes) {

    /** Copies the list. */
    public Signature {
      parameterTypes = List.copyOf(parameterTypes);
    }
  }

  /**
   * Calls a mutator of the object itself, through its store.
   *
   * @param mutator an index into {@link #mutators()}
   * @throws Throwable what the call throws
   */
  public @Nullable Object call(int mutator, @Nullable Object... arguments) throws Throwable {
    return object.mutate(mutator, arguments);
  }

  BoundType<T> type() {
    return view.type;
  }

  // Decoded anew, so that no two replicas have anything in common.
  DecodedCall decode(Step step) {
    return view.calls(step.entry).get(step.index);
  }

  Outcome.OfReturns returns(BoundMutator mutator) {
    return returns.computeIfAbsent(
        mutator, each -> Outcome.OfReturns.of(each.model().returnType(), view.type.codec()));
  }

  /** The object's class and name: {@code Inventory "warehouse-7"}. */
  @Override
  public String toString() {
    return object.toString();
  }
}
