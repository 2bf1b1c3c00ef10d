package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.cli.CommandLineUnderTest.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupCommandTest {

  @TempDir private Path directory;

  private Path data;
  private Path file;

  @BeforeEach
  void store() {
    data = directory.resolve("data");
    file = directory.resolve("monday.backup");
    try (Milonga store = Milonga.open(data)) {
      store.map("m", String.class, Long.class).put("a", 1L);
      store.counter("c").add(5);
    }
  }

  @Test
  void backup_isVerifiedRestoredAndOpened() {
    Path restored = directory.resolve("restored");

    Run backup = milonga("backup", file, "--data", data);
    Run verify = milonga("verify", file);
    Run restore = milonga("restore", file, restored);
    Run check = milonga("verify", restored);

    assertThat(backup.err()).isEmpty();
    assertThat(backup.out()).singleElement().asString().contains("entries").endsWith("" + file);
    assertThat(verify.out()).singleElement().asString().endsWith("is whole");
    assertThat(restore.out()).singleElement().asString().endsWith("is now a store in " + restored);
    assertThat(check.out())
        .singleElement()
        .asString()
        .startsWith("The store in " + restored + " is whole: ");
    try (Milonga store = Milonga.open(restored)) {
      assertThat(store.map("m", String.class, Long.class).get("a")).isEqualTo(1L);
      assertThat(store.counter("c").get()).isEqualTo(5);
    }
  }

  @Test
  void targetsThatExist_areRefusedAndLeftAsTheyWere() throws IOException {
    assertThat(milonga("backup", file, "--data", data).exitCode()).isZero();
    byte[] before = Files.readAllBytes(file);

    assertRefused(milonga("backup", file, "--data", data), file + " exists already");
    assertRefused(milonga("restore", file, data), data + " holds a store already");
    assertRefused(milonga("restore", file, directory), directory + " holds no store, but other");

    assertThat(file).hasBinaryContent(before);
    assertThat(milonga("verify", data).exitCode()).isZero();
  }

  @Test
  void whatIsNotThere_isNamed() {
    Path missing = directory.resolve("missing");

    assertRefused(milonga("backup", file, "--data", missing), "there is no store in " + missing);
    assertRefused(milonga("restore", missing, directory.resolve("x")), "there is no backup");
    assertRefused(milonga("verify", missing), "neither a store nor a backup at " + missing);
    assertRefused(milonga("verify", directory), "there is no store in " + directory);

    assertThat(file).doesNotExist();
    assertThat(directory.resolve("x")).doesNotExist();
  }

  @Test
  void storeInUse_isRefusedWithHowToDoItFromInside() {
    try (Milonga store = Milonga.open(data)) {
      String owner = "process " + ProcessHandle.current().pid();

      assertRefused(
          milonga("backup", file, "--data", data),
          "in use by this very process, " + owner,
          "store.backupTo(Path.of(\"" + file + "\"))");
      assertRefused(milonga("verify", data), owner, "stop that process first");

      assertThat(store.backupTo(file).entries()).isPositive();
    }
    assertThat(milonga("verify", file).exitCode()).isZero();
  }

  @Test
  void damage_isNamedAndCode1() throws IOException {
    milonga("backup", file, "--data", data);
    flip(file, 200);
    flip(data.resolve("mark"), 10);
    flip(data.resolve("mark"), 4_106);

    assertRefused(milonga("verify", file), file + " cannot be used as a backup: ");
    assertRefused(milonga("restore", file, directory.resolve("x")), "was altered");
    Run store = milonga("verify", data);

    assertThat(directory.resolve("x")).doesNotExist();
    assertThat(store.exitCode()).isEqualTo(1);
    assertThat(store.err())
        .containsExactly("milonga: its high-water mark, the file 'mark', holds nothing valid");
    assertThat(store.out()).singleElement().asString().contains("is damaged; restore a backup");
  }

  private static void flip(Path path, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(path.toFile(), "rw")) {
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 1);
    }
  }

  private static void assertRefused(Run run, String... parts) {
    assertThat(run.exitCode()).as("%s", run).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).singleElement().asString().contains(List.of(parts));
  }
}
