package dev.milonga.runtime;

import dev.milonga.runtime.cbor.CborCodec;
import java.util.List;

/** Opens types for tests of the check at open. */
final class Checked {

  private Checked() {}

  static <T> ReplicatedType<T> open(Class<T> type) {
    return open(TypeToken.of(type));
  }

  static <T> ReplicatedType<T> open(TypeToken<T> type) {
    return ReplicatedType.of(type, new CborCodec(), false);
  }

  /** What the check finds wrong; empty if the type can be opened. */
  static List<String> problems(Class<?> type) {
    return problems(TypeToken.of(type), false);
  }

  static List<String> problems(TypeToken<?> type, boolean suppliedFactory) {
    try {
      ReplicatedType.of(type, new CborCodec(), suppliedFactory);
      return List.of();
    } catch (IncompatibleTypeException refused) {
      return refused.problems();
    }
  }
}
