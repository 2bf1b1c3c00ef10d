package dev.milonga.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A replicated class ready to be used: its methods in a fixed order, by whose index the generated
 * proxy names them, and how a fresh state and a proxy are made. Immutable.
 *
 * @param <T> the class
 */
final class BoundType<T> {

  private final ReplicatedType<T> model;
  private final Codec codec;
  private final List<BoundMutator> mutators;
  private final List<BoundAccessor> accessors;
  private final Map<String, BoundMutator> mutatorsByName; // with their aliases
  private final StateImage<T> image;

  BoundType(ReplicatedType<T> model, Codec codec, StateImage<T> image) {
    this.model = model;
    this.codec = codec;
    this.image = image;
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    this.mutators = model.mutators().stream().map(mutator -> bind(mutator, lookup)).toList();
    this.accessors = model.accessors().stream().map(accessor -> bind(accessor, lookup)).toList();
    this.mutatorsByName = new HashMap<>();
    for (BoundMutator mutator : mutators) {
      mutatorsByName.put(mutator.model().name(), mutator);
      mutator.model().aliases().forEach(alias -> mutatorsByName.put(alias, mutator));
    }
  }

  private BoundMutator bind(MutatorMethod mutator, MethodHandles.Lookup lookup) {
    ValueCopier result = ValueCopier.ofResult(mutator.returnType(), codec, model.versioned());
    return new BoundMutator(
        mutator, label(mutator.method()), codec, invocation(mutator.method(), lookup), result);
  }

  private BoundAccessor bind(AccessorMethod accessor, MethodHandles.Lookup lookup) {
    ValueCopier result = ValueCopier.ofResult(accessor.returnType(), codec, model.versioned());
    return new BoundAccessor(
        accessor, label(accessor.method()), codec, invocation(accessor.method(), lookup), result);
  }

  private String label(Method method) {
    return model.rawClass().getSimpleName() + "." + method.getName();
  }

  private static MethodHandle invocation(Method method, MethodHandles.Lookup lookup) {
    try {
      method.setAccessible(true);
      return lookup
          .unreflect(method)
          .asFixedArity()
          .asSpreader(Object[].class, method.getParameterCount())
          .asType(MethodType.methodType(Object.class, Object.class, Object[].class));
    } catch (IllegalAccessException e) {
      throw new AssertionError(method + " was made accessible and is not", e);
    }
  }

  ReplicatedType<T> model() {
    return model;
  }

  Codec codec() {
    return codec;
  }

  BoundMutator mutator(int index) {
    return mutators.get(index);
  }

  BoundAccessor accessor(int index) {
    return accessors.get(index);
  }

  List<BoundMutator> mutators() {
    return mutators;
  }

  List<BoundAccessor> accessors() {
    return accessors;
  }

  @Nullable BoundMutator mutatorNamed(String nameOrAlias) {
    return mutatorsByName.get(nameOrAlias);
  }

  /** States of the class as values. */
  StateImage<T> image() {
    return image;
  }

  /** A new object in the state that it has before the first entry of its stream. */
  T freshState() {
    return image.fresh();
  }
}
