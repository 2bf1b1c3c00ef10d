package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.Record;
import dev.milonga.txn.TransactionConflictException;
import dev.milonga.txn.TransactionOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who made a change, as a log tells it that authenticates its clients. */
@Timeout(120)
class PrincipalsTest {

  @TempDir Path directory;
  private EmbeddedLog log;
  private Milonga ann;
  private Milonga bob;

  @BeforeEach
  void open() {
    log = EmbeddedLog.open(directory.resolve("data"));
    ann = Milonga.over(log.actingFor("ann"));
    bob = Milonga.over(log.actingFor("bob"));
  }

  @AfterEach
  void close() {
    ann.close();
    bob.close();
    log.close();
  }

  @Test
  void everyChange_carriesWhoMadeIt_alsoAfterReopening() {
    ReplicatedMap<String, Integer> anns = map(ann);
    ReplicatedMap<String, Integer> bobs = map(bob);
    anns.put("a", 1);
    bobs.put("b", 2);
    ann.async(() -> anns.put("c", 3)).toCompletableFuture().join();
    bob.transact(() -> bobs.put("d", bobs.get("a")));
    List<String> expected = List.of("ann", "bob", "ann", "bob");

    assertThat(principals(ann)).isEqualTo(expected);
    assertThat(principals(bob)).isEqualTo(expected);
    close();
    open();
    assertThat(principals(ann)).isEqualTo(expected);
    assertThat(LogInspector.of(log).history("map").map(RecordedCall::principal))
        .extracting(Optional::orElseThrow)
        .isEqualTo(expected);
    assertThat(entries()).extracting(LogEntry::principal).allMatch(Optional::isPresent);
  }

  @Test
  void listeners_learnWhoMadeAChange() throws InterruptedException {
    BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    ReplicatedMap<String, Integer> anns = map(ann);
    Subscription subscription = ann.onChange(anns, changes::add);
    try {
      map(bob).put("b", 2);

      Change change = changes.poll(60, TimeUnit.SECONDS);

      assertThat(change).isNotNull();
      assertThat(change.principal()).contains("bob");
    } finally {
      subscription.close();
    }
  }

  @Test
  void conflict_namesThePrincipalOfTheWinner() {
    ReplicatedMap<String, Integer> anns = map(ann);
    ReplicatedMap<String, Integer> bobs = map(bob);

    assertThatThrownBy(
            () ->
                ann.transact(
                    TransactionOptions.DEFAULT.withRetriesMax(0),
                    () -> {
                      anns.get("x");
                      Together.onAnotherThread(() -> bobs.put("x", 7));
                      anns.set("x", 1);
                    }))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("by put(key: x, value: 7) of bob");
  }

  @Test
  void whatAClientSaysOfItself_isBelievedOnlyWhereTheLogSaysNothing() {
    map(ann).put("a", 1);
    AppendRequest forged = claiming("mallory");

    log.actingFor("ann").append(forged).join();
    log.append(forged).join();
    log.append(claiming("")).join();

    List<Optional<String>> expected =
        List.of(Optional.of("ann"), Optional.of("ann"), Optional.of("mallory"), Optional.empty());
    assertThat(ann.history(map(ann)).map(Change::principal).toList()).isEqualTo(expected);
    assertThat(LogInspector.of(log).history("map").map(RecordedCall::principal).toList())
        .isEqualTo(expected);
  }

  /** The last entry of the map, again, with that principal in its header. */
  private AppendRequest claiming(String principal) {
    try {
      StreamId stream = StreamId.named("map");
      List<LogEntry> entries =
          log.read(stream, LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
      Record record = Record.parseFrom(entries.get(0).payload().array());
      Record claimed =
          record.toBuilder().setHeader(Header.newBuilder().setPrincipal(principal)).build();
      return AppendRequest.builder(Payload.wrap(claimed.toByteArray()))
          .write(StreamKeys.whole(stream))
          .build();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError("an entry of a map is a record", e);
    }
  }

  @Test
  void checkpointsAndTheDirectory_areOfWhoeverWroteThem() {
    map(ann).put("a", 1);

    bob.checkpointer().checkpoint();

    assertThat(entries()).extracting(entry -> entry.principal().orElseThrow()).contains("bob");
    SharedLog carol = log.actingFor("carol");
    try (Milonga fresh = Milonga.over(carol)) {
      assertThat(map(fresh)).containsEntry("a", 1);
    }
  }

  private List<LogEntry> entries() {
    return log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
  }

  private static ReplicatedMap<String, Integer> map(Milonga store) {
    return store.map("map", String.class, Integer.class);
  }

  private static List<String> principals(Milonga store) {
    return store.history(map(store)).map(change -> change.principal().orElse("nobody")).toList();
  }
}
