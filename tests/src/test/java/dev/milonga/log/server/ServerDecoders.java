package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What the log makes of bytes from files, for tests that give it other bytes. */
public final class ServerDecoders {

  private static final StreamId STREAM = StreamId.named("sampled");
  private static final EngineState STATE = new EngineState(3, 2, 0, 9, 2, 0, 0, 2);
  private static final StoreMeta META = new StoreMeta(1, 2, EngineParameters.DEFAULT, STATE);

  private ServerDecoders() {}

  // ---- Backups.

  /** Reads a backup to its end. */
  public static void backup(byte[] bytes) throws IOException {
    BackupReader.Sink nowhere =
        new BackupReader.Sink() {
          @Override
          public void head(StoreMeta meta) {}

          @Override
          public void entry(LogEntry entry, byte[] encoded) {}

          @Override
          public void session(byte[] key, byte[] value) {}
        };
    new BackupReader(Path.of("backup"), new ByteArrayInputStream(bytes), nowhere).read();
  }

  /** A whole one, with entries and sessions. */
  public static byte[] backup() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BackupWriter writer = new BackupWriter(out);
    try {
      writer.head(META, 5);
      for (long position = 0; position < STATE.tail(); position++) {
        writer.entry(position, entry(position));
      }
      writer.session(new byte[LogStore.SESSION_KEY_BYTES], new byte[2 * Long.BYTES]);
      writer.session(
          Bytes.ofLong(1), new WriteSet.SessionRow(1, 0, 0, new Principal("ann")).value());
      writer.session(new byte[LogStore.OUTCOME_KEY_BYTES], new byte[2 * Long.BYTES]);
      writer.end();
    } catch (IOException e) {
      throw new AssertionError("no file is written to", e);
    }
    return out.toByteArray();
  }

  private static byte[] entry(long position) {
    return EntryFormat.encode(
        new LogEntry(
            new LogPosition(position),
            7,
            List.of(StreamKeys.keys(STREAM, 1, 2)),
            Payload.wrap(new byte[] {1, 2, 3}),
            new RequestId(new SessionId(1), position, 0)));
  }

  /**
   * The same bytes with every checksum put right that stands where the lengths say, and the digest:
   * as somebody would write them who means ill.
   */
  public static byte[] sealedBackup(byte[] bytes) {
    byte[] sealed = bytes.clone();
    int headEnd = BackupFormat.HEAD_BYTES - Integer.BYTES;
    if (sealed.length < BackupFormat.HEAD_BYTES) {
      return sealed;
    }
    ByteBuffer out = ByteBuffer.wrap(sealed);
    out.putInt(headEnd, BackupFormat.checksum(sealed, 0, headEnd));
    int start = BackupFormat.HEAD_BYTES;
    while (sealed.length - start >= BackupFormat.BLOCK_HEAD_BYTES) {
      long number = out.getLong(start + 1);
      int length = out.getInt(start + 9);
      out.putInt(start + 13, BackupFormat.checksum(sealed, start, start + 13));
      int content = start + BackupFormat.BLOCK_HEAD_BYTES;
      if (length < 0 || length > sealed.length - content - Integer.BYTES) {
        return sealed;
      }
      if (sealed[start] == BackupFormat.END && length == BackupFormat.END_BYTES) {
        byte[] digest = BackupFormat.digest().digest(Arrays.copyOf(sealed, start));
        System.arraycopy(digest, 0, sealed, content + 16, digest.length);
      }
      byte[] block = Arrays.copyOfRange(sealed, content, content + length);
      out.putInt(content + length, BackupFormat.blockChecksum(number, block, length));
      start = content + length + Integer.BYTES;
    }
    return sealed;
  }

  // ---- The high-water mark.

  /** Reads a mark from two slots. */
  public static void mark(byte[] bytes) throws IOException {
    int half = bytes.length / 2;
    byte[][] slots = {
      Arrays.copyOf(bytes, Math.min(half, MarkSlots.SLOT_BYTES)),
      Arrays.copyOfRange(bytes, half, Math.min(bytes.length, half + MarkSlots.SLOT_BYTES))
    };
    try (HighWaterMark mark = new HighWaterMark(new GivenSlots(slots))) {
      mark.read();
    }
  }

  /** Two slots, both written. */
  public static byte[] mark() {
    GivenSlots slots = new GivenSlots(new byte[][] {{}, {}});
    try (HighWaterMark mark = new HighWaterMark(slots)) {
      mark.read();
      mark.write(META.mark());
      mark.write(META.at(new EngineState(4, 3, 1, 9, 2, 0, 0, 2)).mark());
    } catch (IOException e) {
      throw new AssertionError("no file is written to", e);
    }
    byte[] both = Arrays.copyOf(slots.slots[0], 2 * MarkSlots.SLOT_BYTES);
    System.arraycopy(slots.slots[1], 0, both, MarkSlots.SLOT_BYTES, MarkSlots.SLOT_BYTES);
    return both;
  }

  private record GivenSlots(byte[][] slots) implements MarkSlots {
    @Override
    public byte[] read(int slot) {
      return slots[slot];
    }

    @Override
    public void write(int slot, byte[] bytes) {
      slots[slot] = bytes;
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
  }

  // ---- Rows of the storage.

  /** Reads the two rows that a store tells of itself in; the first byte is where one ends. */
  public static void meta(byte[] bytes) throws IOException {
    int first = bytes.length == 0 ? 0 : Math.min(bytes.length, 1 + (bytes[0] & 0xff));
    byte[] format = Arrays.copyOfRange(bytes, Math.min(1, bytes.length), Math.max(first, 0));
    byte[] state = Arrays.copyOfRange(bytes, first, bytes.length);
    StoreMeta.read("a directory", key -> key[0] == 'f' ? format : state);
  }

  /** Both rows, after the length of the first. */
  public static byte[] meta() {
    RowBatch rows = new RowBatch();
    META.addTo(rows);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(rows.rows().get(0).value().length);
    rows.rows().forEach(row -> out.writeBytes(row.value()));
    return out.toByteArray();
  }

  /** Reads a row of a session. */
  public static void session(byte[] bytes) {
    int keyBytes = Math.min(bytes.length, LogStore.SESSION_KEY_BYTES);
    byte[] key = Arrays.copyOf(bytes, LogStore.SESSION_KEY_BYTES);
    byte[] value = Arrays.copyOfRange(bytes, keyBytes, bytes.length);
    WriteSet.SessionRow row;
    try {
      row = WriteSet.SessionRow.of(key, value);
    } catch (IllegalArgumentException e) { // which who reads rows makes a damaged store of
      throw new DamagedStoreException("a directory", String.valueOf(e.getMessage()), e);
    }
    if (!Arrays.equals(row.value(), value)) {
      throw new AssertionError("written again it is another");
    }
  }

  /** Key and value of a session that has an owner. */
  public static byte[] session() {
    byte[] value = new WriteSet.SessionRow(1, 2, 3, new Principal("CN=\u00e4nn")).value();
    byte[] row = Arrays.copyOf(Bytes.ofLong(1), LogStore.SESSION_KEY_BYTES + value.length);
    System.arraycopy(value, 0, row, LogStore.SESSION_KEY_BYTES, value.length);
    return row;
  }

  /** Reads a row of the index. */
  public static void index(byte[] bytes) {
    int keyBytes = Math.min(bytes.length, StreamIndex.KEY_BYTES);
    byte[] key = Arrays.copyOf(bytes, keyBytes);
    IndexCheck check = new IndexCheck(0, 1 << StreamIndex.BUCKET_BITS, new Problems());
    check.entry(
        new LogEntry(
            new LogPosition(5), 1, List.of(StreamKeys.whole(STREAM)), Payload.wrap(key), null));
    check.row(key, Arrays.copyOfRange(bytes, keyBytes, bytes.length));
    check.end();
  }

  public static byte[] index() {
    byte[] key = StreamIndex.key(STREAM, 1_005);
    byte[] row = Arrays.copyOf(key, key.length + 4);
    System.arraycopy(new byte[] {5, (byte) 0x80, 1, 7}, 0, row, key.length, 4);
    return row;
  }
}
