package dev.milonga.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.StreamListener;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.ChangeListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;

/** Change feeds that go on where they were left. */
class CursorFeedTest {

  /** Copies the changes of a list into another one, of the same store. */
  private static class Copying implements ChangeListener {
    private final List<Integer> copy;
    private final List<LogPosition> resets = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Throwable> end = new CompletableFuture<>();

    Copying(List<Integer> copy) {
      this.copy = copy;
    }

    @Override
    public void onChange(Change change) {
      copy.add((Integer) change.arguments().get(0).value());
    }

    @Override
    public void onReset(LogPosition position) {
      resets.add(position);
    }

    @Override
    public void onEnd(Throwable cause) {
      end.complete(cause);
    }
  }

  @EveryLog
  @DisplayName("a feed goes on after restarts, each change once")
  void feedThatIsRestarted_seesEachChangeOnce(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      for (int round = 0; round < 5; round++) {
        Milonga store = logs.client();
        ReplicatedList<Integer> source = store.list("source", Integer.class);
        ReplicatedList<Integer> copy = store.list("copy", Integer.class);
        int written = round * 20;
        Subscription feed = store.onChange(source, "copying", new Copying(copy));
        for (int i = written; i < written + 20; i++) {
          source.add(i);
        }
        await().until(() -> copy.size() >= written + 5); // and then in the middle of it
        feed.close();
        logs.reopen();
      }
      Milonga store = logs.client();
      ReplicatedList<Integer> copy = store.list("copy", Integer.class);
      store.onChange(store.list("source", Integer.class), "copying", new Copying(copy));
      await().until(() -> copy.size() >= 100);
      assertThat(copy).isEqualTo(IntStream.range(0, 100).boxed().toList());
    }
  }

  @EveryLog
  @DisplayName("all changes of one transaction are delivered in one")
  void changesOfOneTransaction_areDeliveredTogether(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedList<Integer> source = store.list("source", Integer.class);
      ReplicatedList<Integer> copy = store.list("copy", Integer.class);
      store.transact(
          () -> {
            source.add(1);
            source.add(2);
          });
      Copying failing =
          new Copying(copy) {
            @Override
            public void onChange(Change change) {
              super.onChange(change);
              if (copy.size() == 2) {
                throw new IllegalArgumentException("a mistake of the listener");
              }
            }
          };

      store.onChange(source, "copying", failing);

      assertThat(failing.end.join()).hasMessage("a mistake of the listener");
      assertThat(copy).isEmpty();
      store.onChange(source, "copying", new Copying(copy));
      await().until(() -> copy.size() == 2);
      assertThat(copy).containsExactly(1, 2);
    }
  }

  @EveryLog
  @DisplayName("a feed holds what it has not seen, but not for ever")
  void trimPastACursorThatIsOver_beginsTheFeedWithTheState(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedList<Integer> source = store.list("source", Integer.class);
      ReplicatedList<Integer> copy = store.list("copy", Integer.class);
      store.onChange(source, "copying", new Copying(copy)).close();
      for (int i = 0; i < 10; i++) {
        source.add(i);
      }
      store.checkpointer().checkpoint();
      assertThat(store.checkpointer().trim().heldBackBy()).startsWith("cursor \"copying\"");

      logs.clock().advance(Duration.ofDays(8));
      LogPosition mark = store.checkpointer().trim().mark();
      source.add(10);
      Copying late = new Copying(copy);
      Subscription feed = store.onChange(source, "copying", late);
      source.add(11);

      assertThat(mark.value()).isGreaterThan(10);
      await().until(() -> copy.contains(11));
      assertThat(late.resets).hasSize(1);
      List<Integer> then = store.at(late.resets.get(0), () -> new ArrayList<>(List.copyOf(source)));
      then.addAll(copy);
      assertThat(then).isEqualTo(IntStream.range(0, 12).boxed().toList());
      feed.close();
    }
  }

  @EveryLog
  @DisplayName("a new cursor on an object that is younger than the trim mark misses nothing")
  void newCursorOnAnObjectThatLostNothing_beginsWithItsFirstChange(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      store.counter("c").add(1);
      store.checkpointer().checkpoint();
      LogPosition mark = store.checkpointer().trim().mark();
      ReplicatedList<Integer> source = store.list("source", Integer.class);
      ReplicatedList<Integer> copy = store.list("copy", Integer.class);
      source.add(0);
      source.add(1);

      Copying young = new Copying(copy);
      store.onChange(source, "copying", young).close();
      store.checkpointer().checkpoint(); // whose end says so as well
      Copying again = new Copying(new CopyOnWriteArrayList<>());
      store.onChange(source, "copying again", again).close();

      assertThat(mark).isGreaterThan(LogPosition.FIRST);
      assertThat(young.resets).isEmpty();
      assertThat(again.resets).isEmpty();
      store.onChange(source, "copying", young);
      await().until(() -> copy.size() >= 2);
      assertThat(copy).isEqualTo(List.of(0, 1));
    }
  }

  @EveryLog
  @DisplayName("two feeds of one cursor: one of them ends")
  void twoFeedsOfOneCursor_oneEndsAndNothingIsDoneTwice(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedList<Integer> source = store.list("source", Integer.class);
      ReplicatedList<Integer> copy = store.list("copy", Integer.class);
      Copying one = new Copying(copy);
      Copying other = new Copying(copy);
      store.onChange(source, "copying", one);
      store.onChange(source, "copying", other);

      for (int i = 0; i < 20; i++) {
        source.add(i);
      }

      Object ended = CompletableFuture.anyOf(one.end, other.end).join();
      assertThat(ended).isInstanceOf(IllegalStateException.class);
      assertThat((Throwable) ended).hasMessageContaining("One feed at a time may use a cursor");
      await().until(() -> copy.size() >= 20);
      assertThat(copy).isEqualTo(IntStream.range(0, 20).boxed().toList());
    }
  }

  @EveryLog
  @DisplayName("the difference of two moments, and what has made it")
  void differenceOfTwoMoments_tellsWhatChangedAndByWhat(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      Inventory inventory = store.object(Inventory.class, "inventory");
      map.put("a", 1);
      map.put("b", 1);
      inventory.restock("x", 1);
      LogPosition from = store.position().orElseThrow();
      map.put("a", 2);
      map.remove("b");
      map.put("c", 3);
      inventory.restock("x", 4);
      inventory.restock("y", 1);
      LogPosition to = store.position().orElseThrow();
      map.put("a", 99);

      assertThat(store.diff(map, from, to).parts().stream().map(String::valueOf))
          .containsExactlyInAnyOrder(
              "{\"a\"}: 1 -> 2", "{\"b\"}: 1 -> (none)", "{\"c\"}: (none) -> 3");
      assertThat(store.diff(map, from, to).changes().stream().map(Change::mutator))
          .containsExactly("put", "remove", "put");
      assertThat(store.diff(inventory, from, to).parts().stream().map(String::valueOf))
          .containsExactly(".stock{\"x\"}: 1 -> 5", ".stock{\"y\"}: (none) -> 1");
      assertThat(store.diff(map, to, to).parts()).isEmpty();
      assertThat(store.diff(map, to, to).changes()).isEmpty();
    }
  }

  @EveryLog
  @DisplayName("a feed of raw streams goes on after restarts and trims, each entry once")
  void feedOfRawStreams_seesEachEntryOnce(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Set<StreamId> streams = Set.of(StreamId.named("one"), StreamId.named("two"));
      List<String> written = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        Milonga store = logs.client();
        ReplicatedList<String> copy = store.list("copy", String.class);
        Subscription feed = store.onEntries(streams, "raw", copying(copy));
        for (int i = 0; i < 20; i++) {
          String text = round + "-" + i;
          append(logs, i % 3 == 0 ? "one" : "two", text);
          append(logs, "other", "not for it");
          written.add(text);
        }
        int enough = round * 20 + 5;
        await().until(() -> copy.size() >= enough); // and then in the middle of it
        feed.close();
        store.checkpointer().checkpoint();
        store.checkpointer().trim(); // up to where the cursor stands
        logs.reopen();
      }
      Milonga store = logs.client();
      ReplicatedList<String> copy = store.list("copy", String.class);
      store.onEntries(streams, "raw", copying(copy));
      await().until(() -> copy.size() >= written.size());
      assertThat(copy).isEqualTo(written);
      assertThat(logs.log().trimMark().join().value()).isGreaterThan(100);
    }
  }

  @EveryLog
  @DisplayName("a feed of raw streams whose cursor ran out is told that entries are missing")
  void feedOfRawStreams_isToldOfWhatItMissed(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Set<StreamId> streams = Set.of(StreamId.named("one"));
      Milonga store = logs.client();
      ReplicatedList<String> copy = store.list("copy", String.class);
      store.onEntries(streams, "raw", copying(copy)).close();
      append(logs, "one", "missed");
      store.counter("c").add(1);
      logs.clock().advance(Duration.ofDays(8));
      store.checkpointer().checkpoint();
      LogPosition mark = store.checkpointer().trim().mark();
      append(logs, "one", "seen");
      List<LogPosition> resets = new CopyOnWriteArrayList<>();
      CompletableFuture<Throwable> ended = new CompletableFuture<>();

      Subscription feed =
          store.onEntries(
              streams,
              "raw",
              new StreamListener() {
                @Override
                public void onEntry(LogEntry entry) {
                  String text = new String(entry.payload().toByteArray(), UTF_8);
                  if (text.equals("bad")) {
                    throw new IllegalArgumentException("a mistake of the listener");
                  }
                  copy.add(text);
                }

                @Override
                public void onReset(LogPosition position) {
                  resets.add(position);
                }

                @Override
                public void onEnd(Throwable cause) {
                  ended.complete(cause);
                }
              });

      await().until(() -> copy.size() == 1);
      append(logs, "one", "bad");
      assertThat(ended.join()).hasMessage("a mistake of the listener");
      feed.close();
      assertThat(copy).containsExactly("seen");
      assertThat(resets).containsExactly(new LogPosition(mark.value() - 1));
      store.onEntries(streams, "raw", copying(copy));
      await().until(() -> copy.size() == 2); // it begins with the same entry
      assertThat(copy).containsExactly("seen", "bad");
    }
  }

  private static StreamListener copying(List<String> copy) {
    return entry -> copy.add(new String(entry.payload().toByteArray(), UTF_8));
  }

  private static void append(Logs logs, String stream, String text) {
    logs.log()
        .append(AppendRequest.of(StreamId.named(stream), Payload.wrap(text.getBytes(UTF_8))))
        .join();
  }
}
