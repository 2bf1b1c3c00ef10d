package dev.milonga.tests.fuzz;

import dev.milonga.log.StoreException;
import dev.milonga.runtime.DecodingException;
import java.util.List;
import java.util.Set;

/**
 * Something of ours that makes values of bytes it has no reason to trust.
 *
 * @param name of a file
 * @param samples bytes that are values, for a fuzzer to begin with
 * @param bytesForEach how many bytes it may allocate for each byte it is given, in addition to
 *     {@link DecoderRun#ALLOWANCE}: 2 where a value is bytes, more where every few bytes are an
 *     object
 * @param refusals what it may throw
 */
record Decoder(
    String name,
    List<byte[]> samples,
    int bytesForEach,
    Set<Class<? extends Throwable>> refusals,
    Body body) {

  /** One of what is read from a log or a store. */
  Decoder(String name, List<byte[]> samples, int bytesForEach, Body body) {
    this(name, samples, bytesForEach, Set.of(StoreException.class, DecodingException.class), body);
  }

  /** Decodes; what it throws is either a refusal or a finding. */
  interface Body {
    void decode(byte[] bytes) throws Exception;
  }

  /** Whether that is how bytes may be refused. */
  boolean isRefusal(Throwable thrown) {
    return refusals.stream().anyMatch(type -> type.isInstance(thrown));
  }

  @Override
  public String toString() {
    return name;
  }
}
