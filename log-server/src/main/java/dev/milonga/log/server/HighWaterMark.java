package dev.milonga.log.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * How far a store has come at least, kept outside of its storage, so that a storage that has lost
 * its end is found out. Thread-safe.
 *
 * <p>The mark is written after what it tells is durable, in turn into one of two slots with a
 * checksum each, so that a write cut short leaves the one before it. It is made durable itself once
 * in a while only: after a crash it may lag, and then the store may hold more than it tells, which
 * is no harm.
 */
final class HighWaterMark implements AutoCloseable {

  /**
   * How far a store has come.
   *
   * @param storeHigh with {@code storeLow} the identity of the store
   * @param batches the number of batches applied
   * @param tail the first unwritten position
   * @param trimMark the first readable position
   */
  record Mark(long storeHigh, long storeLow, long batches, long tail, long trimMark) {}

  private static final long MAGIC = 0x4d494c4f4e474131L; // "MILONGA1"
  private static final int CONTENT_BYTES = 6 * Long.BYTES;

  private final MarkSlots slots;
  private final ReentrantLock lock = new ReentrantLock();
  private int nextSlot; // guarded by lock

  // Written by one thread at a time, under the lock; read by whoever syncs.
  private volatile boolean unsynced;

  HighWaterMark(MarkSlots slots) {
    this.slots = slots;
  }

  /** The mark that has come furthest; empty if neither slot holds one. */
  Optional<Mark> read() throws IOException {
    lock.lock();
    try {
      Optional<Mark> first = decode(slots.read(0));
      Optional<Mark> second = decode(slots.read(1));
      boolean secondIsLatest =
          second.isPresent() && (first.isEmpty() || second.get().batches() > first.get().batches());
      nextSlot = secondIsLatest ? 0 : 1;
      return secondIsLatest ? second : first;
    } finally {
      lock.unlock();
    }
  }

  /** Overwrites the older slot. What the mark tells must be durable. */
  void write(Mark mark) throws IOException {
    byte[] bytes = encode(mark);
    lock.lock();
    try {
      slots.write(nextSlot, bytes);
      nextSlot = 1 - nextSlot;
      unsynced = true;
    } finally {
      lock.unlock();
    }
  }

  /** Makes the mark durable, if it was written since the last time. */
  void sync() throws IOException {
    if (unsynced) {
      unsynced = false; // before, so that a write in between is synced the next time
      slots.sync();
    }
  }

  @Override
  public void close() {
    slots.close();
  }

  private static byte[] encode(Mark mark) {
    ByteBuffer out = ByteBuffer.allocate(MarkSlots.SLOT_BYTES);
    out.putLong(MAGIC).putLong(mark.storeHigh).putLong(mark.storeLow);
    out.putLong(mark.batches).putLong(mark.tail).putLong(mark.trimMark);
    out.putInt(checksum(out.array()));
    return out.array();
  }

  private static Optional<Mark> decode(byte[] bytes) {
    if (bytes.length < MarkSlots.SLOT_BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getLong() != MAGIC || in.getInt(CONTENT_BYTES) != checksum(bytes)) {
      return Optional.empty();
    }
    return Optional.of(
        new Mark(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong()));
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CONTENT_BYTES);
    return (int) crc.getValue();
  }
}
