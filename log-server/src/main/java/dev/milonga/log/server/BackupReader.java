package dev.milonga.log.server;

import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.server.WriteSet.SessionRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * Reads a backup in the {@link BackupFormat} from one end to the other. What it gives out has been
 * checked: every byte by a checksum, every entry by its own, positions by their order. Only when it
 * has come to the end is it known that nothing is missing.
 */
final class BackupReader {

  /** Takes what is in a backup, in this order. */
  interface Sink {

    void head(StoreMeta meta) throws IOException;

    void entry(LogEntry entry, byte[] bytes) throws IOException;

    void session(byte[] key, byte[] value) throws IOException;
  }

  private final Path file;
  private final InputStream in;
  private final Sink sink;
  private final MessageDigest digest = BackupFormat.digest();
  private long offset; // of the next byte
  private long number; // of the next block
  private long next; // the position of the next entry
  private long rows;

  /**
   * A reader of that file.
   *
   * @param in its bytes, which are read once
   */
  BackupReader(Path file, InputStream in, Sink sink) {
    this.file = file;
    this.in = in;
    this.sink = sink;
  }

  /**
   * Reads all of it.
   *
   * @throws DamagedBackupException if it is not a whole backup
   * @throws NewerFormatException if it was written by a newer version
   */
  Backup read() throws IOException {
    ByteBuffer head = head();
    long high = head.getLong();
    long low = head.getLong();
    long takenMicros = head.getLong();
    StoreMeta meta;
    try {
      meta =
          new StoreMeta(
              high,
              low,
              new EngineParameters(head.getInt(), head.getLong()),
              StoreMeta.readState(head));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw damaged("its head is in order, but not what it tells: " + e.getMessage());
    }
    next = meta.state().trimMark();
    sink.head(meta);
    while (block(meta.state())) {
      // goes on until the end is read
    }
    if (in.read() >= 0) {
      throw damaged("bytes follow after its end, at byte " + offset);
    }
    return new Backup(
        file,
        meta.identity(),
        new LogPosition(meta.state().trimMark()),
        new LogPosition(meta.state().tail()),
        Instant.EPOCH.plus(takenMicros, ChronoUnit.MICROS),
        offset);
  }

  private ByteBuffer head() throws IOException {
    byte[] bytes = in.readNBytes(BackupFormat.HEAD_BYTES);
    int start = BackupFormat.MAGIC.length;
    if (!Arrays.equals(Arrays.copyOf(bytes, start), BackupFormat.MAGIC)) {
      throw damaged("it does not begin as one does");
    }
    int version = bytes.length < start + 4 ? 0 : ByteBuffer.wrap(bytes).getInt(start);
    if (version > BackupFormat.VERSION) {
      throw NewerFormatException.ofBackup(file.toString(), version, BackupFormat.VERSION);
    }
    if (bytes.length < BackupFormat.HEAD_BYTES) {
      throw cutOff("its head");
    }
    int end = BackupFormat.HEAD_BYTES - Integer.BYTES;
    ByteBuffer head = ByteBuffer.wrap(bytes);
    if (head.getInt(end) != BackupFormat.checksum(bytes, 0, end)
        || version != BackupFormat.VERSION) {
      throw damaged("its head, bytes 0 to " + bytes.length + ", was altered");
    }
    took(bytes, bytes.length);
    return head.position(start + 4);
  }

  /** Reads a block; false if it was the end. */
  private boolean block(EngineState state) throws IOException {
    long start = offset;
    byte[] soFar = ((MessageDigest) copyOf(digest)).digest();
    ByteBuffer head = ByteBuffer.wrap(take(BackupFormat.BLOCK_HEAD_BYTES, "block " + number));
    byte kind = head.get();
    long its = head.getLong();
    int length = head.getInt();
    String what = "block " + number + ", at byte " + start;
    if (head.getInt() != BackupFormat.checksum(head.array(), 0, head.capacity() - 4)) {
      throw damaged(what + ", was altered");
    }
    if (its != number || length < 0) {
      throw damaged(what + ", is block " + its + " of another place");
    }
    byte[] bytes = take(length, what);
    int checksum = ByteBuffer.wrap(take(Integer.BYTES, what)).getInt();
    if (checksum != BackupFormat.blockChecksum(number, bytes, length)) {
      throw damaged(what + (kind == BackupFormat.ENTRIES ? contents(state) : "") + ", was altered");
    }
    number++;
    try {
      switch (kind) {
        case BackupFormat.ENTRIES -> entries(ByteBuffer.wrap(bytes), state);
        case BackupFormat.SESSIONS -> sessions(ByteBuffer.wrap(bytes));
        case BackupFormat.END -> end(ByteBuffer.wrap(bytes), state, soFar);
        default -> throw damaged(what + ", is of an unknown kind, " + kind);
      }
    } catch (BufferUnderflowException e) {
      throw damaged(what + ", ends too early");
    }
    return kind != BackupFormat.END;
  }

