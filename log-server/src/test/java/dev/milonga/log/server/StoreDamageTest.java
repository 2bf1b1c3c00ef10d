package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * L7: one file of a store is damaged, and the store is served whole or refused. The store was
 * copied while it was open, as a crash would leave it: a small one with tables and a write-ahead
 * log, or a large one. {@code -Dmilonga.damage.cases=…} says how often each, {@code
 * -Dmilonga.damage.seed=…} where the seeds begin.
 */
class StoreDamageTest {

  private static final boolean SOAK = "soak".equals(System.getProperty("milonga.faults"));
  private static final int CASES = Integer.getInteger("milonga.damage.cases", SOAK ? 500 : 48);
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

  static Stream<Long> someSeeds() {
    return seeds().limit(Math.max(1, CASES / 4));
  }

  static Stream<Long> fewSeeds() {
    return seeds().limit(Math.max(1, CASES / 10));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @DisplayName("L7: any file of a store is damaged")
  void anyOneFileDamaged_isServedWholeOrRefused(long seed, @TempDir Path copies)
      throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    String damage = damageOneFile(new Random(seed));
    List<String> problems = problems(damaged); // before an open repairs what it can

    List<String> served;
    try {
      served = content(damaged);
    } catch (DamagedStoreException | DamagedEntryException | LogUnavailableException refused) {
      assertThat(refused.getMessage()).as(damage).isNotBlank();
      assertThat(problems).as("seed " + seed + ": " + damage).isNotEmpty();
      return;
    }
    assertThat(served).as("seed " + seed + ": " + damage).isEqualTo(expected);
  }

  private static List<String> problems(Path store) {
    try {
      return StoreCheck.check(store).problems();
    } catch (IllegalArgumentException | NewerFormatException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  @Test
  void wholeStore_hasNoProblems(@TempDir Path copies) throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);

    assertThat(problems(damaged)).isEmpty();
  }

  @Test
  void damageInAnyTable_isFoundByTheCheck_alsoWhereOpeningDoesNotLook(@TempDir Path copies)
      throws IOException {
    int foundByTheCheckAlone = 0;
    for (Path table : files(newer)) {
      if (!table.toString().endsWith(".sst")) {
        continue;
      }
      damaged = copies.resolve(table.getFileName().toString()).resolve("damaged");
      copy(newer, damaged);
      try (RandomAccessFile bytes =
          new RandomAccessFile(damaged.resolve(newer.relativize(table)).toFile(), "rw")) {
        bytes.seek(20); // in the first block of rows
        int old = bytes.read();
        bytes.seek(20);
        bytes.write(~old);
      }

      assertThat(problems(damaged)).as("%s", table).isNotEmpty();
      try {
        EmbeddedLog.open(damaged).close();
        foundByTheCheckAlone++;
      } catch (DamagedStoreException refused) {
        assertThat(refused).isNotNull();
      }
    }

    assertThat(foundByTheCheckAlone).isPositive();
  }

  /**
   * What was read before and what is acknowledged after the damage must be there when the store is
   * opened again, or it is refused.
   */
  @ParameterizedTest
  @MethodSource("someSeeds")
  @DisplayName("L7: any file of a store is damaged while it is open")
  void anyOneFileDamagedWhileOpen_isServedWholeOrRefused(long seed, @TempDir Path copies)
      throws IOException {
    damaged = copies.resolve("damaged");
    copy(newer, damaged);
    List<String> acknowledged = new ArrayList<>();
    String damage;
    try (SharedLog log = EmbeddedLog.builder(damaged).cacheBytesMax(1).open()) {
      damage = "seed " + seed + ": " + damageOneFile(new Random(seed));
      try {
        assertThat(entries(log)).as(damage).isEqualTo(entries(expected));
        for (int i = 0; i < 20; i++) {
          LogPosition position =
              log.append(AppendRequest.of(new StreamId(0, 0), payload("more " + i))).join();
          acknowledged.add("all " + position + " more " + i);
        }
      } catch (CompletionException e) {
        assertThat(e.getCause()).as(damage).isInstanceOf(StoreException.class);
      }
    }

    List<String> all = new ArrayList<>(entries(expected));
    all.addAll(acknowledged);
    try (SharedLog log = EmbeddedLog.open(damaged)) {
      assertThat(entries(log)).as(damage).startsWith(all.toArray(String[]::new));
    } catch (StoreException refused) {
      assertThat(refused.getMessage()).as(damage).isNotBlank();
    } catch (CompletionException e) {
      assertThat(e.getCause()).as(damage).isInstanceOf(StoreException.class);
    }
  }

  private static List<String> entries(List<String> content) {
    return content.stream().filter(line -> line.startsWith("all ")).toList();
  }

