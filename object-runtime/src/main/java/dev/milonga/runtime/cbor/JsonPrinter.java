package dev.milonga.runtime.cbor;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HexFormat;

/** Prints encoded values as JSON, knowing nothing of their types. Used once, by one thread. */
final class JsonPrinter {

  /** Larger ones are printed in hexadecimal: the time to print digits grows with their square. */
  private static final int BITS_MAX = 1000;

  private final CborReader in;
  private final StringBuilder json = new StringBuilder();
  private boolean withinKey;

  private JsonPrinter(CborReader in) {
    this.in = in;
  }

  /** The only item of {@code in}, which must be an array. */
  static String print(CborReader in) {
    if (in.major() != Cbor.ARRAY) {
      throw in.expected("an array");
    }
    JsonPrinter printer = new JsonPrinter(in);
    printer.item();
    in.expectEnd();
    return printer.json.toString();
  }

  private void item() {
    switch (in.major()) {
      case Cbor.UNSIGNED, Cbor.NEGATIVE -> json.append(in.readLong());
      case Cbor.BYTES -> quote(Base64.getEncoder().encodeToString(in.readBytes()));
      case Cbor.TEXT -> quote(in.readText());
      case Cbor.ARRAY -> array();
      case Cbor.MAP -> map();
      case Cbor.TAG -> tagged();
      default -> simple();
    }
  }

  private void array() {
    in.enter();
    json.append('[');
    int size = in.readArrayHead();
    for (int i = 0; in.hasNext(size, i); i++) {
      json.append(i == 0 ? "" : ",");
      item();
    }
    json.append(']');
    in.exit();
  }

  private void map() {
    in.enter();
    json.append('{');
    int size = in.readMapHead();
    for (int i = 0; in.hasNext(size, i); i++) {
      json.append(i == 0 ? "" : ",");
      key();
      json.append(':');
      item();
    }
    json.append('}');
    in.exit();
  }

  // A key that is no text is the text of its own JSON. Within it, keys that are no text either are
  // shown as they are encoded: quotes within quotes would grow with every level.
  private void key() {
    int start = json.length();
    if (in.major() == Cbor.TEXT) {
      quote(in.readText());
    } else if (withinKey) {
      quote(Base64.getEncoder().encodeToString(in.readEncoded()));
    } else {
      withinKey = true;
      item();
      withinKey = false;
      if (json.charAt(start) != '"') {
        String printed = json.substring(start);
        json.setLength(start);
        quote(printed);
      }
    }
  }

  private void tagged() {
    int tag = in.readTag();
    switch (tag) {
      case Cbor.TAG_POSITIVE_BIG, Cbor.TAG_NEGATIVE_BIG -> {
        BigInteger value = Scalars.bigInteger(tag, in);
        number(value, value, "");
      }
      case Cbor.TAG_DECIMAL -> {
        BigDecimal value = Scalars.decimal(in);
        number(value.unscaledValue(), value, " * 10^" + -(long) value.scale());
      }
      case Cbor.TAG_UUID -> quote(Scalars.uuid(in).toString());
      case Cbor.TAG_TIME -> quote(Scalars.instant(in).toString());
      default -> throw new Failure("tag " + tag + ", which this codec does not write");
    }
  }

  private void number(BigInteger digits, Number value, String scale) {
    if (digits.bitLength() > BITS_MAX) {
      String sign = digits.signum() < 0 ? "-" : "";
      quote(sign + "0x" + HexFormat.of().formatHex(digits.abs().toByteArray()) + scale);
    } else {
      json.append(value);
    }
  }

  private void simple() {
    switch (in.peek()) {
      case Cbor.TRUE, Cbor.FALSE -> json.append(in.readBoolean());
      case Cbor.FLOAT32 -> {
        float value = in.readFloat();
        floating(Float.isFinite(value), Float.toString(value));
      }
      case Cbor.FLOAT64 -> {
        double value = in.readDouble();
        floating(Double.isFinite(value), Double.toString(value));
      }
      default -> {
        if (!in.skipNull()) {
          throw in.expected("a value");
        }
        json.append("null");
      }
    }
  }

  private void floating(boolean finite, String printed) {
    if (finite) {
      json.append(printed);
    } else {
      quote(printed);
    }
  }

  private void quote(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
