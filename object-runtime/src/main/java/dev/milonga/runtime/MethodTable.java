package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Transactional;
import dev.milonga.annotations.Versioned;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The methods of a class with all it inherits, those of {@code Object} apart, each together with
 * the methods it overrides. Annotations are inherited: what is said about an overridden method, or
 * about one of its parameters, holds for the method.
 *
 * <p>The order is that of the source where line numbers are recorded, superclasses after
 * subclasses, interfaces last; it is the same in every run.
 */
final class MethodTable {

  /**
   * A method and what it overrides or implements.
   *
   * @param method the one that a call runs
   * @param declarations that one and those it overrides, subclasses first
   */
  record Entry(Method method, List<Method> declarations) {

    boolean isMutator() {
      return annotation(Mutator.class).isPresent();
    }

    boolean isAccessor() {
      return annotation(Accessor.class).isPresent();
    }

    boolean isAnnotated() {
      return isMutator() || isAccessor();
    }

    boolean isTransactional() {
      return annotation(Transactional.class).isPresent();
    }

    boolean is(int modifier) {
      return (method.getModifiers() & modifier) != 0;
    }

    <A extends Annotation> Optional<A> annotation(Class<A> type) {
      return declarations.stream()
          .map(declaration -> declaration.getAnnotation(type))
          .filter(annotation -> annotation != null)
          .findFirst();
    }

    /** The indices of the parameters marked as conflict keys, ascending. */
    int[] conflictKeys() {
      return IntStream.range(0, method.getParameterCount())
          .filter(i -> declarations.stream().anyMatch(declaration -> isKey(declaration, i)))
          .toArray();
    }

    private static boolean isKey(Method declaration, int parameter) {
      return Arrays.stream(declaration.getParameterAnnotations()[parameter])
          .anyMatch(annotation -> annotation instanceof ConflictKey);
    }
  }

  private final Type type;
  private final ClassFiles files;
  private final Map<String, List<Method>> families = new LinkedHashMap<>();

  private MethodTable(Type type, ClassFiles files) {
    this.type = type;
    this.files = files;
  }

  /** The methods of that type, whose compiled form {@code files} reads. */
  static List<Entry> of(Type type, ClassFiles files) {
    MethodTable table = new MethodTable(type, files);
    Class<?> raw = TypeResolver.rawClass(type);
    for (Class<?> declaring : linearize(raw)) {
      Arrays.stream(declaring.getDeclaredMethods())
          .filter(method -> !method.isSynthetic())
          .sorted(
              Comparator.comparingInt((Method method) -> line(method, files))
                  .thenComparing(Method::toGenericString))
          .forEach(method -> table.add(raw, method));
    }
    return table.families.values().stream()
        .map(family -> new Entry(mostSpecific(family), List.copyOf(family)))
        .toList();
  }

  private void add(Class<?> raw, Method method) {
    String parameters =
        TypeResolver.resolveParameters(method, type).stream()
            .map(parameter -> TypeResolver.rawClass(parameter).getName())
            .collect(Collectors.joining(",", "(", ")"));
    String scope = scope(raw, method);
    families
        .computeIfAbsent(scope + method.getName() + parameters, key -> new ArrayList<>())
        .add(method);
  }

  /** Methods of one name and parameters override each other within a scope. */
  private static String scope(Class<?> raw, Method method) {
    Class<?> declaring = method.getDeclaringClass();
    if (Modifier.isPrivate(method.getModifiers()) || Modifier.isStatic(method.getModifiers())) {
      return declaring.getName() + ".";
    }
    if (isForeignPackagePrivate(raw, method)) {
      return declaring.getPackageName() + ".";
    }
    return "";
  }

  /** Whether a subclass beside {@code raw} cannot override that method, since it cannot see it. */
  static boolean isForeignPackagePrivate(Class<?> raw, Method method) {
    int visible = Modifier.PUBLIC | Modifier.PROTECTED | Modifier.PRIVATE;
    return (method.getModifiers() & visible) == 0
        && !method.getDeclaringClass().getPackageName().equals(raw.getPackageName());
  }

  /** Whether the runtime calls that method on the state: {@code fork, snapshot, restore}. */
  static boolean runsOnState(Class<?> raw, String key) {
    String call = key.substring(0, key.indexOf(')') + 1);
    return Versioned.class.isAssignableFrom(raw) && call.equals("fork()")
        || Snapshots.class.isAssignableFrom(raw)
            && (call.equals("snapshot()") || call.equals("restore(Ljava/util/Iterator;)"));
  }

  private static int line(Method method, ClassFiles files) {
    return files
        .find(ClassFiles.internalName(method.getDeclaringClass()))
        .map(file -> file.methods().get(key(method)))
        .map(ClassFile.Code::line)
        .orElse(0);
  }

  static String key(Method method) {
    return ClassFile.key(method.getName(), net.bytebuddy.jar.asm.Type.getMethodDescriptor(method));
  }

  private static Set<Class<?>> linearize(Class<?> raw) {
    Set<Class<?>> order = new LinkedHashSet<>();
    for (Class<?> at = raw; at != null && at != Object.class; at = at.getSuperclass()) {
      order.add(at);
    }
    for (Class<?> at : List.copyOf(order)) {
      interfaces(at, order);
    }
    return order;
  }

  private static void interfaces(Class<?> type, Set<Class<?>> order) {
    for (Class<?> parent : type.getInterfaces()) {
      order.add(parent);
      interfaces(parent, order);
    }
  }

  /** A class before any interface; of interfaces the lowest, rather one with a body. */
  private static Method mostSpecific(List<Method> family) {
    Method first = family.get(0);
    if (!first.getDeclaringClass().isInterface()) {
      return first;
    }
    return family.stream()
        .filter(
            method ->
                family.stream()
                    .noneMatch(
                        other ->
                            other != method
                                && method
                                    .getDeclaringClass()
                                    .isAssignableFrom(other.getDeclaringClass())))
        .min(Comparator.comparing(method -> Modifier.isAbstract(method.getModifiers())))
        .orElse(first);
  }
}
