package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** S7: nobody but its owner can read a store. */
@DisabledOnOs(OS.WINDOWS)
class PrivateStoreTest {

  private static final StreamId A = new StreamId(0, 1);

  @TempDir private Path root;

  @Test
  @DisplayName("S7: data directory 0700, files 0600")
  void s7_newStore_isItsOwnersOnly() throws IOException {
    Path store = root.resolve("store");
    try (SharedLog log = EmbeddedLog.open(store)) {
      append(log);

      assertThat(looserThanAllowed(store)).isEmpty();
    }
    assertThat(looserThanAllowed(store)).isEmpty();
  }

  @Test
  @DisplayName("S7: files that the database makes later")
  void s7_filesMadeLater_areTightened() throws IOException {
    Path store = root.resolve("store");
    for (int i = 0; i < 3; i++) {
      try (SharedLog log = EmbeddedLog.open(store)) {
        append(log);
      }
    }
    try (SharedLog log = EmbeddedLog.open(store)) {
      append(log);
      Path late = Files.writeString(store.resolve("rocksdb").resolve("999999.sst"), "late");
      Files.setPosixFilePermissions(late, PosixFilePermissions.fromString("rw-r--r--"));

      await().until(() -> looserThanAllowed(store).isEmpty());
      Files.delete(late);
    }
  }

  @Test
  @DisplayName("S7: a directory that others could read before")
  void s7_directoryThatOthersCouldRead_isTightened() throws IOException {
    Path store = Files.createDirectory(root.resolve("store"));
    EmbeddedLog.open(store).close();
    for (Path path : all(store)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    assertThat(looserThanAllowed(store)).isNotEmpty();

    try (SharedLog log = EmbeddedLog.open(store)) {
      append(log);

      assertThat(looserThanAllowed(store)).isEmpty();
    }
  }

  private static void append(SharedLog log) {
    log.append(AppendRequest.of(A, Payload.wrap(new byte[1_000]))).join();
  }

  private static List<String> looserThanAllowed(Path store) throws IOException {
    List<String> looser = new ArrayList<>();
    for (Path path : all(store)) {
      String allowed = Files.isDirectory(path) ? "rwx------" : "rw-------";
      try {
        String found = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        if (!found.equals(allowed)) {
          looser.add(found + " " + path);
        }
      } catch (NoSuchFileException e) {
        // the database has removed it meanwhile
      }
    }
    return looser;
  }

  private static List<Path> all(Path store) throws IOException {
    List<Path> all = new ArrayList<>(List.of(store));
    for (Path directory : List.of(store, store.resolve("rocksdb"))) {
      try (Stream<Path> children = Files.list(directory)) {
        children.forEach(all::add);
      }
    }
    assertThat(all).hasSizeGreaterThan(8);
    return all;
  }
}
