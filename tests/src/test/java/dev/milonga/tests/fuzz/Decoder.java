package dev.milonga.tests.fuzz;

import dev.milonga.log.StoreException;
import dev.milonga.runtime.DecodingException;
import java.util.List;

/**
 * Something of ours that makes values of bytes it has no reason to trust.
 *
 * @param name of a file
 * @param samples bytes that are values, for a fuzzer to begin with
 * @param bytesForEach how many bytes it may allocate for each byte it is given, in addition to
 *     {@link DecoderRun#ALLOWANCE}: 2 where a value is bytes, more where every few bytes are an
 *     object
 */
record Decoder(String name, List<byte[]> samples, int bytesForEach, Body body) {

  /** Decodes; what it throws is either a refusal or a finding. */
  interface Body {
    void decode(byte[] bytes) throws Exception;
  }

  /** Whether that is how bytes may be refused. */
  boolean isRefusal(Throwable thrown) {
    return thrown instanceof StoreException || thrown instanceof DecodingException;
  }

  @Override
  public String toString() {
    return name;
  }
}
