package dev.milonga.log.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * The form of a backup: one file, written and read from one end to the other. Integers are
 * big-endian.
 *
 * <pre>
 * backup  = head block* end
 * head    = "MILOBKUP" version content checksum     8; 4, now 1; 100; 4
 * content = store taken generationWrites sessionTimeout state    16; 8; 4; 8; 8 * 8 bytes
 * block   = kind number length checksum bytes checksum           1; 8; 4; 4; length; 4
 * end     = block of kind 3
 * </pre>
 *
 * <ul>
 *   <li>kind 1, entries: the first position (8), then for each entry its length (4) and its bytes,
 *       dense and ascending over all blocks, from the trim mark to the tail;
 *   <li>kind 2, rows of sessions: for each the length of the key (1), the key, and the value (16);
 *       where the session has an owner, 128 is added to the length of the key, and the length of
 *       the value (2) stands before the value;
 *   <li>kind 3, the end: the number of entries (8), of rows (8), and the SHA-256 of all bytes
 *       before this block (32). Nothing follows.
 * </ul>
 *
 * <p>Checksums are CRC-32C of the bytes before them, from the beginning of the head, of the block,
 * or of the block's bytes on; that of the bytes of a block begins with its number, so that a block
 * in another's place is found out. No length is believed before its checksum is right. The index is
 * not in a backup: it follows from the entries.
 */
final class BackupFormat {

  static final int VERSION = 1;
  static final byte[] MAGIC = "MILOBKUP".getBytes(StandardCharsets.US_ASCII);
  static final int CONTENT_BYTES = 16 + 8 + 4 + 8 + 8 * Long.BYTES;
  static final int HEAD_BYTES = 8 + 4 + CONTENT_BYTES + 4;
  static final int BLOCK_HEAD_BYTES = 1 + 8 + 4 + 4;
  static final int DIGEST_BYTES = 32;
  static final int END_BYTES = 8 + 8 + DIGEST_BYTES;
  static final int SESSION_VALUE_BYTES = 2 * Long.BYTES;
  static final int LONGER_VALUE = 0x80; // added to the length of a key

  static final byte ENTRIES = 1;
  static final byte SESSIONS = 2;
  static final byte END = 3;

  private BackupFormat() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  static int checksum(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, to - from);
    return (int) crc.getValue();
  }

  static int blockChecksum(long number, byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
