package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.server.Storage.Family;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Stores of random commands, backed up and restored in memory. */
class BackupPropertyTest {

  private static final int STREAMS = 4;
  private static final Path FILE = Path.of("in-memory.backup");
  private static final EngineParameters PARAMETERS = new EngineParameters(25, 500);

  @Property(tries = 150)
  void restoreOfABackup_equalsTheStoreAtItsPosition_andDecidesAlike(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    EngineUnderTest source = new EngineUnderTest(PARAMETERS);
    Commands commands = new Commands(random);
    commands.run(source, random.nextInt(40));
    MemoryStorage moment = source.storage().copy();
    Storage.Snapshot snapshot = source.storage().snapshot();
    EngineState state = source.engine().state();
    commands.run(source, random.nextInt(10)); // goes on while the backup is written

    ByteArrayOutputStream file = new ByteArrayOutputStream();
    Backup written =
        new StoreBackup("source", FILE, Instant.EPOCH).write(snapshot, file, bytes -> {}, () -> {});
    MemoryStorage restored = new MemoryStorage();
    StoreRestore.Rows rows = new StoreRestore.Rows(restored);
    Backup read = new BackupReader(FILE, new ByteArrayInputStream(file.toByteArray()), rows).read();
    StoreMeta meta = rows.finish();

    assertThat(read).isEqualTo(written);
    assertThat(written.bytes()).isEqualTo(file.size());
    assertThat(meta.state()).isEqualTo(state);
    assertThat(meta.parameters()).isEqualTo(PARAMETERS);
    assertThat(meta.identity()).isNotEqualTo(new StoreMeta(1, 2, PARAMETERS, state).identity());
    LogStore atMoment = open(moment, new StoreMeta(1, 2, PARAMETERS, state));
    LogStore atRestored = open(restored, meta);
    assertThat(content(atRestored)).isEqualTo(content(atMoment));
    assertThat(rows(restored, Family.SESSIONS)).isEqualTo(rows(moment, Family.SESSIONS));
    StoreRowsCheck check = check(restored, meta);
    assertThat(check.entries()).isEqualTo(state.tail() - state.trimMark());
    check(moment, new StoreMeta(1, 2, PARAMETERS, state));
    List<LogCommand> further = commands.batch(state);
    assertThat(outcomes(atRestored, further)).isEqualTo(outcomes(atMoment, further));
  }

  @Property(tries = 300)
  void backupCutOffOrAltered_isRefused(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    EngineUnderTest source = new EngineUnderTest(PARAMETERS);
    new Commands(random).run(source, 5 + random.nextInt(20));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    new StoreBackup("source", FILE, Instant.EPOCH)
        .write(source.storage().snapshot(), file, bytes -> {}, () -> {});
    byte[] bytes = file.toByteArray();
    String damage;
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(3)) {
      case 0 -> {
        bytes = Arrays.copyOf(bytes, at);
        damage = "cut off at " + at;
      }
      case 1 -> {
        bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(50));
        damage = "grown";
      }
      default -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        damage = "flipped at " + at;
      }
    }

    StoreRestore.Rows rows = new StoreRestore.Rows(new MemoryStorage());
    BackupReader reader = new BackupReader(FILE, new ByteArrayInputStream(bytes), rows);

    try {
      reader.read();
    } catch (DamagedBackupException e) {
      assertThat(e).hasMessageContaining(FILE + " cannot be used as a backup: ");
      return;
    } catch (NewerFormatException e) {
      assertThat(at).as(damage).isBetween(8, 11); // a bit of the version
      return;
    }
    throw new AssertionError("taken for whole: " + damage);
  }

  private static LogStore open(MemoryStorage storage, StoreMeta meta) throws IOException {
    MemorySlots slots = new MemorySlots();
    new HighWaterMark(slots).write(meta.mark());
    return LogStore.open("memory", storage, new HighWaterMark(slots));
  }

  private static List<String> content(LogStore store) {
    long mark = store.state().trimMark();
    long tail = store.state().tail();
    List<String> content = new ArrayList<>();
    content.add(bytes(store.readAll(mark, tail, ReadLimit.DEFAULT)));
    for (int stream = 0; stream < STREAMS; stream++) {
      content.add(bytes(store.read(new StreamId(0, stream), mark, tail, ReadLimit.DEFAULT)));
    }
    return content;
  }

  private static String bytes(ReadBatch batch) {
    StringBuilder bytes = new StringBuilder();
    for (LogEntry entry : batch.entries()) {
      bytes.append(HexFormat.of().formatHex(EntryFormat.encode(entry))).append('\n');
    }
    return bytes.append(batch.next()).toString();
  }

  private static List<String> rows(MemoryStorage storage, Family family) {
    List<String> rows = new ArrayList<>();
    storage
        .rows(family)
        .forEach((key, value) -> rows.add(Arrays.toString(key) + Arrays.toString(value)));
    return rows;
  }

  private static StoreRowsCheck check(MemoryStorage storage, StoreMeta meta) {
    Problems problems = new Problems();
    StoreRowsCheck check =
        new StoreRowsCheck("memory", Optional.of(meta.mark()), List.of(), problems);
    check.run(storage);
    assertThat(problems.all()).isEmpty();
    return check;
  }

  private static List<String> outcomes(LogStore store, List<LogCommand> commands) {
    return LogEngine.open(store).apply(Long.MAX_VALUE / 2, commands).outcomes().stream()
        .map(
            outcome ->
                outcome instanceof Outcome.Refused refused
                    ? String.valueOf(refused.cause().getMessage())
                    : outcome.toString())
        .toList();
  }

  /** Random appends in sessions, some of a principal, retries, expiry and trims. */
  private record Commands(Random random) {

    void run(EngineUnderTest engine, int batches) {
      for (int i = 0; i < batches; i++) {
        engine.passes(random.nextInt(8) == 0 ? random.nextInt(700) : random.nextInt(10));
        engine.apply(batch(engine.engine().state()));
      }
    }

    List<LogCommand> batch(EngineState state) {
      List<LogCommand> commands = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        commands.add(next(state));
      }
      return commands;
    }

    private LogCommand next(EngineState state) {
      int kind = random.nextInt(30);
      if (kind < 2) {
        return new LogCommand.OpenSession(somebody());
      }
      if (kind == 2) {
        return new LogCommand.Trim(new LogPosition(random.nextInt((int) state.tail() + 1)));
      }
      int stream = random.nextInt(STREAMS);
      AppendRequest.Builder request =
          AppendRequest.builder(payload("x".repeat(random.nextInt(200))))
              .write(StreamKeys.keys(new StreamId(0, stream), random.nextInt(5)))
              .write(StreamKeys.whole(new StreamId(0, (stream + 1) % STREAMS)));
      if (random.nextBoolean()) {
        int session = 1 + random.nextInt((int) state.nextSession());
        int sequence = random.nextInt(40);
        request.requestId(
            new RequestId(new SessionId(session), sequence, random.nextInt(sequence + 1)));
      }
      return new LogCommand.Append(request.build(), somebody());
    }

    private @Nullable Principal somebody() {
      return random.nextBoolean() ? null : new Principal("CN=\u00e4nn");
    }
  }
}
