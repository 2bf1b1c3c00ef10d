package dev.milonga.runtime;

import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Transactional;
import dev.milonga.annotations.Versioned;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A replicated class as seen from the type that was opened, with its type arguments: what the log
 * calls it, and its mutators and accessors. That one exists shows that the class passed the check
 * at open ({@link ClassCheck}). Immutable; made once per type and codec.
 *
 * @param <T> the type that was opened
 */
final class ReplicatedType<T> {

  private final Type type;
  private final Class<T> rawClass;
  private final List<MutatorMethod> mutators; // sorted by name
  private final List<AccessorMethod> accessors; // in source order
  private final List<TransactionalMethod> transactional; // in source order
  private final Map<String, MutatorMethod> byName = new HashMap<>(); // names and aliases
  private final Schema schema;
  private final long fingerprint;

  private ReplicatedType(
      Type type,
      Class<T> rawClass,
      List<MutatorMethod> mutators,
      List<AccessorMethod> accessors,
      List<TransactionalMethod> transactional) {
    this.type = type;
    this.rawClass = rawClass;
    this.mutators = mutators;
    this.accessors = accessors;
    this.transactional = transactional;
    for (MutatorMethod mutator : mutators) {
      byName.put(mutator.name(), mutator);
      mutator.aliases().forEach(alias -> byName.put(alias, mutator));
    }
    this.schema =
        new Schema(
            LogicalNames.describe(type), mutators.stream().map(ReplicatedType::call).toList());
    this.fingerprint = schema.fingerprint();
  }

  /**
   * The description of that type.
   *
   * @param suppliedFactory whether the caller supplies new instances, so that the type needs no
   *     constructor without parameters
   * @throws IncompatibleTypeException if it cannot be a replicated object, listing every problem
   */
  static <T> ReplicatedType<T> of(TypeToken<T> token, Codec codec, boolean suppliedFactory) {
    Type type = token.type();
    Class<T> raw = rawClass(type);
    ClassFiles files = new ClassFiles(raw);
    List<MethodTable.Entry> methods = MethodTable.of(type, files);
    List<String> problems = new ClassCheck(type, codec, suppliedFactory, files, methods).problems();
    if (!problems.isEmpty()) {
      throw new IncompatibleTypeException(type.getTypeName(), problems);
    }
    List<MutatorMethod> mutators =
        methods.stream()
            .filter(MethodTable.Entry::isMutator)
            .map(entry -> mutator(entry, type, files))
            .sorted(Comparator.comparing(MutatorMethod::name))
            .toList();
    List<AccessorMethod> accessors =
        methods.stream()
            .filter(MethodTable.Entry::isAccessor)
            .map(entry -> accessor(entry, type))
            .toList();
    List<TransactionalMethod> transactional =
        methods.stream()
            .flatMap(
                entry ->
                    entry.annotation(Transactional.class).stream()
                        .map(said -> new TransactionalMethod(entry.method(), said.readOnly())))
            .toList();
    return new ReplicatedType<>(type, raw, mutators, accessors, transactional);
  }

  @SuppressWarnings("unchecked") // a token of T stands for a type whose class is that of T
  private static <T> Class<T> rawClass(Type type) {
    return (Class<T>) TypeResolver.rawClass(type);
  }

  private static MutatorMethod mutator(MethodTable.Entry entry, Type type, ClassFiles files) {
    Method method = entry.method();
    Mutator annotation = entry.annotation(Mutator.class).orElseThrow();
    return new MutatorMethod(
        method,
        nameOf(entry),
        List.of(annotation.aliases()),
        ParameterNames.of(entry, files),
        TypeResolver.resolveParameters(method, type),
        TypeResolver.resolveReturn(method, type),
        entry.conflictKeys(),
        method.getReturnType() == void.class && BlindCheck.cannotRefuse(entry, files));
  }

  private static AccessorMethod accessor(MethodTable.Entry entry, Type type) {
    Method method = entry.method();
    return new AccessorMethod(
        method,
        TypeResolver.resolveParameters(method, type),
        TypeResolver.resolveReturn(method, type),
        entry.conflictKeys());
  }

  /** The name under which the log holds calls of that mutator. */
  static String nameOf(MethodTable.Entry mutator) {
    String name = mutator.annotation(Mutator.class).orElseThrow().value();
    return name.isEmpty() ? mutator.method().getName() : name;
  }

  private static Schema.Call call(MutatorMethod mutator) {
    List<Schema.Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < mutator.parameterNames().size(); i++) {
      parameters.add(
          new Schema.Parameter(
              mutator.parameterNames().get(i),
              LogicalNames.describe(mutator.parameterTypes().get(i))));
    }
    return new Schema.Call(mutator.name(), parameters);
  }

  /**
   * Checks that a class whose instances a supplier makes computes the same on every replica, and
   * that its accessors change nothing, as far as its code shows: {@link #of} has seen only the type
   * that was opened.
   *
   * @throws IncompatibleTypeException if it fails, listing every problem
   */
  void checkImplementation(Class<?> implementation) {
    if (implementation == rawClass) {
      return;
    }
    ClassFiles files = new ClassFiles(implementation);
    List<MethodTable.Entry> methods = MethodTable.of(implementation, files);
    List<String> problems = new ArrayList<>(new AccessorCheck(files, methods).problems());
    problems.addAll(new DeterminismCheck(files, methods, implementation, true).problems());
    if (!problems.isEmpty()) {
      throw new IncompatibleTypeException(implementation.getTypeName(), problems);
    }
  }

  /** The class without its type arguments. */
  Class<T> rawClass() {
    return rawClass;
  }

  /** The type that was opened. */
  Type type() {
    return type;
  }

  /** The name under which the log knows the class. */
  String name() {
    return LogicalNames.of(rawClass);
  }

  /** Earlier names of the class. */
  List<String> aliases() {
    return LogicalNames.aliasesOf(rawClass);
  }

  /** The type with its type arguments in logical names, such as {@code map<string,Order>}. */
  String describe() {
    return schema.type();
  }

  /** Whether its state is kept in immutable versions. */
  boolean versioned() {
    return Versioned.class.isAssignableFrom(rawClass);
  }

  /** The mutators, sorted by name. */
  List<MutatorMethod> mutators() {
    return mutators;
  }

  /** The accessors. */
  List<AccessorMethod> accessors() {
    return accessors;
  }

  /** The methods whose bodies are transactions. */
  List<TransactionalMethod> transactional() {
    return transactional;
  }

  /** The mutator whose calls the log holds under that name, its current one or an earlier one. */
  Optional<MutatorMethod> mutator(String nameOrAlias) {
    return Optional.ofNullable(byName.get(nameOrAlias));
  }

  /** What the log says about the class. */
  Schema schema() {
    return schema;
  }

  /** The {@linkplain Schema#fingerprint() fingerprint} of the schema. */
  long fingerprint() {
    return fingerprint;
  }

  @Override
  public String toString() {
    return describe();
  }
}
