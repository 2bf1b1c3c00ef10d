package dev.milonga.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.checkpoint.TrimReport;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.Durability;
import dev.milonga.runtime.IncompatibleTypeException;
import dev.milonga.runtime.ViewHaltedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints as the programs that run with a store meet them. */
class CheckpointsOfStoresTest {

  private static ReplicatedMap<Integer, String> large(Milonga store) {
    return store.map("large", Integer.class, String.class);
  }

  @Test
  @DisplayName("a store checkpoints, and trims once it was told what to keep, by itself")
  void storeOfADirectory_checkpointsInTheBackground(@TempDir Path directory) {
    try (Milonga store = open(directory, true)) {
      ReplicatedMap<Integer, String> map = large(store);
      for (int i = 0; i < 120; i++) {
        map.put(i % 10, i + "x".repeat(300_000));
      }
      await().until(() -> store.checkpointer().lastCheckpoint().isPresent());
      assertThat(store.checkpointer().lastTrim()).isEmpty();
      assertThat(store.log().trimMark().join()).isEqualTo(LogPosition.FIRST);

      store.checkpointer().retain(1, Duration.ZERO);
      for (int i = 0; i < 120; i++) {
        map.put(i % 10, i + "y".repeat(300_000));
      }
      await().until(() -> store.checkpointer().lastTrim().isPresent());
      assertThat(store.log().trimMark().join()).isGreaterThan(new LogPosition(100));
    }
    try (Milonga store = open(directory, false)) {
      assertThat(large(store)).hasSize(10);
      assertThat(large(store).get(9)).startsWith("119y").hasSize(300_003);
    }
  }

  @Test
  @DisplayName("a small store has no checkpoint")
  void storeThatIsSmall_isLeftAlone(@TempDir Path directory, @TempDir Path other) {
    try (Milonga store = open(directory, true)) {
      store.counter("c").add(1);
      LogPosition tail = store.log().tail().join();

      storeOfADirectory_checkpointsInTheBackground(other); // which began its schedule later

      assertThat(store.checkpointer().lastCheckpoint()).isEmpty();
      assertThat(store.log().tail().join()).isEqualTo(tail);
    }
  }

  @Test
  @DisplayName("a store that is closed takes a checkpoint, so that it opens quickly")
  void storeThatIsClosed_isCheckpointedAtTheEnd(@TempDir Path directory) {
    LogPosition lastCall;
    try (Milonga store = open(directory, true)) {
      ReplicatedMap<Integer, String> map = large(store);
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) { // too few for one in the background
        int value = i;
        calls.add(store.async(() -> map.put(value % 10, "" + value)).toCompletableFuture());
      }
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
      lastCall = store.position().orElseThrow();
    }

