package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.Principal;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.Storage.Family;
import dev.milonga.log.server.WriteSet.SessionRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One row of a store is changed: the check names it. */
class StoreCheckTest {

  private static final StreamId A = StreamId.named("a");

  private final EngineUnderTest engine = new EngineUnderTest();
  private long session;

  @BeforeEach
  void fill() {
    session = engine.session().value();
    for (int i = 0; i < 10; i++) {
      engine.append(LogEngineTest.write("x" + i, engine.session(), 0, 0));
    }
    engine.trim(4);
  }

  @Test
  void wholeStore_hasNoProblems() {
    assertThat(problems(storage -> {})).isEmpty();
  }

  @Test
  void changedRow_isNamed() {
    assertThat(problems(rows -> rows.rows(Family.ENTRIES).remove(Bytes.ofLong(6))))
        .containsExactly("the entry at position 6 is missing");
    assertThat(problems(rows -> rows.rows(Family.ENTRIES).remove(Bytes.ofLong(9))))
        .containsExactly("the entry at position 9 is missing");
    assertThat(problems(rows -> flip(rows, Family.ENTRIES, Bytes.ofLong(5), 12)))
        .singleElement()
        .asString()
        .startsWith("the entry at position 5 is damaged");
    assertThat(
            problems(
                rows ->
                    rows.rows(Family.ENTRIES)
                        .put(Bytes.ofLong(7), rows.rows(Family.ENTRIES).get(Bytes.ofLong(8)))))
        .singleElement()
        .asString()
        .startsWith("the entry at position 7 is damaged");
    assertThat(problems(rows -> rows.rows(Family.ENTRIES).put(Bytes.ofLong(10), new byte[9])))
        .containsExactly("there are 1 entries beyond its tail 10");
    assertThat(problems(rows -> rows.rows(Family.INDEX).remove(StreamIndex.key(A, 8))))
        .containsExactly("the index lacks position 8 of stream " + A);
    assertThat(
            problems(
                rows ->
                    rows.rows(Family.INDEX)
                        .put(StreamIndex.key(new StreamId(0, 5), 8), new byte[0])))
        .singleElement()
        .asString()
        .contains("stream " + new StreamId(0, 5) + " at position 8, where no entry of it is");
    assertThat(problems(rows -> rows.rows(Family.INDEX).put(StreamIndex.key(A, 9), new byte[] {1})))
        .singleElement()
        .asString()
        .contains("at position 8, where no entry of it is, or has it twice");
    assertThat(
            problems(rows -> rows.rows(Family.INDEX).put(StreamIndex.key(A, 1 << 20), new byte[0])))
        .containsExactly("there are 1 index rows beyond its tail 10");
    assertThat(problems(rows -> rows.rows(Family.SESSIONS).put(Bytes.ofLong(session), new byte[3])))
        .contains("the row of session " + session + " cannot be read: it has only 3 bytes");
    assertThat(problems(rows -> rows.rows(Family.SESSIONS).put(Bytes.ofLong(99), new byte[16])))
        .containsExactly("session 99 is stored, but was never opened");
    assertThat(problems(rows -> rows.rows(Family.SESSIONS).remove(Bytes.ofLong(session + 1))))
        .singleElement()
        .asString()
        .contains("of session " + (session + 1) + " is stored without its session");
    assertThat(problems(rows -> rows.rows(Family.META).remove("state".getBytes())))
        .containsExactly("the row that tells its tail is missing");
  }

  @Test
  void entryOfOneUnderTheSessionOfAnother_isNamed() {
    assertThat(
            problems(
                rows ->
                    rows.rows(Family.SESSIONS)
                        .put(
                            Bytes.ofLong(session + 10), // whose entry is the last
                            new SessionRow(session + 10, 0, 0, new Principal("bob")).value())))
        .containsExactly(
            "the entry at position 9 is of nobody, but under session "
                + (session + 10)
                + " of bob");
  }

  @Test
  void furtherChecks_seeEveryWholeEntry_andAddTheirProblems() {
    MemoryStorage storage = engine.storage().copy();
    storage.rows(Family.ENTRIES).remove(Bytes.ofLong(6));
    List<Long> seen = new ArrayList<>();
    EntryCheck further =
        new EntryCheck() {
          @Override
          public void entry(LogEntry entry) {
            seen.add(entry.position().value());
          }

          @Override
          public List<String> problems(LogPosition trimMark, LogPosition tail) {
            return List.of("seen " + seen + " of [" + trimMark + ", " + tail + ")");
          }
        };

    assertThat(problems(storage, List.of(further)))
        .containsExactly("the entry at position 6 is missing", "seen [4, 5, 7, 8, 9] of [4, 10)");
  }

  @Test
  void check_changesNoFile_andSparesAStoreInUse(@TempDir Path directory) throws IOException {
    Path data = directory.resolve("data");
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      log.append(LogEngineTest.write("x")).join();
      assertThatThrownBy(() -> StoreCheck.check(data)).isInstanceOf(StoreInUseException.class);
    }
    Map<String, Object> before = files(data);

    assertThat(StoreCheck.check(data).isWhole()).isTrue();

    assertThat(files(data)).isEqualTo(before);
    assertThatThrownBy(() -> StoreCheck.check(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no store in " + directory);
  }

  @Test
  void damageBelowTheTrimMark_whereNobodyReads_isFoundInTheFile(@TempDir Path directory)
      throws IOException {
    try (EmbeddedLog log = EmbeddedLog.open(directory)) {
      for (int i = 0; i < 3; i++) {
        log.append(AppendRequest.of(A, Payload.wrap(new byte[100_000]))).join();
      }
    }
    try (EmbeddedLog log = EmbeddedLog.open(directory)) { // opening has put all into files
      log.trim(new LogPosition(2)).join();
    }
    Path table = null;
    try (Stream<Path> files = Files.list(directory.resolve("rocksdb"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".sst")).toList()) {
        table = table == null || Files.size(file) > Files.size(table) ? file : table;
      }
    }
    byte[] bytes = Files.readAllBytes(table);
    bytes[100] ^= 1; // of the first entry
    Files.write(table, bytes);

    assertThat(StoreCheck.check(directory).problems())
        .singleElement()
        .asString()
        .startsWith("a file of its database is damaged: ");
    assertThat(StoreCheck.check(directory).entries()).isEqualTo(1);
    EmbeddedLog.open(directory).close();
  }

  private static Map<String, Object> files(Path directory) throws IOException {
    Map<String, Object> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        found.put(
            file.toString(),
            Files.getLastModifiedTime(file)
                + (Files.isDirectory(file) ? "" : " " + Arrays.hashCode(Files.readAllBytes(file))));
      }
    }
    return found;
  }

  private List<String> problems(Consumer<MemoryStorage> damage) {
    MemoryStorage storage = engine.storage().copy();
    damage.accept(storage);
    return problems(storage, List.of());
  }

  private List<String> problems(MemoryStorage storage, List<EntryCheck> further) {
    EngineState state = engine.engine().state();
    Problems problems = new Problems();
    new StoreRowsCheck(
            "memory",
            Optional.of(new StoreMeta(1, 2, EngineParameters.DEFAULT, state).mark()),
            further,
            problems)
        .run(storage);
    return problems.all();
  }

  private static void flip(MemoryStorage storage, Family family, byte[] key, int at) {
    byte[] value = storage.rows(family).get(key).clone();
    value[at] ^= 1;
    storage.rows(family).put(key, value);
  }
}
