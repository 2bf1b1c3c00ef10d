package dev.milonga.log.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of an {@link EngineMemory}, which is never needed: what goes wrong with it costs time
 * when the store is opened, and nothing else.
 */
final class MemoryFile {

  static final String NAME = "memory";
  static final String NAME_IN_THE_MAKING = "memory.new";

  private static final Logger LOG = LoggerFactory.getLogger(MemoryFile.class);

  private final Path file;
  private final Path inTheMaking;

  /** The one in that directory of a store. */
  MemoryFile(Path directory) {
    this.file = directory.resolve(NAME);
    this.inTheMaking = directory.resolve(NAME_IN_THE_MAKING);
  }

  Optional<byte[]> read() {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.debug("{} cannot be read", file, e);
      return Optional.empty();
    }
  }

  void write(byte[] memory) {
    try {
      try (FileChannel out =
          FileChannel.open(
              inTheMaking,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(memory);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(
          inTheMaking, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.debug("{} cannot be written; opening the store again takes longer", file, e);
      try {
        Files.deleteIfExists(inTheMaking);
      } catch (IOException leftOver) {
        LOG.debug("{} cannot be deleted; it is overwritten the next time", inTheMaking, leftOver);
      }
    }
  }
}