    try (Milonga store = open(directory, false)) {
      assertThat(large(store)).hasSize(10).containsEntry(9, "19999");
      TrimReport trim = store.checkpointer().trim(); // to the checkpoint
      assertThat(trim.mark()).isGreaterThan(lastCall);
      assertThat(store.checkpointer().lastCheckpoint()).isEmpty();
    }
    try (Milonga store = open(directory, false)) {
      assertThat(large(store)).hasSize(10).containsEntry(9, "19999");
    }
  }

  private static Milonga open(Path directory, boolean background) {
    return Milonga.builder()
        .directory(directory)
        .durability(Durability.ASYNC)
        .backgroundCheckpoints(background)
        .open();
  }

  /** A cart. */
  @LogicalName("cart")
  public static class OldCart {
    private final List<String> lines = new ArrayList<>();

    @Mutator
    public void add(String line) {
      lines.add(line);
    }

    @Accessor
    public List<String> lines() {
      return lines;
    }
  }

  /** The same, with what the old one has no field for. */
  @LogicalName("cart")
  public static class NewCart {
    private final List<String> lines = new ArrayList<>();
    private String voucher = "";

    @Mutator
    public void add(String line) {
      lines.add(line);
    }

    @Mutator
    public void redeem(String code) {
      voucher = code;
    }

    @Accessor
    public List<String> lines() {
      return lines;
    }

    @Accessor
    public String voucher() {
      return voucher;
    }
  }

  @EveryLog
  @DisplayName("O6: a checkpoint of a newer class, met by an older one")
  void o6_checkpointOfANewerClass_isNotLoadedByAnOlderOne(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      NewCart cart = store.object(NewCart.class, "cart");
      cart.add("a");
      store.checkpointer().checkpoint();
      assertThat(logs.client().object(OldCart.class, "cart").lines()).containsExactly("a");
      cart.redeem("xyz");
      store.checkpointer().checkpoint();
      store.checkpointer().trim();

      OldCart old = logs.client().object(OldCart.class, "cart");
      assertThatThrownBy(old::lines)
          .isInstanceOf(ViewHaltedException.class)
          .hasMessageContainingAll("mutator \"redeem\"", "deploy a version that has it");
      assertThatThrownBy(() -> old.add("b")).isInstanceOf(ViewHaltedException.class);

      NewCart fresh = logs.client().object(NewCart.class, "cart");
      fresh.add("c");
      assertThat(fresh.voucher()).isEqualTo("xyz");
      assertThat(cart.lines()).containsExactly("a", "c");
    }
  }

  @EveryLog
  @DisplayName("O6: a checkpoint of an older class, loaded by a newer one")
  void o6_checkpointOfAnOlderClass_isLoadedByANewerOne(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      store.object(OldCart.class, "cart").add("a");
      store.checkpointer().checkpoint();
      store.checkpointer().trim();

      NewCart cart = logs.client().object(NewCart.class, "cart");
      cart.redeem("xyz");

      assertThat(cart.lines()).containsExactly("a");
      assertThat(cart.voucher()).isEqualTo("xyz");
    }
  }

  @EveryLog
  @DisplayName("O12: what a checkpoint covers cannot be skipped any more, and need not be")
  void o12_entryThatACheckpointCovers_isNotSkipped(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga behind = logs.client();
      OldCart old = behind.object(OldCart.class, "cart");
      Milonga ahead = logs.client();
      NewCart cart = ahead.object(NewCart.class, "cart");
      cart.add("a");
      cart.redeem("xyz");
      LogPosition unknown = ahead.position().orElseThrow();
      assertThatThrownBy(old::lines).isInstanceOf(ViewHaltedException.class);
      ahead.checkpointer().checkpoint();

      assertThatThrownBy(() -> behind.skip(old, unknown, "a test"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("holds its effect", "cannot be skipped any more");

      assertThat(cart.voucher()).isEqualTo("xyz");
      assertThat(logs.client().object(NewCart.class, "cart").voucher()).isEqualTo("xyz");
    }
  }

  @EveryLog
  @DisplayName("O12: an entry that was skipped is passed over in the past as well")
  void o12_entryThatIsSkippedLater_isNotInThePastAnyMore(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga behind = logs.client();
      OldCart old = behind.object(OldCart.class, "cart");
      Milonga ahead = logs.client();
      NewCart cart = ahead.object(NewCart.class, "cart");
      cart.add("a");
      cart.redeem("xyz");
      LogPosition unknown = ahead.position().orElseThrow();
      cart.add("b");
      LogPosition later = ahead.position().orElseThrow();
      assertThatThrownBy(old::lines).isInstanceOf(ViewHaltedException.class);
      assertThat(ahead.at(unknown, cart::voucher)).isEqualTo("xyz");
      assertThat(ahead.at(later, cart::voucher)).isEqualTo("xyz"); // by the view of the present

      behind.skip(old, unknown, "a test");

      assertThat(ahead.at(unknown, cart::voucher)).isEmpty();
      assertThat(ahead.at(later, cart::voucher)).isEmpty();
      assertThat(ahead.at(later, cart::lines)).containsExactly("a", "b");
      assertThat(old.lines()).containsExactly("a", "b");
    }
  }

  @EveryLog
  @DisplayName("O12: an entry that was skipped stays skipped after a checkpoint and a trim")
  void o12_skippedEntry_staysSkippedAfterATrim(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      ledger.add(1);
      Payload garbage = Payload.wrap("nonsense".getBytes(UTF_8));
      LogPosition at =
          logs.log().append(AppendRequest.of(StreamId.named("ledger"), garbage)).join();
      assertThatThrownBy(ledger::total).isInstanceOf(ViewHaltedException.class);
      CheckpointReport halted = store.checkpointer().checkpoint();
      store.skip(ledger, at, "a test");
      ledger.add(2);
      CheckpointReport healed = store.checkpointer().checkpoint();
      LogPosition mark = store.checkpointer().trim().mark();
      ledger.add(4);

      assertThat(halted.failed()).containsOnlyKeys("ledger");
      assertThat(halted.failed().get("ledger")).contains("is halted at log position " + at);
      assertThat(healed.failed()).isEmpty();
      assertThat(mark).isGreaterThan(at);
      logs.reopen();
      assertThat(logs.client().object(Ledger.class, "ledger").total()).isEqualTo(7);
    }
  }

  /** A class with a view of an array, which nobody can make again. */
  public static class Fixed {
    private List<String> entries = Arrays.asList("a", "b");

    @Mutator
    public void set(int index, String entry) {
      entries.set(index, entry);
    }
  }

  @EveryLog
  @DisplayName("a class whose state cannot be taken")
  void classWhoseStateCannotBeTaken_isRefusedAtOpen(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      assertThatThrownBy(() -> logs.client().object(Fixed.class, "f"))
          .isInstanceOf(IncompatibleTypeException.class)
          .hasMessageContainingAll("Fixed.entries", "use List.of");
      assertThat(logs.tail()).isEqualTo(LogPosition.FIRST);
    }
  }
}
