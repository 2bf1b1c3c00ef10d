package dev.milonga.runtime.cbor;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Strings. Those that are no text, since they hold half of a surrogate pair, are carried too. */
final class TextShape extends Shape {

  TextShape() {
    super(String.class);
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    out.writeText((String) value);
  }

  @Override
  Object readValue(CborReader in) {
    return in.readText();
  }

  @Override
  Optional<String> nameOf(@Nullable Object key) {
    return key instanceof String text && Cbor.isWellFormed(text)
        ? Optional.of(text)
        : Optional.empty();
  }

  @Override
  Object ofName(String name) {
    return name;
  }
}
