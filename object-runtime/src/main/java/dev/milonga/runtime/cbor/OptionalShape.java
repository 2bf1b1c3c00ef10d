package dev.milonga.runtime.cbor;

import java.util.List;
import java.util.Optional;

/**
 * An {@code Optional}: an array of one value or none, so that null is something else than empty.
 */
final class OptionalShape extends Shape {

  private final Shape element;

  OptionalShape(Shape element) {
    super(Optional.class);
    this.element = element;
  }

  @Override
  List<Shape> parts() {
    return List.of(element);
  }

  @Override
  Object absent() {
    return Optional.empty();
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    Optional<?> optional = (Optional<?>) value;
    out.startArray(optional.isPresent() ? 1 : 0);
    if (optional.isPresent()) {
      element.write(out, optional.get());
    }
    out.endArray();
  }

  @Override
  Object readValue(CborReader in) {
    in.enterArray();
    if (!in.nextItem()) {
      return Optional.empty();
    }
    Object value = element.read(in);
    if (value == null) {
      throw new Failure("an optional value that is null");
    }
    in.requireArrayEnd();
    return Optional.of(value);
  }
}
