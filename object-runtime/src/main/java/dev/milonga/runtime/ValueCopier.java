package dev.milonga.runtime;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.BaseStream;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Copies values of one declared type, so that the copy shares nothing that can change with the
 * original: deeply immutable types pass as they are, all others are encoded and decoded. Immutable
 * and thread-safe.
 */
final class ValueCopier {

  private static final ValueCopier IDENTITY = new ValueCopier(null);

  private final @Nullable UnaryOperator<Object> deep; // null if values pass as they are

  private ValueCopier(@Nullable UnaryOperator<Object> deep) {
    this.deep = deep;
  }

  /**
   * A copier of values of that type.
   *
   * @throws IllegalArgumentException if the codec cannot carry them
   */
  static ValueCopier of(Type declared, Codec codec) {
    if (DeepImmutability.of(declared)) {
      return IDENTITY;
    }
    TupleCodec tuple = codec.tuple(List.of(declared));
    return new ValueCopier(
        // A value that is not null is decoded to one.
        value -> Objects.requireNonNull(tuple.decode(tuple.encode(value))[0]));
  }

  /**
   * A copier of what an accessor returns. An accessor of a versioned class may return an {@code
   * Iterator} or a {@code Stream}: it runs over a state that does not change any more, and its
   * elements are copied as they are drawn.
   *
   * @throws IllegalArgumentException if there are {@link #resultProblems}
   */
  static ValueCopier ofResult(Type declared, Codec codec, boolean versioned) {
    if (!isDrawn(declared)) {
      return of(declared, codec);
    }
    List<String> problems = resultProblems(declared, codec, versioned);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    if (isPrimitiveStream(TypeResolver.rawClass(declared))) {
      return IDENTITY;
    }
    ValueCopier element = of(elementType(declared), codec);
    return new ValueCopier(
        result ->
            result instanceof Stream<?> stream
                ? stream.map(element::copy)
                : new CopyingIterator((Iterator<?>) result, element));
  }

  /** Why values of that type cannot be returned by an accessor; empty if they can. */
  static List<String> resultProblems(Type declared, Codec codec, boolean versioned) {
    if (!isDrawn(declared)) {
      return DeepImmutability.of(declared) ? List.of() : codec.problems(declared);
    }
    Class<?> raw = TypeResolver.rawClass(declared);
    if (!versioned) {
      return List.of(
          raw.getSimpleName()
              + ": it would run over a state that changes meanwhile; return a List, or let the"
              + " class implement Versioned");
    }
    if (isPrimitiveStream(raw)) {
      return List.of();
    }
    if (!(declared instanceof ParameterizedType)) {
      return List.of(
          raw.getSimpleName()
              + ": it is declared without the type of its elements; write "
              + raw.getSimpleName()
              + "<…>");
    }
    return resultProblems(elementType(declared), codec, false);
  }

  /** The value itself if it can never change, else a copy. */
  @Nullable Object copy(@Nullable Object value) {
    return deep == null || value == null ? value : deep.apply(value);
  }

  /** Whether values pass as they are. */
  boolean isIdentity() {
    return deep == null;
  }

  private static boolean isDrawn(Type declared) {
    Class<?> raw = TypeResolver.rawClass(declared);
    return raw == Iterator.class || BaseStream.class.isAssignableFrom(raw);
  }

  private static boolean isPrimitiveStream(Class<?> raw) {
    return raw == IntStream.class || raw == LongStream.class || raw == DoubleStream.class;
  }

  private static Type elementType(Type declared) {
    return ((ParameterizedType) declared).getActualTypeArguments()[0];
  }

  // Hides remove() as well, which would change a version that others read.
  private record CopyingIterator(Iterator<?> source, ValueCopier element)
      implements Iterator<@Nullable Object> {

    @Override
    public boolean hasNext() {
      return source.hasNext();
    }

    @Override
    public @Nullable Object next() {
      return element.copy(source.next());
    }

    @Override
    public void forEachRemaining(Consumer<? super @Nullable Object> action) {
      source.forEachRemaining(each -> action.accept(element.copy(each)));
    }
  }
}
