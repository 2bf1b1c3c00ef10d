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
 * under way, and for cursors and snapshots to be closed.
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
   * @throws IOException if it is unknown whether the rows are, or will become, durable; {@link
   *     DiskFullException} if it is for want of room
   */
  void write(RowBatch rows, boolean sync) throws IOException;

  /**
   * Opens again what is stored, after a write that failed: every row whose write had returned is
   * there then, all or nothing of each write that failed, and all of that is durable. Calls under
   * way are finished before, others wait. Called by the writing thread.
   *
   * @throws DiskFullException if there is not enough room for it; reads go on, writes still fail
   */
  void reopen() throws IOException;

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

  /**
   * Drops rows below that key, at a cost that does not grow with their number. Any of them may stay
   * until a later call, or come back when the storage is opened again.
   *
   * @return whether there is more that a later call can drop though nothing is written until then
   */
  boolean drop(Family family, byte[] below) throws IOException;

  /**
   * All rows as they are now: between two writes, and unchanged by later writes and drops. What it
   * holds cannot be given back before it is closed, by the thread that has called this.
   */
  Snapshot snapshot() throws IOException;

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

  /** All rows at one moment. Used and closed by one thread. */
  interface Snapshot extends AutoCloseable {

    /** The place in the rows of that family, which is closed with this; at first at none. */
    Cursor cursor(Family family);

    @Override
    void close();
  }
}
