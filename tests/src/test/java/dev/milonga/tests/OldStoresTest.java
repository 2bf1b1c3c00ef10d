package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.Backup;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.StoreCheck;
import dev.milonga.runtime.Change;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store that was written by an earlier version: 22 entries of a map, a list, a counter, two
 * transactions, checkpoints and a session, from before there were principals.
 */
@Timeout(120)
class OldStoresTest {

  private static final String BACKUP = "format-1-without-principals.backup";

  // The session was used then, and is kept for a day.
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-20T13:00:00Z"));

  @TempDir Path directory;
  private Path data;

  @BeforeEach
  void restore() throws IOException {
    Path file = directory.resolve(BACKUP);
    try (InputStream old = OldStoresTest.class.getResourceAsStream(BACKUP)) {
      Files.copy(Objects.requireNonNull(old, BACKUP), file);
    }
    data = directory.resolve("data");
    Backup.restore(file, data);
  }

  private EmbeddedLog open() {
    return EmbeddedLog.builder(data).clock(CLOCK).open();
  }

  @Test
  void everyEntryIsRead_andIsOfNobody() {
    assertThat(StoreCheck.check(data).problems()).isEmpty();

    try (EmbeddedLog log = open()) {
      assertThat(log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries())
          .hasSize(22)
          .extracting(LogEntry::principal)
          .containsOnly(Optional.empty());
    }
  }

  @Test
  void objectsHaveTheirStatesAndHistories_andGoOn() {
    for (int run = 0; run < 2; run++) {
      try (EmbeddedLog log = open();
          Milonga store = Milonga.over(log.actingFor("ann"))) {
        ReplicatedMap<String, Integer> stock = store.map("stock", String.class, Integer.class);
        ReplicatedCounter sold = store.counter("sold");
        ReplicatedList<String> notes = store.list("notes", String.class);

        assertThat(stock).hasSize(2).containsEntry("apple", 3).containsEntry("plum", 2 + run);
        assertThat(sold.get()).isEqualTo(3 + run);
        assertThat(notes).containsExactly("opened", "\u00e4\u20ac\ud83d\ude00");
        assertThat(store.history(stock).limit(6))
            .extracting(Change::call)
            .containsExactly(
                "put(key: apple, value: 5)",
                "put(key: pear, value: 7)",
                "remove(key: pear)",
                "put(key: apple, value: 3)",
                "put(key: plum, value: 1)",
                "put(key: plum, value: 2)");
        assertThat(store.history(stock).limit(6))
            .allSatisfy(
                change -> {
                  assertThat(change.principal()).isEmpty();
                  assertThat(change.applicationVersion()).contains("0.9");
                });
        assertThat(store.history(stock).skip(6))
            .allSatisfy(change -> assertThat(change.principal()).contains("ann"))
            .hasSize(run);

        store.transact(
            () -> {
              stock.put("plum", stock.get("plum") + 1);
              sold.add(1);
            });
      }
      assertThat(StoreCheck.check(data).problems()).isEmpty();
    }
  }

  @Test
  void sessionGoesOn_andStaysNobodys() {
    AppendRequest old = raw(5, new byte[] {1, 2, 3});
    AppendRequest next = raw(6, new byte[] {4});

    try (EmbeddedLog log = open()) {
      assertThat(log.append(old).join()).isEqualTo(new LogPosition(21));
      assertThatThrownBy(() -> log.actingFor("ann").append(old).join())
          .hasCauseInstanceOf(SessionExpiredException.class);
      assertThat(log.append(next).join()).isEqualTo(new LogPosition(22));
    }
    try (EmbeddedLog log = open()) {
      assertThat(log.append(next).join()).isEqualTo(new LogPosition(22));
      assertThatThrownBy(() -> log.actingFor("ann").append(next).join())
          .hasCauseInstanceOf(SessionExpiredException.class);
    }
  }

  private static AppendRequest raw(long sequence, byte[] payload) {
    return AppendRequest.builder(Payload.wrap(payload))
        .write(StreamKeys.keys(StreamId.named("raw"), 42))
        .requestId(new RequestId(new SessionId(2), sequence, 3))
        .build();
  }
}
