package dev.milonga.log.server;

import dev.milonga.log.server.HighWaterMark.Mark;
import dev.milonga.log.server.Storage.Family;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a store tells of itself, in two rows: which one it is and what it was created with, and the
 * numbers of its engine.
 *
 * @param storeHigh with {@code storeLow} the identity of the store
 */
record StoreMeta(long storeHigh, long storeLow, EngineParameters parameters, EngineState state) {

  static final int FORMAT = 1;

  private static final byte[] FORMAT_KEY = "format".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STATE_KEY = "state".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT_BYTES = 4 + 8 + 8 + 4 + 8;
  private static final int STATE_BYTES = 8 * Long.BYTES;

  /** Gives the value of a row. */
  interface RowLookup {
    byte @Nullable [] get(byte[] key) throws IOException;
  }

  /**
   * Reads the two rows.
   *
   * @throws DamagedStoreException if one is missing or holds nothing valid
   * @throws NewerFormatException if the format is newer than this program
   */
  static StoreMeta read(String where, RowLookup rows) throws IOException {
    byte[] format = rows.get(FORMAT_KEY);
    if (format == null || format.length < 4) {
      throw new DamagedStoreException(where, "the row that tells its format is missing", null);
    }
    ByteBuffer in = ByteBuffer.wrap(format);
    int version = in.getInt();
    if (version > FORMAT) {
      throw new NewerFormatException(where, version, FORMAT);
    }
    if (version != FORMAT || format.length != FORMAT_BYTES) {
      throw new DamagedStoreException(
          where, "the row that tells its format holds format " + version, null);
    }
    byte[] state = rows.get(STATE_KEY);
    if (state == null || state.length != STATE_BYTES) {
      throw new DamagedStoreException(where, "the row that tells its tail is missing", null);
    }
    try {
      return new StoreMeta(
          in.getLong(),
          in.getLong(),
          new EngineParameters(in.getInt(), in.getLong()),
          readState(ByteBuffer.wrap(state)));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new DamagedStoreException(where, String.valueOf(e.getMessage()), e);
    }
  }

  static EngineState readState(ByteBuffer in) {
    return new EngineState(
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        Math.toIntExact(in.getLong()));
  }

  /** Adds both rows. */
  void addTo(RowBatch rows) {
    rows.put(
        Family.META,
        FORMAT_KEY,
        ByteBuffer.allocate(FORMAT_BYTES)
            .putInt(FORMAT)
            .putLong(storeHigh)
            .putLong(storeLow)
            .putInt(parameters.generationWrites())
            .putLong(parameters.sessionTimeoutMicros())
            .array());
    addState(state, rows);
  }

  /** Adds the row of the engine's numbers. */
  static void addState(EngineState state, RowBatch rows) {
    rows.put(Family.META, STATE_KEY, state.putTo(ByteBuffer.allocate(STATE_BYTES)).array());
  }

  /** The same store in that state. */
  StoreMeta at(EngineState reached) {
    return new StoreMeta(storeHigh, storeLow, parameters, reached);
  }

  /** The same content as another store. */
  StoreMeta as(long otherHigh, long otherLow) {
    return new StoreMeta(otherHigh, otherLow, parameters, state);
  }

  /** How far the store has come. */
  Mark mark() {
    return new Mark(storeHigh, storeLow, state.batches(), state.tail(), state.trimMark());
  }

  /** The identity of the store in 32 hexadecimal digits. */
  String identity() {
    return String.format("%016x%016x", storeHigh, storeLow);
  }

  /**
   * Checks that the store has come as far as that mark.
   *
   * @throws DamagedStoreException if it has not, or the mark is that of another store
   */
  void checkAgainst(Mark mark, String where) {
    if (mark.storeHigh() != storeHigh || mark.storeLow() != storeLow) {
      throw new DamagedStoreException(where, "its high-water mark belongs to another store", null);
    }
    if (state.batches() >= mark.batches()
        && state.tail() >= mark.tail()
        && state.trimMark() >= mark.trimMark()) {
      return;
    }
    String missing =
        state.tail() < mark.tail()
            ? "it ends at position "
                + state.tail()
                + ", but positions up to "
                + mark.tail()
                + " (exclusive) were acknowledged"
            : "it holds "
                + state.batches()
                + " batches, but "
                + mark.batches()
                + " were acknowledged; the missing ones opened sessions or trimmed the log";
    throw new DamagedStoreException(where, missing, null);
  }
}
