package dev.milonga.log.server;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Mark slots in a file of fixed size, far enough apart that no write touches both.
 *
 * <p>Not a file channel, which an interrupt of the thread that writes would close: threads of the
 * application write here.
 */
final class FileSlots implements MarkSlots {

  private static final int DISTANCE = 4_096;
  private static final int FILE_BYTES = DISTANCE + SLOT_BYTES;

  private final RandomAccessFile file;

  private FileSlots(RandomAccessFile file) {
    this.file = file;
  }

  /** Makes the file at its full size, so that later writes need no room. */
  static FileSlots create(Path path) throws IOException {
    Files.createFile(path);
    FileSlots slots = open(path);
    slots.file.write(new byte[FILE_BYTES]);
    return slots;
  }

  static FileSlots open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString()); // else it would be made
    }
    return new FileSlots(new RandomAccessFile(path.toFile(), "rw"));
  }

  /** Opens the file for reading alone. */
  static FileSlots openReadOnly(Path path) throws IOException {
    return new FileSlots(new RandomAccessFile(path.toFile(), "r"));
  }

  @Override
  public byte[] read(int slot) throws IOException {
    file.seek((long) slot * DISTANCE);
    byte[] bytes = new byte[SLOT_BYTES];
    int count = 0;
    for (int read = 0; read >= 0 && count < bytes.length; count += Math.max(0, read)) {
      read = file.read(bytes, count, bytes.length - count);
    }
    return Arrays.copyOf(bytes, count);
  }

  @Override
  public void write(int slot, byte[] bytes) throws IOException {
    file.seek((long) slot * DISTANCE);
    file.write(bytes);
  }

  @Override
  public void sync() throws IOException {
    file.getFD().sync();
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
