package dev.milonga.bench;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something else that one would keep maps in, embedded and durable: two maps, of which every write
 * is on the disk before the call that made it returns. Thread-safe.
 */
interface Peer extends AutoCloseable {

  /** Puts into the first map. */
  void put(String key, String value) throws Exception;

  /** Gets from the first map. */
  @Nullable String get(String key) throws Exception;

  /**
   * Reads a key of each map and writes both, all as one, serializable where the peer can.
   *
   * @return what both keys held, one after the other
   */
  String readAndWrite(String first, String second, String value) throws Exception;

  /** How many attempts were aborted and run again so far. */
  default long aborted() {
    return 0;
  }

  @Override
  void close() throws IOException;
}
