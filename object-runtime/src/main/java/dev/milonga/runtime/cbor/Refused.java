package dev.milonga.runtime.cbor;

import java.io.Closeable;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/** What no shape is made for: the reasons, each with what to write instead. */
final class Refused {

  /** Stands in for the shape of a type that cannot be carried. */
  static final Shape SHAPE =
      new Shape(Object.class) {
        @Override
        void writeValue(CborWriter out, Object value) {
          throw new AssertionError("a type that cannot be carried was used");
        }

        @Override
        @Nullable Object readValue(CborReader in) {
          throw new AssertionError("a type that cannot be carried was used");
        }
      };

  private Refused() {}

  /** Why values of that class, which is neither scalar, enum, container nor sealed, are refused. */
  static Optional<String> reason(Class<?> type) {
    return Optional.ofNullable(Container.isOfJdk(type) ? ofJdk(type) : ofOthers(type));
  }

  private static String ofJdk(Class<?> type) {
    if (type == Object.class) {
      return "it says nothing of the value's type; declare a concrete type, or a sealed interface of"
          + " the possible cases";
    }
    if (type == Class.class) {
      return "a log names no classes; use an enum or a name";
    }
    if (type == Number.class) {
      return "it leaves open which number it is; use Long, Double or BigDecimal";
    }
    if (type == CharSequence.class || Appendable.class.isAssignableFrom(type)) {
      return "use String";
    }
    if (Random.class.isAssignableFrom(type)) {
      return "its state is closed; use Deterministic.random() in the mutator";
    }
    if (Iterator.class.isAssignableFrom(type) || BaseStream.class.isAssignableFrom(type)) {
      return "it can be read only once; use a List";
    }
    if (Lock.class.isAssignableFrom(type)
        || ReadWriteLock.class.isAssignableFrom(type)
        || Thread.class.isAssignableFrom(type)
        || Future.class.isAssignableFrom(type)) {
      return "it means something in one process only; leave it out, or mark the field transient:"
          + " replicated objects need no locks or threads of their own";
    }
    if (Closeable.class.isAssignableFrom(type)) {
      return "it stands for a resource of one process; read it first, and use byte[] or String";
    }
    if (Throwable.class.isAssignableFrom(type)) {
      return "use an enum, or a record of what matters of it";
    }
    if (type == Enum.class) {
      return "it leaves open which enum it is; declare that enum";
    }
    if (isFunction(type)) {
      return function();
    }
    if (Map.class.isAssignableFrom(type)) {
      return "use Map, SortedMap, or one of the maps of java.util that iterate in a fixed order";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "use List, Set, SortedSet, Queue or Deque";
    }
    return type.isInterface()
        ? "which classes its values have is open; declare a concrete type"
        : "its state is closed; use a record of what matters of it";
  }

  private static @Nullable String ofOthers(Class<?> type) {
    if (type.isAnnotation() || isFunction(type)) {
      return function();
    }
    if (Map.class.isAssignableFrom(type) || Collection.class.isAssignableFrom(type)) {
      return "how it is built is not known; declare it as Map, List or Set, or put it into a record";
    }
    if (type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
      return "which classes its values have is open; make it sealed, or declare one of them";
    }
    if (type.isAnonymousClass()) {
      return "it has no name; make it a named static class or a record";
    }
    boolean hasOuter = type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers());
    if (hasOuter && !type.isRecord()) {
      return "it is an inner class, and would carry the object or variables around it; make it a"
          + " static class or a record";
    }
    return null;
  }

  private static boolean isFunction(Class<?> type) {
    return type.isAnnotationPresent(FunctionalInterface.class)
        || Comparator.class.isAssignableFrom(type)
        || type.getName().startsWith("java.util.function.");
  }

  private static String function() {
    return "code is not a value; pass what it computes, or a sealed interface of the possible"
        + " choices";
  }
}
