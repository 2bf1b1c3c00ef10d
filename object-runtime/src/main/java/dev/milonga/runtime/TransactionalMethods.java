package dev.milonga.runtime;

import dev.milonga.annotations.Transactional;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the methods of a class whose bodies are transactions. */
final class TransactionalMethods {

  private TransactionalMethods() {}

  /**
   * Those methods, the most derived declaration of each, in an order that depends on the class
   * alone.
   */
  static List<Method> of(Class<?> raw) {
    List<Method> found = new ArrayList<>();
    collect(raw, new HashSet<>(), found);
    found.sort(Comparator.comparing(Method::toGenericString));
    return found;
  }

  private static void collect(Class<?> type, Set<String> seen, List<Method> found) {
    for (Method method : type.getDeclaredMethods()) {
      boolean overridable = (method.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) == 0;
      if (overridable && seen.add(MethodTable.key(method)) && isTransactional(method)) {
        found.add(method);
      }
    }
    if (type.getSuperclass() != null && type.getSuperclass() != Object.class) {
      collect(type.getSuperclass(), seen, found);
    }
    for (Class<?> parent : type.getInterfaces()) {
      collect(parent, seen, found);
    }
  }

  private static boolean isTransactional(Method method) {
    return method.isAnnotationPresent(Transactional.class) && !method.isBridge();
  }
}
