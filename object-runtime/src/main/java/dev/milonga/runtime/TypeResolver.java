package dev.milonga.runtime;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Types of members as seen from a type with its type arguments: {@code ReplicatedMap<String,
 * Order>} makes a parameter {@code K} of {@code put} a {@code String}, also where {@code put} is
 * inherited. Variables that the context does not bind, such as those of a generic method, stay.
 */
final class TypeResolver {

  private TypeResolver() {}

  /** What {@code method}, a member of {@code context} or of a supertype of it, returns there. */
  static Type resolveReturn(Method method, Type context) {
    return substitute(method.getGenericReturnType(), bindings(context));
  }

  /** The parameter types, in order, of a method of {@code context} or of a supertype of it. */
  static List<Type> resolveParameters(Method method, Type context) {
    Map<TypeVariable<?>, Type> bindings = bindings(context);
    return Arrays.stream(method.getGenericParameterTypes())
        .map(type -> substitute(type, bindings))
        .toList();
  }

  /** {@code type}, written in {@code context} or a supertype of it, with all that context binds. */
  static Type resolve(Type type, Type context) {
    return substitute(type, bindings(context));
  }

  /**
   * {@code raw} with those type arguments.
   *
   * @throws IllegalArgumentException if it takes another number of them
   */
  static Type parameterized(Class<?> raw, Type... arguments) {
    int expected = raw.getTypeParameters().length;
    if (arguments.length != expected) {
      throw new IllegalArgumentException(
          raw.getName() + " takes " + expected + " type arguments, was given " + arguments.length);
    }
    return new Parameterized(raw, raw.getDeclaringClass(), arguments.clone());
  }

  /** The class of that type without its type arguments; of a variable, of its first bound. */
  static Class<?> rawClass(Type type) {
    if (type instanceof Class<?> known) {
      return known;
    }
    if (type instanceof ParameterizedType generic) {
      return (Class<?>) generic.getRawType();
    }
    if (type instanceof GenericArrayType array) {
      return Array.newInstance(rawClass(array.getGenericComponentType()), 0).getClass();
    }
    if (type instanceof WildcardType wildcard) {
      return rawClass(wildcard.getUpperBounds()[0]);
    }
    if (type instanceof TypeVariable<?> variable) {
      return rawClass(variable.getBounds()[0]);
    }
    throw new IllegalArgumentException("not a Java type: " + type);
  }

  /**
   * A class with those type arguments that make it a subtype of {@code supertype}: {@code Ok} below
   * {@code Result<String>} is {@code Ok<String>}. Variables that the supertype does not fix stay.
   */
  static Type subtype(Class<?> subclass, Type supertype) {
    TypeVariable<?>[] variables = subclass.getTypeParameters();
    if (variables.length == 0) {
      return subclass;
    }
    Map<TypeVariable<?>, Type> fixed = new HashMap<>();
    if (supertype instanceof ParameterizedType generic) {
      TypeVariable<?>[] inherited = rawClass(generic).getTypeParameters();
      for (int i = 0; i < inherited.length; i++) {
        unify(resolve(inherited[i], subclass), generic.getActualTypeArguments()[i], fixed);
      }
    }
    return new Parameterized(subclass, subclass.getDeclaringClass(), substitute(variables, fixed));
  }

  private static void unify(Type pattern, Type actual, Map<TypeVariable<?>, Type> fixed) {
    if (pattern instanceof TypeVariable<?> variable) {
      fixed.putIfAbsent(variable, actual);
    } else if (pattern instanceof ParameterizedType outer
        && actual instanceof ParameterizedType inner
        && outer.getRawType().equals(inner.getRawType())) {
      for (int i = 0; i < outer.getActualTypeArguments().length; i++) {
        unify(outer.getActualTypeArguments()[i], inner.getActualTypeArguments()[i], fixed);
      }
    } else if (pattern instanceof GenericArrayType outer
        && actual instanceof GenericArrayType inner) {
      unify(outer.getGenericComponentType(), inner.getGenericComponentType(), fixed);
    } else if (pattern instanceof GenericArrayType outer
        && actual instanceof Class<?> inner
        && inner.isArray()) {
      unify(outer.getGenericComponentType(), inner.getComponentType(), fixed);
    }
  }

  /** What each type variable of the context and of its supertypes stands for. */
  private static Map<TypeVariable<?>, Type> bindings(Type context) {
    Map<TypeVariable<?>, Type> bindings = new HashMap<>();
    bind(context, bindings);
    return bindings;
  }

