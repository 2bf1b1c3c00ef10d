package dev.milonga.runtime.cbor;

import dev.milonga.runtime.DecodingException;
import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.TupleCodec;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tuple: an array of its values. */
final class CborTuple implements TupleCodec {

  private final Shape[] shapes;

  CborTuple(List<Shape> shapes) {
    this.shapes = shapes.toArray(Shape[]::new);
  }

  @Override
  public byte[] encode(@Nullable Object... values) {
    if (values.length != shapes.length) {
      throw new IllegalArgumentException(
          values.length + " values given, where " + shapes.length + " are declared");
    }
    CborWriter out = new CborWriter(false);
    out.startArray(shapes.length);
    for (int i = 0; i < shapes.length; i++) {
      write(out, i, values[i]);
    }
    out.endArray();
    return out.toByteArray();
  }

  private void write(CborWriter out, int index, @Nullable Object value) {
    try {
      shapes[index].write(out, value);
    } catch (RuntimeException e) {
      throw encodingException(nameOf(index), value, e);
    }
  }

  static EncodingException encodingException(
      String name, @Nullable Object value, RuntimeException e) {
    Failure failure = Failure.of(e);
    String type = value == null ? "null" : value.getClass().getTypeName();
    return new EncodingException(
        failure.describe(name + " (" + type + ") cannot be carried"), failure.getCause());
  }

  @Override
  public @Nullable Object[] decode(byte[] encoded) {
    CborReader in = new CborReader(encoded);
    try {
      in.open();
      in.enterArray();
      @Nullable Object[] values = new Object[shapes.length];
      int done = 0;
      while (in.nextItem()) {
        if (done == shapes.length) {
          throw new Failure("more values than the " + shapes.length + " that are declared");
        }
        values[done] = read(in, done);
        done++;
      }
      for (; done < shapes.length; done++) {
        values[done] = shapes[done].absent();
      }
      return values;
    } catch (RuntimeException e) {
      Failure failure = Failure.of(e);
      throw new DecodingException(
          failure.describe("a tuple of " + shapes.length + " values cannot be decoded")
              + " (byte "
              + in.position()
              + " of "
              + encoded.length
              + ")",
          failure.getCause());
    } finally {
      in.close();
    }
  }

  @Override
  public boolean keepsValues() {
    return Arrays.stream(shapes).allMatch(Shape::keepsValues);
  }

  private @Nullable Object read(CborReader in, int index) {
    try {
      return shapes[index].read(in);
    } catch (RuntimeException e) {
      throw Failure.in(nameOf(index), e);
    }
  }

  private String nameOf(int index) {
    return "value " + (index + 1) + " of " + shapes.length;
  }
}
