package dev.milonga.runtime;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of the application of one call to one replica, in a form that can be compared.
 *
 * @param threw whether the mutator threw
 * @param description what it returned, as JSON, or what it threw
 */
public record Outcome(boolean threw, String description) {

  static Outcome thrown(Throwable thrown) {
    String message = thrown.getMessage();
    String name = thrown.getClass().getName();
    return new Outcome(true, "threw " + name + (message == null ? "" : ": " + message));
  }

  @Override
  public String toString() {
    return description;
  }

  /** Describes what mutators of one declared return type return. */
  interface OfReturns {

    Outcome describe(@Nullable Object returned);

    static OfReturns of(Type declared, Codec codec) {
      // Such as an Iterator, which cannot be looked at without being used up.
      boolean opaque = declared != void.class && !codec.problems(declared).isEmpty();
      if (declared == void.class || opaque) {
        Outcome returned = new Outcome(false, opaque ? "returned something" : "returned");
        return value -> returned;
      }
      TupleCodec tuple = codec.tuple(List.of(declared));
      return value -> new Outcome(false, "returned " + json(tuple, codec, value));
    }

    private static String json(TupleCodec tuple, Codec codec, @Nullable Object value) {
      try {
        String array = codec.toJson(tuple.encode(value));
        return array.substring(1, array.length() - 1);
      } catch (EncodingException e) {
        return "what cannot be handed out: " + e.getMessage();
      }
    }
  }
}