  private static void bind(Type context, Map<TypeVariable<?>, Type> bindings) {
    if (context instanceof ParameterizedType generic) {
      TypeVariable<?>[] variables = rawClass(generic).getTypeParameters();
      Type[] arguments = generic.getActualTypeArguments();
      for (int i = 0; i < variables.length; i++) {
        // Substituted at once: arguments speak of variables of the subtype, which are bound by now.
        bindings.put(variables[i], substitute(arguments[i], bindings));
      }
      if (generic.getOwnerType() != null) {
        bind(generic.getOwnerType(), bindings);
      }
    }
    Class<?> raw = rawClass(context);
    if (raw.getGenericSuperclass() != null) {
      bind(raw.getGenericSuperclass(), bindings);
    }
    for (Type parent : raw.getGenericInterfaces()) {
      bind(parent, bindings);
    }
  }

  private static Type substitute(Type type, Map<TypeVariable<?>, Type> bindings) {
    if (type instanceof TypeVariable<?> variable) {
      return bindings.getOrDefault(variable, variable);
    }
    if (type instanceof ParameterizedType generic) {
      Type owner = generic.getOwnerType();
      return new Parameterized(
          (Class<?>) generic.getRawType(),
          owner == null ? null : substitute(owner, bindings),
          substitute(generic.getActualTypeArguments(), bindings));
    }
    if (type instanceof GenericArrayType array) {
      Type component = substitute(array.getGenericComponentType(), bindings);
      return component instanceof Class<?> known ? known.arrayType() : new ArrayOf(component);
    }
    if (type instanceof WildcardType wildcard) {
      return new Wildcard(
          substitute(wildcard.getUpperBounds(), bindings),
          substitute(wildcard.getLowerBounds(), bindings));
    }
    return type;
  }

  private static Type[] substitute(Type[] types, Map<TypeVariable<?>, Type> bindings) {
    return Arrays.stream(types).map(type -> substitute(type, bindings)).toArray(Type[]::new);
  }

  // The three below equal the JDK's own objects for the same types, and share their hash codes:
  // types are compared and used as keys without regard to where they come from.

  private static final class Parameterized implements ParameterizedType {

    private final Class<?> raw;
    private final @Nullable Type owner;
    private final Type[] arguments;

    Parameterized(Class<?> raw, @Nullable Type owner, Type[] arguments) {
      this.raw = raw;
      this.owner = owner;
      this.arguments = arguments;
    }

    @Override
    public Type[] getActualTypeArguments() {
      return arguments.clone();
    }

    @Override
    public Type getRawType() {
      return raw;
    }

    @Override
    public @Nullable Type getOwnerType() {
      return owner;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ParameterizedType that
          && raw.equals(that.getRawType())
          && Objects.equals(owner, that.getOwnerType())
          && Arrays.equals(arguments, that.getActualTypeArguments());
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(arguments) ^ Objects.hashCode(owner) ^ raw.hashCode();
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      if (owner == null) {
        text.append(raw.getName());
      } else {
        text.append(owner.getTypeName()).append('$').append(raw.getSimpleName());
      }
      for (int i = 0; i < arguments.length; i++) {
        text.append(i == 0 ? "<" : ", ").append(arguments[i].getTypeName());
      }
      return arguments.length == 0 ? text.toString() : text.append('>').toString();
    }
  }

  private static final class ArrayOf implements GenericArrayType {

    private final Type component;

    ArrayOf(Type component) {
      this.component = component;
    }

    @Override
    public Type getGenericComponentType() {
      return component;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof GenericArrayType that
          && component.equals(that.getGenericComponentType());
    }

    @Override
    public int hashCode() {
      return component.hashCode();
    }

    @Override
    public String toString() {
      return component.getTypeName() + "[]";
    }
  }

  private static final class Wildcard implements WildcardType {

    private final Type[] upper;
    private final Type[] lower;

    Wildcard(Type[] upper, Type[] lower) {
      this.upper = upper;
      this.lower = lower;
    }

    @Override
    public Type[] getUpperBounds() {
      return upper.clone();
    }

    @Override
    public Type[] getLowerBounds() {
      return lower.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof WildcardType that
          && Arrays.equals(upper, that.getUpperBounds())
          && Arrays.equals(lower, that.getLowerBounds());
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(lower) ^ Arrays.hashCode(upper);
    }

    @Override
    public String toString() {
      if (lower.length > 0) {
        return "? super " + lower[0].getTypeName();
      }
      return upper[0] == Object.class ? "?" : "? extends " + upper[0].getTypeName();
    }
  }
}
