package dev.milonga.runtime.cbor;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Prints encoded values as JSON, knowing nothing of their types. Used once, by one thread. */
final class JsonPrinter {

  /** Larger ones are printed in hexadecimal: the time to print digits grows with their square. */
  private static final int BITS_MAX = 1000;

  private static final JsonFactory JSON = new JsonFactory();

  private final CborReader in;
  private final JsonGenerator out;

  private JsonPrinter(CborReader in, JsonGenerator out) {
    this.in = in;
    this.out = out;
  }

  /** The item at which {@code in} stands, which must be an array. */
  static String print(CborReader in) {
    in.enterArray();
    StringWriter json = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), json)) {
      JsonPrinter printer = new JsonPrinter(in, out);
      for (JsonToken token = in.token(); token != null; token = in.next()) {
        printer.print(token);
      }
    }
    return json.toString();
  }

  private void print(JsonToken token) {
    switch (token) {
      case START_OBJECT -> {
        if (in.tag() == Cbor.TAG_TIME) {
          out.writeString(Scalars.readInstant(in).toString());
        } else {
          out.writeStartObject();
        }
      }
      case VALUE_EMBEDDED_OBJECT -> {
        if (in.tag() == Cbor.TAG_UUID) {
          out.writeString(Scalars.readUuid(in).toString());
        } else {
          out.writeBinary(in.readBytes());
        }
      }
      case VALUE_STRING -> out.writeString(in.readText());
      case VALUE_NUMBER_INT -> integer(in.readBigInteger());
      case VALUE_NUMBER_FLOAT -> fraction();
      default -> in.copyTo(out); // names, ends, and what is the same in JSON
    }
  }

  private void integer(BigInteger value) {
    if (value.bitLength() > BITS_MAX) {
      out.writeString(hexadecimal(value));
    } else {
      out.writeNumber(value);
    }
  }

  private void fraction() {
    if (in.floatType() != NumberType.BIG_DECIMAL) {
      in.copyTo(out); // NaN and the infinite ones become strings
      return;
    }
    BigDecimal value = in.readDecimal();
    if (value.unscaledValue().bitLength() > BITS_MAX) {
      out.writeString(hexadecimal(value.unscaledValue()) + " * 10^" + -(long) value.scale());
    } else {
      out.writeNumber(value);
    }
  }

  private static String hexadecimal(BigInteger value) {
    return (value.signum() < 0 ? "-0x" : "0x")
        + HexFormat.of().formatHex(value.abs().toByteArray());
  }
}
