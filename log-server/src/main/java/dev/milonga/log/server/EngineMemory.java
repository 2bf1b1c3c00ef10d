package dev.milonga.log.server;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What an engine remembers, as bytes: written when a log is closed, so that opening it again does
 * not read all entries from the horizon on. It holds nothing that these entries do not tell, and is
 * good for one state of one store only; without it, or where it is damaged or of another state, the
 * entries are read as ever.
 */
final class EngineMemory {

  private static final long MAGIC = 0x4d494c4f4d454d31L; // "MILOMEM1"
  private static final int HEAD_BYTES = 11 * Long.BYTES;
  private static final int CHECKSUM_BYTES = Integer.BYTES;

  private EngineMemory() {}

  /** Writes what is remembered. */
  interface Content {
    void writeTo(DataOutputStream out) throws IOException;
  }

  /**
   * The bytes.
   *
   * @param meta of the store, in the state that the engine is in
   */
  static byte[] encode(StoreMeta meta, Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(head(meta));
      content.writeTo(out);
      out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has none
    }
    return bytes.toByteArray();
  }

  private static byte[] head(StoreMeta meta) {
    ByteBuffer head =
        ByteBuffer.allocate(HEAD_BYTES)
            .putLong(MAGIC)
            .putLong(meta.storeHigh())
            .putLong(meta.storeLow());
    return meta.state().putTo(head).array();
  }

  /** What was written, if it is whole, and of that store in that state. */
  static Optional<ByteBuffer> decode(byte[] bytes, StoreMeta meta) {
    int end = bytes.length - CHECKSUM_BYTES;
    if (end < HEAD_BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    boolean sameHead = in.slice(0, HEAD_BYTES).equals(ByteBuffer.wrap(head(meta)));
    if (!sameHead || in.getInt(end) != checksum(bytes, end)) {
      return Optional.empty();
    }
    return Optional.of(in.slice(HEAD_BYTES, end - HEAD_BYTES));
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
