package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A replicated variable. It starts empty, and may be emptied again; it never holds {@code null}.
 *
 * <p>Every call is atomic. {@link #set} and {@link #clear} are blind: they do not read the
 * register, so that transactions which only set it never conflict with each other. Values are
 * compared by {@code equals}, not by identity: a value that was read is never the object that was
 * written.
 *
 * <p>A {@link NullPointerException} leaves nothing in the log. What else is durable if a call
 * throws is what the store says about calls of replicated objects in general.
 *
 * @param <V> the value, of any type that can be an argument of a mutator
 */
@LogicalName("register")
public class ReplicatedRegister<V> implements Versioned<ReplicatedRegister<V>>, Snapshots<V> {

  private @Nullable V value;

  /** An empty register. Used by itself it is a local object, not thread-safe. */
  public ReplicatedRegister() {}

  /** The value, or empty if none was set since the start or since {@link #clear}. */
  @Accessor
  public Optional<V> get() {
    return Optional.ofNullable(value);
  }

  /** Sets the value without reading the one before. */
  public void set(V value) {
    applySet(Refused.value(value));
  }

  /** Empties the register without reading it. */
  @Mutator("clear")
  public void clear() {
    value = null;
  }

  /** Sets the value and returns the one before, or empty if there was none. */
  public Optional<V> getAndSet(V value) {
    return applyGetAndSet(Refused.value(value));
  }

  /**
   * Sets the value if the current one equals {@code expected}; an empty register equals nothing.
   *
   * @throws IllegalArgumentException if the class of {@code expected} does not override {@code
   *     equals}, so that no copy of it could ever be equal; nothing is durable
   */
  public boolean compareAndSet(V expected, V replacement) {
    return applyCompareAndSet(Refused.expected(expected), Refused.value(replacement));
  }

  /** Sets the value if there is none. */
  public boolean setIfEmpty(V value) {
    return applySetIfEmpty(Refused.value(value));
  }

  /**
   * Replaces the value by what {@code change} makes of it, and returns that. The replacement is
   * atomic, by {@link #compareAndSet}: where another writer comes between, {@code change} is called
   * again with the newer value, and should have no effects of its own.
   *
   * @throws NoSuchElementException if the register is empty; nothing is durable
   */
  public V update(UnaryOperator<V> change) {
    while (true) {
      V before =
          get()
              .orElseThrow(
                  () ->
                      new NoSuchElementException(
                          "the register is empty; call set first, or update(initial, change)"));
      V after = Refused.value(change.apply(before));
      if (compareAndSet(before, after)) {
        return after;
      }
    }
  }

  /**
   * Replaces the value by what {@code change} makes of it, or of {@code initial} if the register is
   * empty, and returns that. Otherwise like {@link #update(UnaryOperator)}.
   */
  public V update(V initial, UnaryOperator<V> change) {
    Refused.value(initial);
    while (true) {
      Optional<V> before = get();
      V after = Refused.value(change.apply(before.orElse(initial)));
      boolean replaced =
          before.isPresent() ? compareAndSet(before.get(), after) : setIfEmpty(after);
      if (replaced) {
        return after;
      }
    }
  }

  @Mutator("set")
  void applySet(V value) {
    this.value = value;
  }

  @Mutator("getAndSet")
  Optional<V> applyGetAndSet(V value) {
    Optional<V> before = Optional.ofNullable(this.value);
    this.value = value;
    return before;
  }

  @Mutator("compareAndSet")
  boolean applyCompareAndSet(V expected, V replacement) {
    if (!expected.equals(value)) {
      return false;
    }
    value = replacement;
    return true;
  }

  @Mutator("setIfEmpty")
  boolean applySetIfEmpty(V value) {
    if (this.value != null) {
      return false;
    }
    this.value = value;
    return true;
  }

  @Override
  public ReplicatedRegister<V> fork() {
    ReplicatedRegister<V> fork = new ReplicatedRegister<>();
    fork.value = value;
    return fork;
  }

  @Override
  public Iterator<V> snapshot() {
    return value == null ? List.<V>of().iterator() : List.of(value).iterator();
  }

  @Override
  public void restore(Iterator<V> elements) {
    value = elements.hasNext() ? elements.next() : null;
  }

  /** The value in brackets, or empty brackets. */
  @Override
  public String toString() {
    return get().map(current -> "[" + current + "]").orElse("[]");
  }
}
