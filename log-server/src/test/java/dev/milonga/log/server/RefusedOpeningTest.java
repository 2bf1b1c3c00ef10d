package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call of the system that fails while a store is opened is not taken for damage. */
class RefusedOpeningTest {

  @TempDir private Path directory;

  @Test
  void databaseThatTheSystemDoesNotOpen_isNotDamaged_andOpensLater() throws IOException {
    makeStore();

    try (RocksStorage other = RocksStorage.open(directory.resolve("rocksdb"), false)) {
      assertThatThrownBy(() -> EmbeddedLog.open(directory))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContainingAll(
              "the store in " + directory + " was not opened: ",
              "LOCK",
              "nothing is known to be missing")
          .hasMessageEndingWith("see to permissions and disk, and open it again");
      assertThat(other.get(Storage.Family.ENTRIES, Bytes.ofLong(0))).isNotNull();
    }

    checkWhole();
  }

  @Test
  void markThatCannotBeSynced_isNotDamaged_andOpensLater() {
    makeStore();

    assertThatThrownBy(() -> EmbeddedLog.builder(directory).parts(new UnsyncedMark()).open())
        .isInstanceOf(LogUnavailableException.class)
        .hasMessageContainingAll("Input/output error", "nothing is known to be missing");

    checkWhole();
  }

  @Test
  void tableThatIsMissing_isDamage() throws IOException {
    makeStore();
    EmbeddedLog.open(directory).close(); // makes tables of all that is in the log
    List<Path> tables;
    try (Stream<Path> files = Files.list(directory.resolve("rocksdb"))) {
      tables = files.filter(file -> file.toString().endsWith(".sst")).toList();
    }
    assertThat(tables).isNotEmpty();
    for (Path table : tables) {
      Files.delete(table);
    }

    assertThatThrownBy(() -> EmbeddedLog.open(directory))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("No such file or directory");
  }

  private void makeStore() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      log.append(AppendRequest.of(new StreamId(1, 1), LogEngineTest.payload("x"))).join();
    }
  }

  private void checkWhole() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.tail().join()).isEqualTo(new LogPosition(1));
    }
  }

  /** The parts of a store whose mark the system does not make durable. */
  private static final class UnsyncedMark implements StoreParts {

    @Override
    public Storage storage(Path directory, boolean create) throws IOException {
      return StoreParts.FILES.storage(directory, create);
    }

    @Override
    public MarkSlots slots(Path file, boolean create) throws IOException {
      MarkSlots slots = StoreParts.FILES.slots(file, create);
      return new MarkSlots() {
        @Override
        public byte[] read(int slot) throws IOException {
          return slots.read(slot);
        }

        @Override
        public void write(int slot, byte[] bytes) throws IOException {
          slots.write(slot, bytes);
        }

        @Override
        public void sync() throws IOException {
          throw new IOException("Input/output error");
        }

        @Override
        public void close() {
          slots.close();
        }
      };
    }
  }
}
