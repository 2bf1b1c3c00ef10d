package dev.milonga.log.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Rows and mark slots in memory that note each step, so that a test can see what a crash after any
 * of them leaves. Steps are noted one after the other, whichever threads take them.
 */
final class RecordedStorage implements Storage {

  /** What a crash has left. */
  record Image(String how, MemoryStorage storage, MemorySlots slots) {}

  private sealed interface Step {}

  private record Write(RowBatch rows, boolean sync) implements Step {}

  private record Sync() implements Step {}

  private record Drop(Family family, byte[] below) implements Step {}

  private record MarkWrite(int slot, byte[] bytes) implements Step {}

  private record MarkSync() implements Step {}

  private final MemoryStorage rows;
  private final MemorySlots slots;
  private final MemoryStorage firstRows;
  private final List<byte[]> firstSlots;
  private final List<Step> steps = new ArrayList<>(); // guarded by this
  private final CountDownLatch dropped = new CountDownLatch(2); // entries and index

  /** Begins with those rows and slots, all of them durable. */
  RecordedStorage(MemoryStorage rows, MemorySlots slots) {
    this.rows = rows;
    this.slots = slots;
    this.firstRows = rows.copy();
    this.firstSlots = List.of(slots.read(0), slots.read(1));
  }

  /** Waits until entries and index have been dropped once. */
  void awaitDrop() throws InterruptedException {
    dropped.await();
  }

  synchronized int steps() {
    return steps.size();
  }

  /** What is left if the process is killed after that many steps: all that they did. */
  synchronized Image afterKill(int count, Random random) {
    return image("killed after step " + count, steps.subList(0, count), random);
  }

  /**
   * What is left if the power is lost after that many steps: what was synced, drops, and of the
   * rest the first writes and any writes of the mark.
   */
  synchronized Image afterPowerLoss(int count, Random random) {
    List<Step> taken = steps.subList(0, count);
    int synced = 0;
    int marked = 0;
    for (int i = 0; i < count; i++) {
      if (taken.get(i) instanceof Sync || taken.get(i) instanceof Write write && write.sync) {
        synced = i + 1;
      } else if (taken.get(i) instanceof MarkSync) {
        marked = i + 1;
      }
    }
    int writesEnd = synced + random.nextInt(count - synced + 1);
    List<Step> left = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Step step = taken.get(i);
      boolean lost =
          step instanceof Write
              ? i >= writesEnd
              : step instanceof MarkWrite && i >= marked && random.nextBoolean();
      if (!lost) {
        left.add(step);
      }
    }
    return image(
        "power lost after step " + count + ", with writes up to " + writesEnd, left, random);
  }

  /** A drop may always leave rows. */
  private Image image(String how, List<Step> left, Random random) {
    MemoryStorage storage = firstRows.copy();
    MemorySlots marks = new MemorySlots();
    marks.write(0, firstSlots.get(0));
    marks.write(1, firstSlots.get(1));
    for (Step step : left) {
      if (step instanceof Write write) {
        storage.put(write.rows);
      } else if (step instanceof MarkWrite write) {
        marks.write(write.slot, write.bytes);
      } else if (step instanceof Drop drop) {
        storage
            .rows(drop.family)
            .headMap(drop.below, false)
            .keySet()
            .removeIf(row -> random.nextInt(4) > 0);
      }
    }
    return new Image(how, storage, marks);
  }

  @Override
  public void reopen() {
    throw new AssertionError("no write fails here");
  }

  @Override
  public synchronized void write(RowBatch batch, boolean sync) throws IOException {
    rows.write(batch, sync);
    steps.add(new Write(batch, sync));
  }

  @Override
  public synchronized void sync() throws IOException {
    rows.sync();
    steps.add(new Sync());
  }

  @Override
  public synchronized boolean drop(Family family, byte[] below) throws IOException {
    steps.add(new Drop(family, below));
    dropped.countDown();
    return rows.drop(family, below);
  }

  @Override
  public Snapshot snapshot() {
    return rows.snapshot();
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) {
    return rows.get(family, key);
  }

  @Override
  public List<byte @Nullable []> getAll(Family family, List<byte[]> keys) {
    return rows.getAll(family, keys);
  }

  @Override
  public Cursor cursor(Family family, byte[] from, byte[] to) {
    return rows.cursor(family, from, to);
  }

  @Override
  public long count(Family family, byte[] from, byte[] to) {
    return rows.count(family, from, to);
  }

  @Override
  public void close() {}

  /** The slots beside the rows. */
  MarkSlots marks() {
    return new MarkSlots() {
      @Override
      public byte[] read(int slot) {
        return slots.read(slot);
      }

      @Override
      public void write(int slot, byte[] bytes) {
        synchronized (RecordedStorage.this) {
          slots.write(slot, bytes);
          steps.add(new MarkWrite(slot, bytes.clone()));
        }
      }

      @Override
      public void sync() {
        synchronized (RecordedStorage.this) {
          steps.add(new MarkSync());
        }
      }

      @Override
      public void close() {}
    };
  }
}
