package dev.milonga.log.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Mark slots in a file of fixed size, far enough apart that no write touches both. */
final class FileSlots implements MarkSlots {

  private static final int DISTANCE = 4_096;
  private static final int FILE_BYTES = DISTANCE + SLOT_BYTES;

  private final FileChannel file;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(SLOT_BYTES); // for the writing thread

  private FileSlots(FileChannel file) {
    this.file = file;
  }

  /** Makes the file at its full size, so that later writes need no room. */
  static FileSlots create(Path path) throws IOException {
    FileSlots slots =
        new FileSlots(
            FileChannel.open(
                path,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    slots.file.write(ByteBuffer.allocate(FILE_BYTES), 0);
    return slots;
  }

  static FileSlots open(Path path) throws IOException {
    return new FileSlots(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public byte[] read(int slot) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SLOT_BYTES);
    long offset = (long) slot * DISTANCE;
    while (bytes.hasRemaining() && file.read(bytes, offset + bytes.position()) > 0) {
      // goes on where the last read ended
    }
    byte[] read = new byte[bytes.position()];
    bytes.flip().get(read);
    return read;
  }

  @Override
  public void write(int slot, byte[] bytes) throws IOException {
    buffer.clear().put(bytes).flip();
    long offset = (long) slot * DISTANCE;
    while (buffer.hasRemaining()) {
      file.write(buffer, offset + buffer.position());
    }
  }

  @Override
  public void sync() throws IOException {
    file.force(false);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the high-water mark failed", e);
    }
  }
}
