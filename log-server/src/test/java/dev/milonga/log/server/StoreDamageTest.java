package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One file of a store is damaged: the store is served whole or refused (L7). The store was copied
 * while it was open, as a crash would leave it, and holds tables and a write-ahead log.
 */
class StoreDamageTest {

  private static final int CASES = Integer.getInteger("milonga.damage.cases", 48);
  private static final long FIRST_SEED = Long.getLong("milonga.damage.seed", 1L);
  private static final int STREAMS = 3;

  @TempDir static Path root;
  private static Path older; // as the store was some time before
  private static Path newer;
  private static List<String> expected;
  private static AppendRequest lastRequest;
  private static LogPosition lastPosition;

  private Path damaged;

  @BeforeAll
  static void makeStores() throws IOException {
    Path live = root.resolve("live");
    older = root.resolve("older");
    newer = root.resolve("newer");
    write(live, 0, 400);
    write(live, 400, 800);
    try (SharedLog log = EmbeddedLog.open(live)) {
      append(log, 800, 900);
      copy(live, older);
      log.trim(new LogPosition(50)).join();
      append(log, 900, 1_000);
      SessionId session = log.openSession().join();
      lastRequest =
          AppendRequest.builder(payload("last"))
              .write(StreamKeys.whole(new StreamId(0, 0)))
              .requestId(new RequestId(session, 0, 0))
              .build();
      lastPosition = log.append(lastRequest).join();
      copy(live, newer);
    }
    Path read = root.resolve("read").resolve("newer");
    copy(newer, read);
    expected = content(read);
    assertThat(expected).hasSizeGreaterThan(951);
  }

  @AfterAll
  static void forget() {
    expected = null;
    lastRequest = null;
    lastPosition = null;
  }

  static Stream<Long> seeds() {
    return Stream.iterate(FIRST_SEED, seed -> seed + 1).limit(CASES);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyOneFileDamaged_isServedWholeOrRefused(long seed, @TempDir Path copies)
      throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    String damage = damageOneFile(new Random(seed));

    List<String> served;
    try {
      served = content(damaged);
    } catch (DamagedStoreException | DamagedEntryException | LogUnavailableException refused) {
      assertThat(refused.getMessage()).as(damage).isNotBlank();
      return;
    }
    assertThat(served).as("seed " + seed + ": " + damage).isEqualTo(expected);
  }

  @Test
  void writeAheadLogDeleted_isRefusedWithWhatIsMissing(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    for (Path file : files(damaged)) {
      if (file.toString().endsWith(".log")) {
        Files.delete(file);
      }
    }

    assertThatThrownBy(() -> content(damaged))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("restore the whole directory from a backup");
  }

  @Test
  void writeAheadLogCut_isRefusedWithThePositionsMissing(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    for (Path file : files(damaged)) {
      if (file.toString().endsWith(".log")) {
        truncate(file, Files.size(file) / 2);
      }
    }

    assertThatThrownBy(() -> content(damaged))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("up to " + lastPosition.next() + " (exclusive) were acknowledged");
  }

  @Test
  void markDeleted_isRefused(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    Files.delete(damaged.resolve("mark"));

    assertThatThrownBy(() -> content(damaged))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("'mark', is missing");
  }

  @Test
  void databaseDeleted_isRefusedAndNotMadeAnew(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    deleteAll(damaged.resolve("rocksdb"));

    assertThatThrownBy(() -> content(damaged))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("'rocksdb', is missing");
  }

  @Test
  void markOfAnotherStore_isRefused(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    EmbeddedLog.open(copies.resolve("other")).close();
    Files.copy(
        copies.resolve("other").resolve("mark"),
        damaged.resolve("mark"),
        StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> content(damaged))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("belongs to another store");
  }

  @Test
  void olderMark_isServedWhole(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    Files.copy(older.resolve("mark"), damaged.resolve("mark"), StandardCopyOption.REPLACE_EXISTING);

    assertThat(content(damaged)).isEqualTo(expected);
  }

