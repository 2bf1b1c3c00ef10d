package dev.milonga.log.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/** Writes a backup in the {@link BackupFormat}: head, entries, rows of sessions, end. */
final class BackupWriter {

  private static final int BLOCK_BYTES = 256 << 10;

  private final OutputStream out;
  private final MessageDigest digest = BackupFormat.digest();
  private byte[] block = new byte[BLOCK_BYTES];
  private int length; // of what is in the block
  private byte kind; // of the block
  private long number; // of the block
  private long bytes;
  private long entries;
  private long rows;

  BackupWriter(OutputStream out) {
    this.out = out;
  }

  /** The number of bytes written so far. */
  long bytes() {
    return bytes;
  }

  void head(StoreMeta meta, long takenMicros) throws IOException {
    EngineState state = meta.state();
    ByteBuffer head = ByteBuffer.allocate(BackupFormat.HEAD_BYTES);
    head.put(BackupFormat.MAGIC).putInt(BackupFormat.VERSION);
    head.putLong(meta.storeHigh()).putLong(meta.storeLow()).putLong(takenMicros);
    head.putInt(meta.parameters().generationWrites());
    head.putLong(meta.parameters().sessionTimeoutMicros());
    state.putTo(head);
    head.putInt(BackupFormat.checksum(head.array(), 0, head.position()));
    write(head.array(), head.position());
  }

  /** Adds the entry at the position after the last one added. */
  void entry(long position, byte[] entry) throws IOException {
    if (kind != BackupFormat.ENTRIES) {
      begin(BackupFormat.ENTRIES);
    }
    if (length > 0 && length + Integer.BYTES + entry.length > BLOCK_BYTES) {
      flush();
    }
    if (length == 0) {
      room(Long.BYTES).putLong(position);
    }
    room(Integer.BYTES + entry.length).putInt(entry.length).put(entry);
    entries++;
  }

  void session(byte[] key, byte[] value) throws IOException {
    if (kind != BackupFormat.SESSIONS) {
      begin(BackupFormat.SESSIONS);
    }
    boolean longer = value.length > BackupFormat.SESSION_VALUE_BYTES;
    int size = 1 + key.length + (longer ? Short.BYTES : 0) + value.length;
    if (length + size > BLOCK_BYTES) {
      flush();
    }
    ByteBuffer room = room(size);
    room.put((byte) (key.length | (longer ? BackupFormat.LONGER_VALUE : 0))).put(key);
    if (longer) {
      room.putShort((short) value.length);
    }
    room.put(value);
    rows++;
  }

  void end() throws IOException {
    begin(BackupFormat.END);
    room(BackupFormat.END_BYTES).putLong(entries).putLong(rows).put(digest.digest());
    flush();
  }

  private void begin(byte next) throws IOException {
    if (length > 0) {
      flush();
    }
    kind = next;
  }

  /** That many further bytes of the block, to be filled at once. */
  private ByteBuffer room(int more) {
    int end = Math.addExact(length, more);
    if (end > block.length) {
      block = Arrays.copyOf(block, end);
    }
    ByteBuffer room = ByteBuffer.wrap(block, length, more);
    length = end;
    return room;
  }

  private void flush() throws IOException {
    ByteBuffer head = ByteBuffer.allocate(BackupFormat.BLOCK_HEAD_BYTES);
    head.put(kind).putLong(number).putInt(length);
    head.putInt(BackupFormat.checksum(head.array(), 0, head.position()));
    write(head.array(), head.position());
    write(block, length);
    byte[] checksum = new byte[Integer.BYTES];
    ByteBuffer.wrap(checksum).putInt(BackupFormat.blockChecksum(number, block, length));
    write(checksum, checksum.length);
    number++;
    length = 0;
    if (block.length > BLOCK_BYTES) {
      block = new byte[BLOCK_BYTES]; // one large entry is not paid for to the end
    }
  }

  private void write(byte[] from, int count) throws IOException {
    out.write(from, 0, count);
    digest.update(from, 0, count);
    bytes += count;
  }
}
