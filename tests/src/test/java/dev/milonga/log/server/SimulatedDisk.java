package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.server.Storage.Family;
import dev.milonga.tests.simulation.Scheduler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk that holds one store: rows, and the slots of its mark. What is written is seen at once and
 * durable when it is synced; a power cut takes back a tail of what was not. Batches of rows are
 * atomic and keep their order, as those of a write-ahead log with checksums; slots are not, and the
 * one that is being written when the power goes is torn.
 *
 * <p>It can be told to fail. Everything that becomes durable is checked and kept as the truth that
 * the rest of the simulation is compared with. Guarded by the baton of the scheduler.
 */
public final class SimulatedDisk {

  private static final int SYNC_NANOS_MAX = 3_000_000;

  private final Scheduler scheduler;
  private final Random random;
  private final Map<Family, NavigableMap<byte[], byte[]>> rows = new EnumMap<>(Family.class);
  private final Deque<Written> unsynced = new ArrayDeque<>();
  private final Slot[] slots = {new Slot(), new Slot()};

  private boolean isFull;
  private boolean failsNextSync;
  private double readsFail; // the chance of each

  // The truth: what is durable, and was checked when it became so.
  private final List<LogEntry> entries = new ArrayList<>();
  private final Map<RequestId, LogPosition> requests = new HashMap<>(); // without learntBelow
  private final Map<SessionId, Optional<String>> owners = new HashMap<>(); // of sessions used
  private long trimMark;

  /** A batch in the cache of the operating system, and what takes it back. */
  private record Written(RowBatch batch, List<RowBatch.Row> undo) {}

  private static final class Slot {
    private byte[] durable = new byte[0];
    private final List<byte[]> unsynced = new ArrayList<>();

    byte[] current() {
      return unsynced.isEmpty() ? durable : unsynced.get(unsynced.size() - 1);
    }
  }

