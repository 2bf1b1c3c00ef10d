package dev.milonga.log.server;

import dev.milonga.log.server.Storage.Family;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.ToIntFunction;

/**
 * The form in which RocksDB keeps a batch in memory and in its write-ahead log. Building it here
 * costs one crossing into native code for a batch, where adding row by row costs one for each.
 *
 * <pre>
 * batch  = sequence count record*      8 bytes, 0; 4 bytes, little-endian
 * record = 5 family key value          a row to be written
 *        | 4 family key                a key to be deleted
 * family, and the length before each key and value, are varints
 * </pre>
 */
final class RocksBatch {

  private static final int HEADER_BYTES = 12;
  private static final byte DELETION = 4;
  private static final byte VALUE = 5;

  private RocksBatch() {}

  static byte[] encode(RowBatch rows, ToIntFunction<Family> ids) {
    long bytes = HEADER_BYTES;
    for (RowBatch.Row row : rows.rows()) {
      bytes += recordSize(row, ids);
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(bytes));
    out.order(ByteOrder.LITTLE_ENDIAN).putLong(0).putInt(rows.rows().size());
    for (RowBatch.Row row : rows.rows()) {
      out.put(row.value() == null ? DELETION : VALUE);
      putVarint(out, ids.applyAsInt(row.family()));
      putVarint(out, row.key().length);
      out.put(row.key());
      if (row.value() != null) {
        putVarint(out, row.value().length);
        out.put(row.value());
      }
    }
    return out.array();
  }

  private static long recordSize(RowBatch.Row row, ToIntFunction<Family> ids) {
    int key = row.key().length;
    long size = 1L + varintSize(ids.applyAsInt(row.family())) + varintSize(key) + key;
    return row.value() == null ? size : size + varintSize(row.value().length) + row.value().length;
  }

  private static void putVarint(ByteBuffer out, int value) {
    int rest = value;
    while (rest > 0x7f) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static int varintSize(int value) {
    return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + 6) / 7;
  }
}
