package dev.milonga.log.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Rows in memory, which outlive {@link #close}; writes can be made to fail. */
final class MemoryStorage implements Storage {

  private final Map<Family, NavigableMap<byte[], byte[]>> families = new EnumMap<>(Family.class);
  private volatile @Nullable IOException writeFailure;
  private volatile boolean failingWritesTakeEffect;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile int writes;
  private volatile int syncs;

  MemoryStorage() {
    for (Family family : Family.values()) {
      families.put(family, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
    }
  }

  /** Another storage with the same rows. */
  MemoryStorage copy() {
    MemoryStorage copy = new MemoryStorage();
    families.forEach((family, rows) -> copy.rows(family).putAll(rows));
    return copy;
  }

  /** Makes every write fail from now on, with or without its effect. */
  void failWrites(boolean takeEffect) {
    failingWritesTakeEffect = takeEffect;
    writeFailure = new IOException("injected: fsync failed");
  }

  void healWrites() {
    writeFailure = null;
  }

  /** Makes every write wait until the latch given is down. */
  CountDownLatch holdWrites() {
    CountDownLatch latch = new CountDownLatch(1);
    gate = latch;
    return latch;
  }

  int writes() {
    return writes;
  }

  int syncs() {
    return syncs;
  }

  NavigableMap<byte[], byte[]> rows(Family family) {
    return families.get(family);
  }

  @Override
  public void write(RowBatch batch, boolean sync) throws IOException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    IOException failure = writeFailure;
    if (failure == null || failingWritesTakeEffect) {
      for (RowBatch.Row row : batch.rows()) {
        if (row.value() == null) {
          rows(row.family()).remove(row.key());
        } else {
          rows(row.family()).put(row.key(), row.value());
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    writes++;
    if (sync) {
      syncs++;
    }
  }

  @Override
  public void sync() throws IOException {
    if (writeFailure != null) {
      throw writeFailure;
    }
    syncs++;
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) {
    return rows(family).get(key);
  }

  @Override
  public List<byte @Nullable []> getAll(Family family, List<byte[]> keys) {
    List<byte @Nullable []> values = new ArrayList<>();
    for (byte[] key : keys) {
      values.add(rows(family).get(key));
    }
    return values;
  }

  @Override
  public Cursor cursor(Family family, byte[] from, byte[] to) {
    NavigableMap<byte[], byte[]> range = rows(family).subMap(from, true, to, false);
    return new Cursor() {
      private Map.@Nullable Entry<byte[], byte[]> row;

      @Override
      public void seek(byte[] key) {
        row = range.ceilingEntry(clamp(key));
      }

      private byte[] clamp(byte[] key) {
        return Arrays.compareUnsigned(key, from) < 0
            ? from
            : Arrays.compareUnsigned(key, to) > 0 ? to : key;
      }

      @Override
      public void seekBelow(byte[] key) {
        row = range.lowerEntry(clamp(key));
      }

      @Override
      public void next() {
        row = range.higherEntry(row.getKey());
      }

      @Override
      public boolean isValid() {
        return row != null;
      }

      @Override
      public byte[] key() {
        return row.getKey();
      }

      @Override
      public byte[] value() {
        return row.getValue();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public long count(Family family, byte[] from, byte[] to) {
    return rows(family).subMap(from, true, to, false).size();
  }

  @Override
  public void drop(Family family, byte[] below) {
    rows(family).headMap(below, false).clear();
  }

  @Override
  public void close() {}
}