  @Test
  void makingThatWasCutShort_isBegunAgainOrFinished(@TempDir Path copies) throws IOException {
    Path path = copies.resolve("store");
    EmbeddedLog.open(path).close();
    Files.move(path.resolve("rocksdb"), path.resolve("rocksdb.new"));
    write(path, 0, 10);
    assertThat(path.resolve("rocksdb")).exists();

    Path other = copies.resolve("other");
    EmbeddedLog.open(other).close();
    Files.move(other.resolve("rocksdb"), other.resolve("rocksdb.new"));
    Files.move(other.resolve("mark"), other.resolve("mark.new"));
    write(other, 0, 10);
    assertThat(content(other)).startsWith("all 0 0");
  }

  // ---- Content: everything that can be read, as text.

  private static List<String> content(Path path) {
    List<String> content = new ArrayList<>();
    try (SharedLog log = EmbeddedLog.open(path)) {
      LogPosition from = log.trimMark().join();
      ReadBatch batch = log.readAll(from, ReadLimit.DEFAULT).join();
      for (LogEntry entry : batch.entries()) {
        content.add("all " + entry.position() + " " + new String(entry.payload().array()));
      }
      for (int stream = 0; stream < STREAMS; stream++) {
        StreamId id = new StreamId(0, stream);
        for (LogEntry entry : log.read(id, from, ReadLimit.DEFAULT).join().entries()) {
          content.add("stream " + stream + " " + entry.position());
        }
        content.add("tail " + log.tail(List.of(id)).join());
      }
      content.add("trim mark " + from + ", tail " + log.tail().join());
      if (path.getFileName().toString().matches("damaged|newer")) {
        content.add("retry " + log.append(lastRequest).join());
        content.add("session " + log.openSession().join());
      }
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException refused) {
        throw refused;
      }
      throw e;
    }
    return content;
  }

  private static void write(Path path, int from, int to) {
    try (SharedLog log = EmbeddedLog.open(path)) {
      append(log, from, to);
    }
  }

  private static void append(SharedLog log, int from, int to) {
    for (int i = from; i < to; i++) {
      log.append(AppendRequest.of(new StreamId(0, i % STREAMS), payload("" + i)));
      if (i % 10 == 0) {
        log.openSession().join();
      }
    }
    log.append(AppendRequest.of(new StreamId(0, 1), payload("end"))).join();
  }

  // ---- Damage.

  private String damageOneFile(Random random) throws IOException {
    List<Path> files = files(damaged);
    Path file = files.get(random.nextInt(files.size()));
    long size = Files.size(file);
    String name = damaged.relativize(file) + " of " + size + " bytes ";
    switch (random.nextInt(5)) {
      case 0 -> {
        Files.delete(file);
        return name + "deleted";
      }
      case 1 -> {
        long length = size == 0 ? 0 : (long) (random.nextDouble() * size);
        truncate(file, length);
        return name + "cut to " + length;
      }
      case 2 -> {
        Path before = older.resolve(damaged.relativize(file));
        if (Files.exists(before)) {
          Files.copy(before, file, StandardCopyOption.REPLACE_EXISTING);
          return name + "put back to " + Files.size(before) + " bytes";
        }
        Files.delete(file);
        return name + "deleted, as it was not there before";
      }
      case 3 -> {
        long at = overwrite(file, random, 512, true);
        return name + "zeroed at " + at;
      }
      default -> {
        long at = overwrite(file, random, 1, false);
        return name + "flipped at " + at;
      }
    }
  }

  private static long overwrite(Path file, Random random, int length, boolean zero)
      throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      if (bytes.length() == 0) {
        return 0;
      }
      long at = (long) (random.nextDouble() * bytes.length());
      for (long i = at; i < Math.min(at + length, bytes.length()); i++) {
        bytes.seek(i);
        int old = bytes.read();
        bytes.seek(i);
        bytes.write(zero ? 0 : old ^ 1 << random.nextInt(8));
      }
      return at;
    }
  }

  private static void truncate(Path file, long length) throws IOException {
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : files(from)) {
      Path target = to.resolve(from.relativize(file));
      Files.createDirectories(target.getParent());
      Files.copy(file, target);
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
