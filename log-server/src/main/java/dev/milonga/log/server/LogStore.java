package dev.milonga.log.server;

import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StreamId;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.server.HighWaterMark.Mark;
import dev.milonga.log.server.Storage.Cursor;
import dev.milonga.log.server.Storage.Family;
import dev.milonga.log.server.WriteSet.OutcomeKey;
import dev.milonga.log.server.WriteSet.OutcomeRow;
import dev.milonga.log.server.WriteSet.SessionRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A log in rows: how entries, index, sessions and the engine's numbers lie in a {@link Storage}
 * ({@code docs/log-format.md}), and the {@link HighWaterMark} beside it.
 *
 * <p>One thread writes; {@link #syncIfBehind} by one thread, if the first does not sync; {@link
 * #syncMark} and reads may be made from any thread. Reads see what was written, durable or not:
 * callers bound them by the tail that they may show.
 */
final class LogStore implements AutoCloseable {

  static final int SESSION_KEY_BYTES = Long.BYTES;
  static final int OUTCOME_KEY_BYTES = 2 * Long.BYTES;
  static final byte[] FIRST_KEY = new byte[0];
  static final byte[] LAST_KEY = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
  private static final int LOAD_MAX = 1_024; // entries fetched at once
  private static final int ROWS_BEFORE_SEEK = 16; // about what a seek costs

  private final String where;
  private final Storage storage;
  private final HighWaterMark mark;
  private final StoreMeta created; // its state is that at open
  private final Optional<MemoryFile> memoryFile;

  // Written by the writing thread. Read by syncIfBehind(), which may make more durable than it
  // tells.
  private volatile EngineState state;
  private volatile long syncedBatches; // how many batches are durable and in the mark
  private volatile long syncedTrimMark; // the trim mark after them; what is below may be dropped

  private LogStore(
      String where,
      Storage storage,
      HighWaterMark mark,
      Optional<MemoryFile> memoryFile,
      StoreMeta meta) {
    this.where = where;
    this.storage = storage;
    this.mark = mark;
    this.memoryFile = memoryFile;
    this.created = meta;
    this.state = meta.state();
  }

  /** Writes an empty log with that identity into an empty storage, durably. */
  static Mark create(Storage storage, long storeHigh, long storeLow, EngineParameters parameters)
      throws IOException {
    StoreMeta meta = new StoreMeta(storeHigh, storeLow, parameters, EngineState.EMPTY);
    RowBatch rows = new RowBatch();
    meta.addTo(rows);
    storage.write(rows, true);
    return meta.mark();
  }

  /**
   * Opens the log in that storage. It is checked that everything the mark tells of is there, that
   * no entry is missing, and that the last one is whole; the rest is checked when it is read.
   *
   * @param where for messages
   * @throws DamagedStoreException if something is missing
   * @throws NewerFormatException if the format is newer than this program
   */
  static LogStore open(String where, Storage storage, HighWaterMark mark) {
    return open(where, storage, mark, Optional.empty());
  }

  /**
   * The same with a file for what the engine remembers.
   *
   * @param memoryFile read and written by {@link #memory} and {@link #keepMemory}
   */
  static LogStore open(
      String where, Storage storage, HighWaterMark mark, Optional<MemoryFile> memoryFile) {
    try {
      Mark reached =
          mark.read()
              .orElseThrow(
                  () ->
                      new DamagedStoreException(
                          where, "its high-water mark holds nothing valid", null));
      StoreMeta meta = check(where, storage, reached);
      LogStore store = new LogStore(where, storage, mark, memoryFile, meta);
      store.markReached(meta.state());
      mark.sync();
      return store;
    } catch (DamagedFilesException e) {
      throw new DamagedStoreException(where, "reading it failed: " + e.getMessage(), e);
    } catch (IOException e) {
      throw notOpened(where, e);
    }
  }

  /** What to tell of a store that did not open though nothing of it is known to be missing. */
  static LogUnavailableException notOpened(String where, IOException e) {
    String remedy;
    if (e instanceof ClosedByInterruptException) {
      remedy = "the thread was interrupted; open it again";
    } else if (e instanceof DiskFullException) {
      remedy = "make room on its file system and open it again";
    } else {
      remedy =
          "the system refused it, and nothing is known to be missing: see to permissions and disk,"
              + " and open it again";
    }
    return new LogUnavailableException(
        "the store in " + where + " was not opened: " + reason(e) + "; " + remedy, e);
  }

  // An exception of Java's file systems often has no more than a path for its message.
  private static String reason(IOException e) {
    return e instanceof FileSystemException ? e.toString() : String.valueOf(e.getMessage());
  }

  /**
   * Opens the storage again after a write that failed for want of room: all batches whose write had
   * returned are there then, and of the one that failed all or nothing. Called by the writing
   * thread.
   *
   * @throws DiskFullException if there is still no room; reads go on
   * @throws DamagedStoreException if something is missing
   */
  void reopen() throws IOException {
    EngineState before = state;
    storage.reopen();
    EngineState found = check(where, storage, created.at(before).mark()).state();
    state = found;
    markReached(found);
    mark.sync();
  }

  /** What the storage holds, durably, when nothing of what must have been reached is missing. */
  private static StoreMeta check(String where, Storage storage, Mark reached) throws IOException {
    StoreMeta meta = StoreMeta.read(where, key -> storage.get(Family.META, key));
    meta.checkAgainst(reached, where);
    checkEntries(where, storage, meta.state());
    storage.sync(); // what was read may have been on its way only when it was opened
    return meta;
  }

  /** What the store was created with. */
  EngineParameters parameters() {
    return created.parameters();
  }

  /** The identity of the store. */
  UUID identity() {
    return new UUID(created.storeHigh(), created.storeLow());
  }

  /** The numbers of the engine after the last batch written. */
  EngineState state() {
    return state;
  }

  /** What an engine in this very state has remembered, if that was kept. */
  Optional<ByteBuffer> memory() {
    return memoryFile
        .flatMap(MemoryFile::read)
        .flatMap(bytes -> EngineMemory.decode(bytes, created.at(state)));
  }

  /** Keeps what that engine remembers, if it is in this very state. Called last. */
  void keepMemory(LogEngine engine) {
    if (engine.state().equals(state)) {
      memoryFile.ifPresent(
          file -> file.write(EngineMemory.encode(created.at(state), engine::writeTo)));
    }
  }

  /**
   * Writes what a batch changes, all or nothing; with {@code sync} it is durable, and covered by
   * the mark, when this returns.
   *
   * @throws IOException if it is unknown what is or will become durable
   */
  void write(WriteSet writes, boolean sync) throws IOException {
    RowBatch rows = new RowBatch();
    for (AcceptedEntry accepted : writes.entries()) {
      rows.put(Family.ENTRIES, Bytes.ofLong(accepted.entry().position().value()), accepted.bytes());
    }
    StreamIndex.addRows(writes.entries(), rows);
    for (long session : writes.endedSessions()) {
      rows.delete(Family.SESSIONS, Bytes.ofLong(session));
    }
    for (OutcomeKey key : writes.learntOutcomes()) {
      rows.delete(Family.SESSIONS, outcomeKey(key.session(), key.sequence()));
    }
    for (SessionRow row : writes.sessions()) {
      rows.put(Family.SESSIONS, Bytes.ofLong(row.session()), row.value());
    }
    for (OutcomeRow row : writes.outcomes()) {
      rows.put(
          Family.SESSIONS,
          outcomeKey(row.session(), row.sequence()),
          twoLongs(row.position(), row.digest()));
    }
    StoreMeta.addState(writes.state(), rows);
    storage.write(rows, sync);
    state = writes.state();
    if (sync) {
      markReached(writes.state());
    }
  }

  /** Makes all batches durable whose write had returned when this was called. */
  void syncIfBehind() throws IOException {
    EngineState reached = state;
    if (reached.batches() > syncedBatches) {
      storage.sync();
      markReached(reached);
    }
  }

  /** How many batches are durable. */
  long syncedBatches() {
    return syncedBatches;
  }

  /** All that is stored, at one moment between two batches. */
  Storage.Snapshot snapshot() throws IOException {
    return storage.snapshot();
  }

  /** Makes the mark durable. */
  void syncMark() throws IOException {
    mark.sync();
  }

  /** The first position that is readable for certain whatever happens, also to this machine. */
  long syncedTrimMark() {
    return syncedTrimMark;
  }

  /**
   * Gives the room of what is below that position back, at a cost that does not grow with it; the
   * last of it when more was written. The trim must be durable: else a loss of power could take the
   * trim back, but not what it has dropped.
   *
   * @return whether there is more that the next call can give back
   */
  boolean drop(long before) throws IOException {
    if (before > syncedTrimMark) {
      throw new AssertionError(
          "drop before " + before + ", but durably trimmed is only " + syncedTrimMark);
    }
    boolean more = storage.drop(Family.ENTRIES, Bytes.ofLong(before));
    more |= storage.drop(Family.INDEX, StreamIndex.bucketKey(StreamIndex.bucket(before)));
    return more;
  }

  /** Gives for each stream with entries in {@code [from, to)} its last position, perhaps others. */
  void forEachStreamTail(long from, long to, StreamTailVisitor visitor) {
    try {
      for (long bucket = StreamIndex.bucket(from); bucket <= StreamIndex.bucket(to); bucket++) {
        forEachStreamTailIn(bucket, from, visitor);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Receives a stream and the position of an entry of it. */
  interface StreamTailVisitor {
    void tail(StreamId stream, long position);
  }

  private void forEachStreamTailIn(long bucket, long from, StreamTailVisitor visitor)
      throws IOException {
    try (Cursor rows =
        storage.cursor(
            Family.INDEX, StreamIndex.bucketKey(bucket), StreamIndex.bucketKey(bucket + 1))) {
      rows.seek(StreamIndex.bucketKey(bucket));
      while (rows.isValid()) {
        byte[] key = rows.key();
        StreamId stream = StreamIndex.stream(key);
        byte[] last = key;
        for (int i = 0; rows.isValid() && StreamIndex.stream(key).equals(stream); i++) {
          last = key;
          if (i == ROWS_BEFORE_SEEK) {
            rows.seekBelow(StreamIndex.keyAfter(stream, StreamIndex.lastPosition(key)));
            last = rows.key();
          }
          rows.next();
          if (rows.isValid()) {
            key = rows.key();
          }
        }
        long position = StreamIndex.lastPosition(last);
        if (position >= from) {
          visitor.tail(stream, position);
        }
      }
    }
  }

  /** All sessions that are stored. */
  List<SessionRow> sessions() {
    List<SessionRow> found = new ArrayList<>();
    forEachSessionRow(SESSION_KEY_BYTES, (key, value) -> found.add(session(key, value)));
    return found;
  }

  private SessionRow session(byte[] key, byte[] value) {
    try {
      return SessionRow.of(key, value);
    } catch (IllegalArgumentException e) {
      throw new DamagedStoreException(
          where,
          "the row of session " + Bytes.longAt(key, 0) + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  /** All outcomes of requests that are stored. */
  List<OutcomeRow> outcomes() {
    List<OutcomeRow> found = new ArrayList<>();
    forEachSessionRow(
        OUTCOME_KEY_BYTES,
        (key, value) ->
            found.add(
                new OutcomeRow(
                    Bytes.longAt(key, 0),
                    Bytes.longAt(key, 8),
                    Bytes.longAt(value, 0),
                    Bytes.longAt(value, 8))));
    return found;
  }

  private interface RowVisitor {
    void row(byte[] key, byte[] value);
  }

  private void forEachSessionRow(int keyBytes, RowVisitor visitor) {
    try (Cursor rows = storage.cursor(Family.SESSIONS, FIRST_KEY, LAST_KEY)) {
      for (rows.seek(FIRST_KEY); rows.isValid(); rows.next()) {
        if (rows.key().length == keyBytes) {
          visitor.row(rows.key(), rows.value());
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The entries in {@code [from, to)}, none of which may be missing. */
  Entries entries(long from, long to) {
    try {
      return new Entries(from, to);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** A pass over dense entries. Not thread-safe. */
  final class Entries implements AutoCloseable {

    private final Cursor rows;
    private final long to;
    private long next;

    private Entries(long from, long to) throws IOException {
      this.rows = storage.cursor(Family.ENTRIES, Bytes.ofLong(from), Bytes.ofLong(to));
      this.next = from;
      this.to = to;
      rows.seek(Bytes.ofLong(from));
    }

    /**
     * The next entry, or null at the end.
     *
     * @throws DamagedEntryException if it is missing or not whole
     */
    @Nullable LogEntry next() {
      if (next >= to) {
        return null;
      }
      LogPosition position = new LogPosition(next);
      try {
        if (!rows.isValid() || Bytes.longAt(rows.key(), 0) != next) {
          throw new DamagedEntryException(position, "it is missing");
        }
        LogEntry entry = EntryFormat.decode(position, rows.value());
        rows.next();
        next++;
        return entry;
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  /** All entries in {@code [from, to)}, up to the limit. */
  ReadBatch readAll(long from, long to, ReadLimit limit) {
    if (from >= to) {
      return new ReadBatch(List.of(), new LogPosition(from));
    }
    BatchBuilder batch = new BatchBuilder(limit);
    try (Entries entries = entries(from, to)) {
      for (LogEntry entry = entries.next(); entry != null; entry = entries.next()) {
        if (!batch.add(entry)) {
          return batch.build(entry.position().value());
        }
      }
      return batch.build(to);
    }
  }

  /** The entries of a stream in {@code [from, to)}, up to the limit. */
  ReadBatch read(StreamId stream, long from, long to, ReadLimit limit) {
    if (from >= to) {
      return new ReadBatch(List.of(), new LogPosition(from));
    }
    try {
      return new StreamRead(stream, from, to, limit).run();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** One read of one stream: positions from the index, fetched in growing chunks. */
  private final class StreamRead {

    private final StreamId stream;
    private final long from;
    private final long to;
    private final BatchBuilder batch;
    private final List<Long> chunk = new ArrayList<>();
    private int chunkMax;

    StreamRead(StreamId stream, long from, long to, ReadLimit limit) {
      this.stream = stream;
      this.from = from;
      this.to = to;
      this.batch = new BatchBuilder(limit);
      this.chunkMax = batch.expectedRoom(LOAD_MAX);
    }

    ReadBatch run() throws IOException {
      long lastBucket = StreamIndex.bucket(to - 1);
      try (Cursor rows =
          storage.cursor(
              Family.INDEX, StreamIndex.key(stream, from), StreamIndex.bucketKey(lastBucket + 1))) {
        for (long bucket = StreamIndex.bucket(from); bucket <= lastBucket; bucket++) {
          long first = Math.max(from, bucket << StreamIndex.BUCKET_BITS);
          for (rows.seek(StreamIndex.key(stream, first));
              rows.isValid() && isIn(rows.key(), bucket);
              rows.next()) {
            Optional<ReadBatch> full = take(StreamIndex.positions(rows.key(), rows.value()));
            if (full.isPresent()) {
              return full.get();
            }
          }
        }
      }
      return load().orElseGet(() -> batch.build(to));
    }

    private boolean isIn(byte[] key, long bucket) {
      return StreamIndex.bucket(StreamIndex.lastPosition(key)) == bucket
          && StreamIndex.stream(key).equals(stream);
    }

    private Optional<ReadBatch> take(long[] positions) throws IOException {
      for (long position : positions) {
        if (position >= from && position < to) {
          chunk.add(position);
          if (chunk.size() >= chunkMax) {
            Optional<ReadBatch> full = load();
            if (full.isPresent()) {
              return full;
            }
          }
        }
      }
      return Optional.empty();
    }

    /** Fetches the chunk; gives the batch if it has become full before the end of the chunk. */
    private Optional<ReadBatch> load() throws IOException {
      if (chunk.isEmpty()) {
        return Optional.empty();
      }
      long first = chunk.get(0);
      long last = chunk.get(chunk.size() - 1);
      boolean dense = last - first < 4L * chunk.size();
      Optional<ReadBatch> full = dense ? loadRange(first, last) : loadEach();
      chunk.clear();
      chunkMax = batch.expectedRoom(LOAD_MAX);
      return full;
    }

    private Optional<ReadBatch> loadRange(long first, long last) throws IOException {
      try (Cursor rows =
          storage.cursor(Family.ENTRIES, Bytes.ofLong(first), Bytes.ofLong(last + 1))) {
        rows.seek(Bytes.ofLong(first));
        for (long position : chunk) {
          while (rows.isValid() && Bytes.longAt(rows.key(), 0) < position) {
            rows.next();
          }
          boolean found = rows.isValid() && Bytes.longAt(rows.key(), 0) == position;
          if (!batch.add(decode(position, found ? rows.value() : null))) {
            return Optional.of(batch.build(position));
          }
        }
      }
      return Optional.empty();
    }

    private Optional<ReadBatch> loadEach() throws IOException {
      List<byte[]> keys = new ArrayList<>(chunk.size());
      for (long position : chunk) {
        keys.add(Bytes.ofLong(position));
      }
      List<byte @Nullable []> values = storage.getAll(Family.ENTRIES, keys);
      for (int i = 0; i < keys.size(); i++) {
        if (!batch.add(decode(chunk.get(i), values.get(i)))) {
          return Optional.of(batch.build(chunk.get(i)));
        }
      }
      return Optional.empty();
    }

    private LogEntry decode(long position, byte @Nullable [] bytes) {
      LogPosition at = new LogPosition(position);
      if (bytes == null) {
        throw new DamagedEntryException(
            at, "it is missing, though the index has it in stream " + stream);
      }
      LogEntry entry = EntryFormat.decode(at, bytes);
      if (!entry.isIn(stream)) {
        throw new DamagedEntryException(
            at, "it is not in stream " + stream + ", though the index says so");
      }
      return entry;
    }
  }

  @Override
  public void close() {
    storage.close();
    mark.close();
  }

  private void markReached(EngineState reached) throws IOException {
    mark.write(created.at(reached).mark());
    syncedBatches = reached.batches();
    syncedTrimMark = reached.trimMark();
  }

  private LogUnavailableException unreadable(IOException e) {
    return new LogUnavailableException(
        "reading the store in " + where + " failed: " + e.getMessage(), e);
  }

  private static void checkEntries(String where, Storage storage, EngineState state)
      throws IOException {
    byte[] first = Bytes.ofLong(state.trimMark());
    byte[] end = Bytes.ofLong(state.tail());
    long missing = state.tail() - state.trimMark() - storage.count(Family.ENTRIES, first, end);
    if (missing != 0) {
      throw new DamagedStoreException(
          where,
          missing
              + " entries are missing in ["
              + state.trimMark()
              + ", "
              + state.tail()
              + "), the first at position "
              + firstMissing(storage, state),
          null);
    }
    long beyond = storage.count(Family.ENTRIES, end, LAST_KEY);
    if (beyond != 0) {
      throw new DamagedStoreException(
          where, "there are " + beyond + " entries beyond its tail " + state.tail(), null);
    }
    if (state.tail() > state.trimMark()) {
      LogPosition last = new LogPosition(state.tail() - 1);
      byte[] bytes = storage.get(Family.ENTRIES, Bytes.ofLong(last.value()));
      if (bytes == null) {
        throw new DamagedStoreException(where, "its last entry is missing", null);
      }
      try {
        EntryFormat.decode(last, bytes);
      } catch (DamagedEntryException e) {
        throw new DamagedStoreException(where, e.getMessage(), e);
      }
    }
  }

  private static long firstMissing(Storage storage, EngineState state) throws IOException {
    long expected = state.trimMark();
    byte[] end = Bytes.ofLong(state.tail());
    try (Cursor rows = storage.cursor(Family.ENTRIES, Bytes.ofLong(expected), end)) {
      rows.seek(Bytes.ofLong(expected));
      while (rows.isValid() && Bytes.longAt(rows.key(), 0) == expected) {
        expected++;
        rows.next();
      }
    }
    return expected;
  }

  private static byte[] outcomeKey(long session, long sequence) {
    return twoLongs(session, sequence);
  }

  private static byte[] twoLongs(long first, long second) {
    byte[] bytes = new byte[2 * Long.BYTES];
    Bytes.putLong(bytes, 0, first);
    Bytes.putLong(bytes, Long.BYTES, second);
    return bytes;
  }
}
