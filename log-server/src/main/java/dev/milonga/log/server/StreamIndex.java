package dev.milonga.log.server;

import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows that tell which positions belong to a stream.
 *
 * <pre>
 * key   = bucket stream low    6 bytes, position / 2^18; 16 bytes; 3 bytes, position modulo 2^18
 * value = back*                varints: distances to the position before, and so on
 * </pre>
 *
 * <p>A row holds all positions of a stream that one batch has appended, under the last of them: the
 * first row at or above a position is then the first that has positions at or above it. Buckets
 * come first in the key, so that what lies below the trim mark is one range of rows and goes as
 * whole files; a stream is found by one search in each bucket.
 */
final class StreamIndex {

  static final int BUCKET_BITS = 18;
  static final int KEY_BYTES = 6 + 16 + 3;

  private static final int STEP_BYTES_MAX = 3; // of a distance below 2^18
  private static final long LOW_MASK = (1L << BUCKET_BITS) - 1;

  private StreamIndex() {}

  /** The key of a row whose last position is that one. */
  static byte[] key(StreamId stream, long position) {
    byte[] key = new byte[KEY_BYTES];
    putBucket(key, bucket(position));
    Bytes.putLong(key, 6, stream.high());
    Bytes.putLong(key, 14, stream.low());
    long low = position & LOW_MASK;
    key[22] = (byte) (low >>> 16);
    key[23] = (byte) (low >>> 8);
    key[24] = (byte) low;
    return key;
  }

  /** The first key of that bucket. */
  static byte[] bucketKey(long bucket) {
    byte[] key = new byte[KEY_BYTES];
    putBucket(key, bucket);
    return key;
  }

  /** The first key after all of that stream in the bucket of that position. */
  static byte[] keyAfter(StreamId stream, long position) {
    byte[] key = key(stream, position);
    Arrays.fill(key, 22, 25, (byte) 0xff); // the low part has only 18 of these 24 bits
    return key;
  }

  static long bucket(long position) {
    return position >>> BUCKET_BITS;
  }

  static StreamId stream(byte[] key) {
    return new StreamId(Bytes.longAt(key, 6), Bytes.longAt(key, 14));
  }

  /** The last position of the row of that key. */
  static long lastPosition(byte[] key) {
    long bucket = (key[0] & 0xffL) << 40 | (key[1] & 0xffL) << 32 | (key[2] & 0xffL) << 24;
    bucket |= (key[3] & 0xffL) << 16 | (key[4] & 0xffL) << 8 | key[5] & 0xffL;
    long low = (key[22] & 0xffL) << 16 | (key[23] & 0xffL) << 8 | key[24] & 0xffL;
    return bucket << BUCKET_BITS | low;
  }

  /** The positions of that row, ascending. */
  static long[] positions(byte[] key, byte[] value) {
    int count = 1;
    for (byte b : value) {
      count += b >= 0 ? 1 : 0; // each varint ends with a byte below 128
    }
    long[] positions = new long[count];
    long position = lastPosition(key);
    positions[count - 1] = position;
    ByteBuffer in = ByteBuffer.wrap(value);
    for (int i = count - 2; i >= 0; i--) {
      position -= varint(in);
      positions[i] = position;
    }
    return positions;
  }

  /** Adds the rows of entries of one batch. */
  static void addRows(List<AcceptedEntry> entries, RowBatch rows) {
    if (entries.size() == 1) {
      AcceptedEntry only = entries.get(0);
      for (StreamKeys write : only.entry().writes()) {
        byte[] key = key(write.stream(), only.entry().position().value());
        rows.put(Storage.Family.INDEX, key, new byte[0]);
      }
      return;
    }
    Map<StreamId, Row> open = new LinkedHashMap<>();
    for (AcceptedEntry accepted : entries) {
      long position = accepted.entry().position().value();
      for (StreamKeys write : accepted.entry().writes()) {
        Row row = open.get(write.stream());
        if (row != null && bucket(row.last()) == bucket(position)) {
          row.add(position);
        } else {
          Row finished = open.put(write.stream(), new Row(position));
          if (finished != null) {
            finished.addTo(write.stream(), rows);
          }
        }
      }
    }
    open.forEach((stream, row) -> row.addTo(stream, rows));
  }

  /** The positions of one row, ascending and all in one bucket. */
  private static final class Row {
    private long[] positions = new long[4];
    private int count;

    Row(long first) {
      add(first);
    }

    long last() {
      return positions[count - 1];
    }

    void add(long position) {
      if (count == positions.length) {
        positions = Arrays.copyOf(positions, 2 * count);
      }
      positions[count++] = position;
    }

    void addTo(StreamId stream, RowBatch rows) {
      byte[] steps = new byte[STEP_BYTES_MAX * (count - 1)];
      int length = 0;
      for (int i = count - 1; i > 0; i--) {
        long step = positions[i] - positions[i - 1];
        while (step > 0x7f) {
          steps[length++] = (byte) (step | 0x80);
          step >>>= 7;
        }
        steps[length++] = (byte) step;
      }
      rows.put(Storage.Family.INDEX, key(stream, last()), Arrays.copyOf(steps, length));
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static void putBucket(byte[] key, long bucket) {
    for (int i = 0; i < 6; i++) {
      key[i] = (byte) (bucket >>> (40 - 8 * i));
    }
  }
}