  /** An empty disk. */
  public SimulatedDisk(Scheduler scheduler, long seed) {
    this.scheduler = scheduler;
    this.random = new Random(seed);
    for (Family family : Family.values()) {
      rows.put(family, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  // ---- Faults.

  /** Has every write fail without effect until there is room. */
  public void full(boolean full) {
    isFull = full;
  }

  public boolean isFull() {
    return isFull;
  }

  /** Has the next sync report an error, whatever it has done. */
  public void failNextSync() {
    failsNextSync = true;
  }

  /** Has each read of the store fail with that chance. */
  public void failReads(double chance) {
    readsFail = chance;
  }

  /** Ends all faults. */
  public void heal() {
    isFull = false;
    failsNextSync = false;
    readsFail = 0;
  }

  /** Takes back some of what was not synced, from the end. Nobody must have the store open. */
  public void cutPower() {
    int lost = random.nextInt(unsynced.size() + 1);
    for (int i = 0; i < lost; i++) {
      unsynced.removeLast().undo().forEach(this::put);
    }
    int torn = random.nextInt(slots.length + 1); // at most one is being written at a time
    for (int i = 0; i < slots.length; i++) {
      cutPower(slots[i], i == torn);
    }
    promote(unsynced.size()); // what has survived is on the disk
  }

  private void cutPower(Slot slot, boolean torn) {
    byte[] kept = slot.durable;
    int which = random.nextInt(slot.unsynced.size() + 1);
    if (which > 0) {
      byte[] written = slot.unsynced.get(which - 1);
      kept = torn ? torn(kept, written) : written;
    }
    slot.durable = kept;
    slot.unsynced.clear();
  }

  private byte[] torn(byte[] before, byte[] after) {
    byte[] mixture = after.clone();
    int cut = random.nextInt(after.length + 1);
    for (int i = cut; i < mixture.length; i++) {
      mixture[i] = i < before.length ? before[i] : 0;
    }
    return mixture;
  }

  // ---- The truth.

  /** The durable entries, by position; trimmed ones as well. */
  public List<LogEntry> entries() {
    return entries;
  }

  /** Where the durable entries end. */
  public long durableTail() {
    return entries.size();
  }

  /** The trim mark that is durable. */
  public long durableTrimMark() {
    return trimMark;
  }

  private void promote(int batches) {
    for (int i = 0; i < batches; i++) {
      RowBatch batch = unsynced.removeFirst().batch();
      scheduler.check(() -> Checked.check(batch, this));
    }
  }

  /** What has to be so of every batch that becomes durable. */
  private record Checked(SimulatedDisk disk, Set<String> indexed, Set<String> needed) {

    static void check(RowBatch batch, SimulatedDisk disk) {
      Checked checked = new Checked(disk, new HashSet<>(), new HashSet<>());
      batch.rows().stream().filter(row -> row.value() != null).forEach(checked::row);
      if (!checked.indexed.equals(checked.needed)) {
        throw new AssertionError(
            "a batch has the entries " + checked.needed + " and index rows for " + checked.indexed);
      }
    }

    private void row(RowBatch.Row row) {
      switch (row.family()) {
        case ENTRIES -> entry(Bytes.longAt(row.key(), 0), row.value());
        case INDEX -> {
          for (long position : StreamIndex.positions(row.key(), row.value())) {
            indexed.add(position + " in " + StreamIndex.stream(row.key()));
          }
        }
        case META -> state(row.value());
        case SESSIONS -> {}
      }
    }

    private void entry(long position, byte[] bytes) {
      if (position != disk.entries.size()) {
        throw new AssertionError(
            "the entry after "
                + (disk.entries.size() - 1)
                + " that becomes durable is "
                + position);
      }
      LogEntry entry = EntryFormat.decode(new LogPosition(position), bytes);
      disk.entries.add(entry);
      for (StreamKeys write : entry.writes()) {
        StreamId stream = write.stream();
        needed.add(position + " in " + stream);
      }
      entry
          .requestId()
          .ifPresent(
              id -> {
                RequestId identity = new RequestId(id.session(), id.sequence(), 0);
                LogPosition first = disk.requests.putIfAbsent(identity, entry.position());
                if (first != null) {
                  throw new AssertionError(identity + " is at " + first + " and at " + position);
                }
                Optional<String> owner = disk.owners.putIfAbsent(id.session(), entry.principal());
                if (owner != null && !owner.equals(entry.principal())) {
                  throw new AssertionError(
                      identity + " is of " + entry.principal() + ", its session of " + owner);
                }
              });
    }

    private void state(byte[] value) {
      if (value.length != 8 * Long.BYTES) {
        return; // the format
      }
      long tail = Bytes.longAt(value, 8);
      long mark = Bytes.longAt(value, 16);
      if (tail != disk.entries.size() || mark < disk.trimMark) {
        throw new AssertionError(
            "a batch ends at tail "
                + tail
                + " and trim mark "
                + mark
                + " where there are "
                + disk.entries.size()
                + " entries and the mark was "
                + disk.trimMark);
      }
      disk.trimMark = mark;
    }
  }

  /** Where a request was accepted, if it is durable; null if not. */
  public LogPosition positionOf(RequestId id) {
    return requests.get(new RequestId(id.session(), id.sequence(), 0));
  }

  // ---- As a process sees it.

  private void put(RowBatch.Row row) {
    if (row.value() == null) {
      rows.get(row.family()).remove(row.key());
    } else {
      rows.get(row.family()).put(row.key(), row.value());
    }
  }

  private void write(RowBatch batch) {
    List<RowBatch.Row> undo = new ArrayList<>();
    for (RowBatch.Row row : batch.rows()) {
      undo.add(0, new RowBatch.Row(row.family(), row.key(), rows.get(row.family()).get(row.key())));
      put(row);
    }
    unsynced.add(new Written(batch, undo));
  }

  /** The store's rows; each call is a point of the schedule. */
  Storage storage() {
    return new View();
  }

  /** The slots of the store's mark. */
  MarkSlots slots() {
    return new SlotView();
  }

  /** Makes an empty store, before the simulation begins. */
  void create(EngineParameters parameters) throws IOException {
    MemoryRows memory = new MemoryRows();
    new HighWaterMark(new SlotView()).write(LogStore.create(memory, 1, 2, parameters));
    promote(unsynced.size());
    for (Slot slot : slots) {
      slot.durable = slot.current();
      slot.unsynced.clear();
    }
  }

  /** Without points and faults. */
  private class MemoryRows implements Storage {

    @Override
    public void write(RowBatch batch, boolean sync) throws IOException {
      SimulatedDisk.this.write(batch);
    }

    @Override
    public void reopen() throws IOException {}

    @Override
    public Snapshot snapshot() {
      throw new UnsupportedOperationException("the simulation makes no backups");
    }

    @Override
    public void sync() throws IOException {}

    @Override
    public byte[] get(Family family, byte[] key) throws IOException {
      return rows.get(family).get(key);
    }

    @Override
    public List<byte[]> getAll(Family family, List<byte[]> keys) throws IOException {
      List<byte[]> values = new ArrayList<>();
      for (byte[] key : keys) {
        values.add(get(family, key));
      }
      return values;
    }

    @Override
    public Cursor cursor(Family family, byte[] from, byte[] to) throws IOException {
      return new RowCursor(rows.get(family).subMap(from, true, to, false), from, to);
    }

    @Override
    public long count(Family family, byte[] from, byte[] to) throws IOException {
      return rows.get(family).subMap(from, true, to, false).size();
    }

    @Override
    public boolean drop(Family family, byte[] below) throws IOException {
      rows.get(family).headMap(below, false).clear();
      return false;
    }

    @Override
    public void close() {}
  }

  private final class View extends MemoryRows {

    @Override
    public void write(RowBatch batch, boolean sync) throws IOException {
      scheduler.point("writes " + batch.rows().size() + " rows");
      if (isFull) {
        throw new DiskFullException("no space left on device", null);
      }
      super.write(batch, sync);
      if (sync) {
        sync();
      } else {
        scheduler.point("has written");
      }
    }

    @Override
    public void reopen() throws IOException {
      scheduler.point("opens the rows again");
      if (isFull) {
        throw new DiskFullException("no space left on device", null);
      }
      sync();
    }

    @Override
    public void sync() throws IOException {
      boolean fails = failsNextSync;
      boolean takesEffect = !fails || random.nextBoolean();
      failsNextSync = false;
      Written last = unsynced.peekLast();
      scheduler.sleep("syncs", random.nextInt(SYNC_NANOS_MAX));
      if (takesEffect && last != null && unsynced.contains(last)) {
        while (!unsynced.isEmpty() && unsynced.peekFirst() != last) {
          promote(1);
        }
        promote(1);
      }
      scheduler.point(fails ? "fails to sync" : "has synced");
      if (fails) {
        throw new IOException("fsync failed");
      }
    }

    @Override
    public byte[] get(Family family, byte[] key) throws IOException {
      mayFail();
      return super.get(family, key);
    }

    @Override
    public Cursor cursor(Family family, byte[] from, byte[] to) throws IOException {
      mayFail();
      return super.cursor(family, from, to);
    }

    @Override
    public boolean drop(Family family, byte[] below) throws IOException {
      scheduler.point("drops");
      return super.drop(family, below);
    }

    private void mayFail() throws IOException {
      if (readsFail > 0 && random.nextDouble() < readsFail) {
        throw new IOException("read failed");
      }
    }
  }

  private final class SlotView implements MarkSlots {

    @Override
    public byte[] read(int slot) {
      return slots[slot].current().clone();
    }

    @Override
    public void write(int slot, byte[] bytes) {
      slots[slot].unsynced.add(bytes.clone());
    }

    @Override
    public void sync() throws IOException {
      scheduler.point("syncs the mark");
      for (Slot slot : slots) {
        slot.durable = slot.current();
        slot.unsynced.clear();
      }
    }

    @Override
    public void close() {}
  }

  private static final class RowCursor implements Storage.Cursor {

    private final NavigableMap<byte[], byte[]> range;
    private final byte[] from;
    private final byte[] to;
    private Map.Entry<byte[], byte[]> row;

    RowCursor(NavigableMap<byte[], byte[]> range, byte[] from, byte[] to) {
      this.range = range;
      this.from = from;
      this.to = to;
    }

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
  }
}