  private static List<String> entries(SharedLog log) {
    List<String> entries = new ArrayList<>();
    LogPosition from = log.trimMark().join();
    while (true) {
      ReadBatch batch = log.readAll(from, ReadLimit.DEFAULT).join();
      if (batch.entries().isEmpty()) {
        return entries;
      }
      batch.entries().forEach(entry -> entries.add("all " + entry.position() + " " + text(entry)));
      from = batch.next();
    }
  }

  private static String text(LogEntry entry) {
    byte[] bytes = entry.payload().array();
    if (bytes.length < 100) {
      return new String(bytes);
    }
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return bytes.length + " bytes with sum " + sum.getValue();
  }

  /**
   * The same with a store of large tables and a large write-ahead log, as a process that died has
   * left it. What is not damaged is linked, not copied.
   */
  @ParameterizedTest
  @MethodSource("fewSeeds")
  @DisplayName("L7: any file of a large store is damaged")
  void anyOneFileOfALargeStoreDamaged_isServedWholeOrRefused(long seed, @TempDir Path copies)
      throws Exception {
    Path large = LargeStore.made(root);
    List<String> whole = LargeStore.content(root);
    damaged = copies.resolve("damaged");
    link(large, damaged);
    String damage = "seed " + seed + ": " + damageOneFile(new Random(seed));

    List<String> served;
    try (SharedLog log = EmbeddedLog.builder(damaged).cacheBytesMax(1).open()) {
      served = entries(log);
    } catch (StoreException refused) {
      assertThat(refused.getMessage()).as(damage).isNotBlank();
      return;
    } catch (CompletionException e) {
      assertThat(e.getCause()).as(damage).isInstanceOf(StoreException.class);
      return;
    }
    assertThat(served).as(damage).isEqualTo(whole);
  }

  /** A store of 50 MB, made once by a process that halts. */
  static final class LargeStore {

    private static final int ENTRY_BYTES = 100_000;
    private static final int TABLES = 3;
    private static final int HALTED = 42;

    static Path made(Path root) throws Exception {
      Path large = root.resolve("large");
      if (!Files.exists(large)) {
        Process child =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    LargeStore.class.getName(),
                    large.toString())
                .inheritIO()
                .start();
        assertThat(child.waitFor()).isEqualTo(HALTED);
      }
      return large;
    }

    static List<String> content(Path root) throws IOException {
      Path read = root.resolve("large-read");
      if (!Files.exists(read)) {
        copy(root.resolve("large"), read);
      }
      try (SharedLog log = EmbeddedLog.builder(read).cacheBytesMax(1).open()) {
        List<String> content = entries(log);
        assertThat(content).hasSize((TABLES + 2) * 100);
        return content;
      }
    }

    public static void main(String[] arguments) throws IOException {
      Path store = Path.of(arguments[0]);
      Random random = new Random(1);
      for (int table = 0; table < TABLES; table++) {
        try (SharedLog log = EmbeddedLog.builder(store).durability(Durability.ASYNC).open()) {
          for (int i = 0; i < 100; i++) {
            appendLarge(log, random);
          }
        }
      }
      SharedLog log = EmbeddedLog.open(store);
      for (int i = 0; i < 200; i++) {
        appendLarge(log, random);
      }
      Runtime.getRuntime().halt(HALTED);
    }

    private static void appendLarge(SharedLog log, Random random) {
      byte[] bytes = new byte[ENTRY_BYTES];
      random.nextBytes(bytes);
      log.append(AppendRequest.of(new StreamId(0, 0), Payload.wrap(bytes))).join();
    }
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
    while (true) {
      try {
        return damageAnyFile(random);
      } catch (NoSuchFileException e) {
        // The database has just removed that file of a store that is open: take another.
      }
    }
  }

  private String damageAnyFile(Random random) throws IOException {
    List<Path> files = files(damaged);
    Path file = files.get(random.nextInt(files.size()));
    unlink(file);
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
    while (true) {
      try (Stream<Path> files = Files.walk(directory)) {
        return files.filter(Files::isRegularFile).sorted().toList();
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
        // The database has just removed a file of a store that is open: look again.
      }
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

  /** Like a copy, of files that nobody changes in place. */
  private static void link(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      Path target = to.resolve(from.relativize(file));
      Files.createDirectories(target.getParent());
      if (file.toString().matches(".*\\.(sst|log)")) {
        Files.createLink(target, file);
      } else {
        Files.copy(file, target);
      }
    }
  }

  /** Has the file to be changed in place be the only one of its contents. */
  private static void unlink(Path file) throws IOException {
    if ((int) Files.getAttribute(file, "unix:nlink") == 1) {
      return;
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    Files.write(file, bytes);
  }

  private static void deleteAll(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
