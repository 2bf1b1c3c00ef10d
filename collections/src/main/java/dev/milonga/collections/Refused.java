package dev.milonga.collections;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a collection takes no part in: checked at the caller, so that nothing of it is logged. */
final class Refused {

  /** Whether values of a class can equal copies of themselves. It depends on the class alone. */
  private static final ClassValue<Boolean> COMPARES_CONTENT =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          try {
            return Enum.class.isAssignableFrom(type)
                || type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
          } catch (NoSuchMethodException e) {
            throw new AssertionError("every class has equals(Object): " + type, e);
          }
        }
      };

  private Refused() {}

  static <K> K key(@Nullable K key) {
    if (key == null) {
      throw new NullPointerException(
          "null key: replicated maps hold no nulls, where null stands for 'no such entry'");
    }
    return key;
  }

  /** A key or element to be put, which must be found again. */
  static <K> K findable(K key) {
    return comparable(key, "a key or element");
  }

  /** A value to be compared with the one that is there. */
  static <V> V expected(@Nullable V value) {
    return comparable(value(value), "an expected value");
  }

  private static <T> T comparable(T value, String role) {
    if (!COMPARES_CONTENT.get(value.getClass())) {
      throw new IllegalArgumentException(
          value.getClass().getTypeName()
              + " as "
              + role
              + " of a replicated object would never be found: it is compared by identity, and"
              + " replicas hold copies. Override equals and hashCode, or use a record"
              + (value.getClass().isArray() ? " or a List in place of the array" : ""));
    }
    return value;
  }

  static <V> V value(@Nullable V value) {
    if (value == null) {
      throw new NullPointerException(
          "null value: replicated objects hold no nulls; remove the entry, or use Optional values");
    }
    return value;
  }

  static <E> E element(@Nullable E element) {
    if (element == null) {
      throw new NullPointerException(
          "null element: replicated collections hold no nulls; leave it out, or use Optional"
              + " elements");
    }
    return element;
  }

  /** A copy of those elements, none of which is null. */
  static <E> List<E> elements(Collection<? extends E> elements) {
    List<E> copy = new ArrayList<>(elements.size());
    for (E element : elements) {
      copy.add(element(element));
    }
    return copy;
  }

  /** A copy of those entries, in their order, none of which has a null. */
  static <K, V> Map<K, V> entries(Map<? extends K, ? extends V> entries) {
    Map<K, V> copy = new LinkedHashMap<>();
    entries.forEach((key, value) -> copy.put(key(key), value(value)));
    return copy;
  }

  /**
   * What a collection of {@code E} may have in common with those elements: no nulls. That they are
   * of type {@code E} is checked where they are encoded.
   */
  @SuppressWarnings("unchecked")
  static <E> List<E> shared(Collection<?> elements) {
    List<E> copy = new ArrayList<>(elements.size());
    for (Object element : elements) {
      if (element != null) {
        copy.add((E) element);
      }
    }
    return copy;
  }

  /** Refuses a null collection even where there would be nothing to look up in it. */
  static <E> Predicate<E> in(Collection<?> elements) {
    return Objects.requireNonNull(elements, "collection")::contains;
  }
}
