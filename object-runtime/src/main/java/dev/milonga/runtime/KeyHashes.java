package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the conflict keys among the arguments of a method. Immutable. */
final class KeyHashes {

  private final int[] parameters; // of the conflict keys; empty: the whole object
  private final KeyEncoder[] codecs; // one per conflict key

  private KeyHashes(int[] parameters, KeyEncoder[] codecs) {
    this.parameters = parameters;
    this.codecs = codecs;
  }

  static KeyHashes of(List<? extends Type> types, int[] keyParameters, Codec codec) {
    KeyEncoder[] codecs = new KeyEncoder[keyParameters.length];
    for (int i = 0; i < codecs.length; i++) {
      codecs[i] = codec.keys(types.get(keyParameters[i]));
    }
    return new KeyHashes(keyParameters.clone(), codecs);
  }

  ConflictKeys of(@Nullable Object[] arguments) {
    if (parameters.length == 0) {
      return ConflictKeys.WHOLE_OBJECT;
    }
    long[] hashes = new long[parameters.length];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = ConflictKeys.hash(codecs[i].encode(arguments[parameters[i]]));
    }
    return ConflictKeys.of(hashes);
  }
}
