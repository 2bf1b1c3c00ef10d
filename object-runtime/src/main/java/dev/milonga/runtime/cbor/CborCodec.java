package dev.milonga.runtime.cbor;

import dev.milonga.runtime.Codec;
import dev.milonga.runtime.DecodingException;
import dev.milonga.runtime.KeyEncoder;
import dev.milonga.runtime.TupleCodec;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The codec that comes along: CBOR (RFC 8949) by declared types.
 *
 * <p>It carries primitives and their boxes, {@code String}, enums, {@code BigInteger}, {@code
 * BigDecimal}, {@code java.time}, {@code UUID}, {@code URI}, {@code Locale}, {@code Currency},
 * arrays, {@code Optional}, {@code Map.Entry}, the collections and maps of {@code java.util},
 * sealed types by the {@linkplain dev.milonga.annotations.LogicalName logical names} of their
 * cases, records, and plain classes. What is read equals what was written: scale of decimals,
 * nanoseconds, {@code -0.0}, and half surrogate pairs in strings included.
 *
 * <p>The state of a plain class is its instance fields, inherited ones included, {@code transient}
 * ones not; getters and setters play no part. It is made by its constructor without parameters, or
 * else by the one whose parameters are named and typed like fields, or by the one marked
 * {@code @JsonCreator}. Values of collections declared by their interface arrive in classes that
 * iterate in the order of what was passed; a {@code Map.Entry} arrives as an immutable one. Objects
 * that were referred to twice arrive twice.
 *
 * <p>A value whose class is not the declared one is refused, unless the declared type is sealed or
 * an interface of {@code java.util}: nothing of a value is left out.
 *
 * <p>Fields may be added and removed: what is missing in old values is left as the constructor
 * makes it, or is null, zero, or empty for {@code Optional}; what is no field any more is ignored.
 * {@code @JsonAlias} gives a field or enum constant its earlier names, {@code @JsonProperty} the
 * name in the log, and {@code @JsonIgnore} leaves a field out.
 */
public final class CborCodec implements Codec {

  private static final KeyEncoder TEXT_KEYS = encoder(new TextShape());

  /** The codec; it has no state. */
  public CborCodec() {}

  @Override
  public int id() {
    return 1;
  }

  @Override
  public List<String> problems(Type type) {
    ShapeCompiler compiler = new ShapeCompiler();
    compiler.compile(type);
    return compiler.problems();
  }

  @Override
  public TupleCodec tuple(List<? extends Type> types) {
    List<Shape> shapes = new ArrayList<>();
    ShapeCompiler compiler = new ShapeCompiler();
    for (Type type : types) {
      shapes.add(compiler.compile(type));
    }
    requireNone(compiler.problems());
    return new CborTuple(shapes);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Keys are compared by all their fields. A record must therefore keep the {@code equals} that
   * it is given, and a {@code compareTo} that is consistent with it.
   */
  @Override
  public List<String> keyProblems(Type type) {
    ShapeCompiler compiler = new ShapeCompiler();
    keyShape(compiler, type);
    return compiler.problems();
  }

  @Override
  public KeyEncoder keys(Type type) {
    ShapeCompiler compiler = new ShapeCompiler();
    Shape shape = keyShape(compiler, type);
    requireNone(compiler.problems());
    return shape instanceof TextShape ? CborCodec::encodeTextKey : encoder(shape);
  }

  private static KeyEncoder encoder(Shape shape) {
    return key -> {
      CborWriter out = new CborWriter(true);
      try {
        shape.write(out, key);
      } catch (RuntimeException e) {
        throw CborTuple.encodingException("conflict key", key, e);
      }
      return out.toByteArray();
    };
  }

  // As encoder() does it, without a generator for each call: most keys are short text.
  private static byte[] encodeTextKey(@Nullable Object key) {
    if (key instanceof String text && text.length() < Cbor.SHORT_TEXT_BYTES) {
      byte[] utf8 = CborWriter.utf8(text);
      if (utf8 != null && utf8.length < Cbor.SHORT_TEXT_BYTES) {
        byte[] encoded = new byte[utf8.length + 1];
        encoded[0] = (byte) (Cbor.SHORT_TEXT + utf8.length);
        System.arraycopy(utf8, 0, encoded, 1, utf8.length);
        return encoded;
      }
    }
    return TEXT_KEYS.encode(key);
  }

  private static Shape keyShape(ShapeCompiler compiler, Type type) {
    Shape shape = compiler.compile(type);
    if (compiler.problems().isEmpty()) {
      compiler.checkKey(shape);
    }
    return shape;
  }

  private static void requireNone(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Binary data is shown in Base64, instants and UUIDs as usual, NaN and infinite numbers as
   * strings, integers of more than 1,000 bits in hexadecimal, and maps whose keys are not all text
   * as arrays of pairs.
   *
   * @throws DecodingException if the bytes are not an encoded tuple
   */
  @Override
  public String toJson(byte[] encodedTuple) {
    CborReader in = new CborReader(encodedTuple);
    try {
      in.open();
      return JsonPrinter.print(in);
    } catch (RuntimeException e) {
      Failure failure = Failure.of(e);
      throw new DecodingException(
          failure.describe("an encoded tuple cannot be shown") + " (byte " + in.position() + ")",
          failure.getCause());
    } finally {
      in.close();
    }
  }
}