  private String contents(EngineState state) {
    return ", with entries from position " + next + " of " + state.tail() + " on";
  }

  private void entries(ByteBuffer block, EngineState state) throws IOException {
    long first = block.getLong();
    if (first != next) {
      throw damaged("entries from position " + next + " on are missing, up to " + first);
    }
    while (block.hasRemaining()) {
      if (next >= state.tail()) {
        throw damaged("it has entries beyond its tail, " + next);
      }
      byte[] bytes = bytes(block, block.getInt());
      try {
        sink.entry(EntryFormat.decode(new LogPosition(next), bytes), bytes);
      } catch (DamagedEntryException e) {
        throw damaged(e.getMessage() + ", and was so in the store");
      }
      next++;
    }
  }

  private void sessions(ByteBuffer block) throws IOException {
    while (block.hasRemaining()) {
      int length = block.get() & 0xff;
      boolean longer = length == (LogStore.SESSION_KEY_BYTES | BackupFormat.LONGER_VALUE);
      if (!longer && length != LogStore.SESSION_KEY_BYTES && length != LogStore.OUTCOME_KEY_BYTES) {
        throw damaged("it has a row of a session with a key of " + length + " bytes");
      }
      byte[] key = bytes(block, longer ? LogStore.SESSION_KEY_BYTES : length);
      byte[] value =
          bytes(block, longer ? block.getShort() & 0xffff : BackupFormat.SESSION_VALUE_BYTES);
      if (longer) {
        checkOwned(key, value);
      }
      sink.session(key, value);
      rows++;
    }
  }

  private void checkOwned(byte[] key, byte[] value) {
    try {
      SessionRow.of(key, value);
    } catch (IllegalArgumentException e) {
      throw damaged(
          "its row of session " + Bytes.longAt(key, 0) + " cannot be read: " + e.getMessage());
    }
  }

  private void end(ByteBuffer block, EngineState state, byte[] soFar) {
    long entries = block.getLong();
    long sessions = block.getLong();
    byte[] whole = bytes(block, BackupFormat.DIGEST_BYTES);
    if (next != state.tail() || entries != state.tail() - state.trimMark()) {
      throw damaged("entries from position " + next + " to " + state.tail() + " are missing");
    }
    if (sessions != rows) {
      throw damaged("it has " + rows + " rows of sessions, and should have " + sessions);
    }
    if (!MessageDigest.isEqual(whole, soFar)) {
      throw damaged("each of its blocks is in order, but not the whole: its digest differs");
    }
  }

  private static byte[] bytes(ByteBuffer block, int length) {
    if (length < 0 || length > block.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    block.get(bytes);
    return bytes;
  }

  private byte[] take(int length, String what) throws IOException {
    byte[] bytes = in.readNBytes(length); // grows with what is there, whatever the length
    if (bytes.length < length) {
      offset += bytes.length;
      throw cutOff(what);
    }
    took(bytes, length);
    return bytes;
  }

  private void took(byte[] bytes, int length) {
    digest.update(bytes, 0, length);
    offset += length;
  }

  private static Object copyOf(MessageDigest digest) {
    try {
      return digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("SHA-256 of the platform can be copied", e);
    }
  }

  private DamagedBackupException cutOff(String what) {
    return damaged("it ends at byte " + offset + ", within " + what + "; the rest is missing");
  }

  private DamagedBackupException damaged(String what) {
    return new DamagedBackupException(file, what);
  }
}
