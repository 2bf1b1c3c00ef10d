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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Rows in memory, which outlive {@link #close}; writes can be made to fail. */
final class MemoryStorage implements Storage {

  private final Map<Family, NavigableMap<byte[], byte[]>> families = new EnumMap<>(Family.class);
  private volatile @Nullable IOException writeFailure;
  private volatile boolean failingWritesTakeEffect;
  private volatile boolean reopens = true;
  private volatile int reopenings;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile int writes;
  private volatile int syncs;
  private final AtomicInteger dropsWithoutEffect = new AtomicInteger();
  private volatile boolean dropsFail;

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

  /** Makes every write fail from now on for want of room, with or without its effect. */
  void fillDisk(boolean takeEffect) {
    failingWritesTakeEffect = takeEffect;
    writeFailure = new DiskFullException("injected: no space left", null);
  }

  /** Makes every attempt to open it again fail for want of room, or none. */
  void allowReopening(boolean allowed) {
    reopens = allowed;
  }

  /** How often it was to be opened again. */
  int reopenings() {
    return reopenings;
  }

  /** Puts all rows back to those of the other storage. */
  void putBack(MemoryStorage before) {
    families.forEach(
        (family, rows) -> {
          rows.clear();
          rows.putAll(before.rows(family));
        });
  }

  /** Makes the next so many drops fail, or leave all for a later one. */
  void dropLater(int drops, boolean fail) {
    dropsFail = fail;
    dropsWithoutEffect.set(drops);
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
      put(batch);
    }
    if (failure != null) {
      throw failure;
    }
    writes++;
    if (sync) {
      syncs++;
    }
  }

  /** Writes those rows, whatever was injected. */
  void put(RowBatch batch) {
    for (RowBatch.Row row : batch.rows()) {
      if (row.value() == null) {
        rows(row.family()).remove(row.key());
      } else {
        rows(row.family()).put(row.key(), row.value());
      }
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
  public void reopen() throws IOException {
    reopenings++;
    IOException failure = writeFailure;
    if (failure != null) {
      throw failure;
    }
    if (!reopens) {
      throw new DiskFullException("injected: no space left to open it again", null);
    }
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

  /** Leaves a third of them, as any storage may. */
  @Override
  public boolean drop(Family family, byte[] below) throws IOException {
    if (dropsWithoutEffect.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      if (dropsFail) {
        throw new IOException("injected: cannot be dropped");
      }
      return true;
    }
    rows(family)
        .headMap(below, false)
        .keySet()
        .removeIf(key -> Math.floorMod(Arrays.hashCode(key), 3) > 0);
    return false;
  }

  @Override
  public Snapshot snapshot() {
    MemoryStorage copy = copy();
    return new Snapshot() {
      private final Map<Family, Cursor> cursors = new EnumMap<>(Family.class);

      @Override
      public Cursor cursor(Family family) {
        return cursors.computeIfAbsent(
            family, each -> copy.cursor(each, new byte[0], LogStore.LAST_KEY));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}
}
