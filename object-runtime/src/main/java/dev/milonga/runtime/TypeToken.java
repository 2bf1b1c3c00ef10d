package dev.milonga.runtime;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Objects;

/**
 * A type with its type arguments, which a class literal cannot express: {@code new
 * TypeToken<List<String>>() {}}.
 *
 * @param <T> the type
 */
public abstract class TypeToken<T> {

  private final Type type;

  /** Takes the type from the type argument of the anonymous subclass. */
  protected TypeToken() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parent)
        || parent.getRawType() != TypeToken.class) {
      throw new IllegalStateException(
          "write a type token as an anonymous class with a type argument:"
              + " new TypeToken<List<String>>() {}");
    }
    this.type = parent.getActualTypeArguments()[0];
  }

  private TypeToken(Type type) {
    this.type = type;
  }

  /** The type of that class, which is not generic. */
  public static <T> TypeToken<T> of(Class<T> type) {
    return new Known<>(
        Objects.requireNonNull(type, "the type is null; pass a class, as in User.class"));
  }

  /** The type, for callers that have it as a reflective object; {@code T} is not checked. */
  public static <T> TypeToken<T> ofType(Type type) {
    return new Known<>(type);
  }

  /**
   * The generic class {@code raw} with those type arguments; {@code T} is not checked.
   *
   * @throws IllegalArgumentException if their number is wrong, or one of them is a primitive type
   */
  public static <T> TypeToken<T> parameterized(Class<?> raw, TypeToken<?>... arguments) {
    Type[] types = new Type[arguments.length];
    for (int i = 0; i < types.length; i++) {
      types[i] = arguments[i].type();
      if (types[i] instanceof Class<?> argument && argument.isPrimitive()) {
        throw new IllegalArgumentException(
            argument + " cannot be a type argument; use its wrapper, such as Integer.class");
      }
    }
    return new Known<>(TypeResolver.parameterized(raw, types));
  }

  /** The type. */
  public final Type type() {
    return type;
  }

  /** The class of the type, without its type arguments; of an array, the array's class. */
  public final Class<?> rawType() {
    return TypeResolver.rawClass(type);
  }

  /**
   * A type that is written in the class of this type or in a supertype of it, such as that of a
   * field, as it is seen from here: {@code T} seen from {@code Box<String>} is {@code String}.
   * Variables that this type does not bind stay.
   */
  public final Type resolve(Type written) {
    return TypeResolver.resolve(written, type);
  }

  /**
   * A subclass of this type's class, with those type arguments that make it a subtype of this type:
   * {@code Ok} below {@code Result<String>} is {@code Ok<String>}. Variables that this type does
   * not fix stay.
   */
  public final Type subtype(Class<?> subclass) {
    return TypeResolver.subtype(subclass, type);
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof TypeToken<?> that && type.equals(that.type);
  }

  @Override
  public final int hashCode() {
    return type.hashCode();
  }

  @Override
  public final String toString() {
    return type.getTypeName();
  }

  private static final class Known<T> extends TypeToken<T> {
    Known(Type type) {
      super(type);
    }
  }
}
