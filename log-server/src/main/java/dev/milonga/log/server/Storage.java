package dev.milonga.log.server;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of a store are kept: ordered maps from bytes to bytes, written atomically in
 * batches. Keys are ordered as unsigned bytes.
 *
 * <p>One thread writes at a time; reads, {@link #sync} and {@link #drop} may be made from any
 * thread. After {@link #close} every call fails with {@link IOException}; close waits for calls
 * under way, but cursors must have been closed before.
 */
interface Storage extends AutoCloseable {

  /** The maps there are. */
  enum Family {
    META,
    ENTRIES,
    INDEX,
    SESSIONS
  }

  /**
   * Writes all of those rows or none.
   *
   * @param sync whether they, and all rows before them, are durable when this returns
   * @throws IOException if it is unknown whether the rows are, or will become, durable
   */
  void write(RowBatch rows, boolean sync) throws IOException;

  /** Makes all rows durable whose write had returned when this was called. */
  void sync() throws IOException;

  /** The value of that key. */
  byte @Nullable [] get(Family family, byte[] key) throws IOException;

  /** The values of those keys, in the same order; null where there is none. */
  List<byte @Nullable []> getAll(Family family, List<byte[]> keys) throws IOException;

  /** The rows in {@code [from, to)} as they are now; before the first of them. */
  Cursor cursor(Family family, byte[] from, byte[] to) throws IOException;

  /** The exact number of rows in {@code [from, to)}. May take long, and must not be written to. */
  long count(Family family, byte[] from, byte[] to) throws IOException;

  /** Drops the rows below that key, at a cost that does not grow with their number. */
  void drop(Family family, byte[] below) throws IOException;

  @Override
  void close();

  /** A place in a sequence of rows. Not thread-safe. */
  interface Cursor extends AutoCloseable {

    /** Goes to the first row at or above the key. */
    void seek(byte[] key);

    /** Goes to the last row below the key. */
    void seekBelow(byte[] key);

    /** Goes to the next row. */
    void next();

    /** Whether there is a row here; else the end is reached. */
    boolean isValid() throws IOException;

    byte[] key();

    byte[] value();

    @Override
    void close();
  }
}
