package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.record.Header;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ObjectRuntimeTest {

  private final InMemoryLog log = InMemoryLog.create();
  private final ObjectRuntime here = ObjectRuntime.builder(log).build();
  private final ObjectRuntime there = ObjectRuntime.builder(log).build();

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
  }

  @Test
  void mutatorOfPlainClass_returnsItsResultAndIsSeenByOtherClient() {
    Inventory mine = here.open(TypeToken.of(Inventory.class), "warehouse");
    Inventory theirs = there.open(TypeToken.of(Inventory.class), "warehouse");

    mine.restock("a", 3);

    assertThat(theirs.take("a", 2)).isTrue();
    assertThat(theirs.take("a", 2)).isFalse();
    assertThat(mine.inStock("a")).isEqualTo(1);
  }

  @Test
  void hashSetFieldOfPlainClass_iteratesInTheOrderOfInsertionOnEveryReplica() {
    OpenDays mine = here.open(TypeToken.of(OpenDays.class), "shop");
    List.of(DayOfWeek.SUNDAY, DayOfWeek.MONDAY, DayOfWeek.FRIDAY, DayOfWeek.TUESDAY)
        .forEach(mine::add);

    OpenDays theirs = there.open(TypeToken.of(OpenDays.class), "shop");

    assertThat(theirs.removeFirst()).isEqualTo(DayOfWeek.SUNDAY);
    assertThat(mine.inOrder())
        .containsExactly(DayOfWeek.MONDAY, DayOfWeek.FRIDAY, DayOfWeek.TUESDAY)
        .isEqualTo(theirs.inOrder());
  }

  @Test
  void mutatorOfVersionedClass_returnsItsResultAndIsSeenByOtherClient() {
    Tally mine = here.open(TypeToken.of(Tally.class), "tally");
    Tally theirs = there.open(TypeToken.of(Tally.class), "tally");

    assertThat(mine.add(3)).isEqualTo(3);
    assertThat(theirs.add(4)).isEqualTo(7);

    assertThat(mine.total()).isEqualTo(7);
    assertThat(mine.last()).isEqualTo(theirs.last()).isNotNull();
    assertThat(mine.changed()).isEqualTo(theirs.changed());
  }

  @Test
  void mutatorOfVersionedClassThatThrowsHalfWay_changesNothing() {
    Tally tally = here.open(TypeToken.of(Tally.class), "tally");
    tally.add(5);

    assertThatThrownBy(() -> tally.add(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was -1");

    assertThat(tally.total()).isEqualTo(5);
  }

  @Test
  void unannotatedMethod_runsOnTheProxyAndCombinesOthers() {
    Inventory inventory = here.open(TypeToken.of(Inventory.class), "warehouse");
    inventory.restock("a", 3);

    assertThat(inventory.move("a", "b", 2)).isTrue();

    assertThat(inventory.all()).containsExactly(Map.entry("a", 1), Map.entry("b", 2));
  }

  @Test
  void openingTwice_givesTheSameObject() {
    Tally first = here.open(TypeToken.of(Tally.class), "tally");

    assertThat(here.open(TypeToken.of(Tally.class), "tally")).isSameAs(first);
    assertThat(first).hasToString("Tally \"tally\"");
  }

  @Test
  void asyncCalls_takeEffectInOrderAndCompleteWithTheirResults() throws Exception {
    Tally tally = here.open(TypeToken.of(Tally.class), "tally");
    List<CompletableFuture<Long>> totals = new ArrayList<>();

    for (int i = 0; i < 1_000; i++) {
      CompletionStage<Long> stage = here.async(() -> tally.add(1));
      totals.add(stage.toCompletableFuture());
    }

    for (int i = 0; i < 1_000; i++) {
      assertThat(totals.get(i).get(10, TimeUnit.SECONDS)).isEqualTo(i + 1);
    }
    assertThat(here.async(tally::total).toCompletableFuture().get(10, TimeUnit.SECONDS))
        .isEqualTo(1_000);
  }

  @Test
  void asyncWithTwoCalls_isRefusedAndNothingHappens() {
    Tally tally = here.open(TypeToken.of(Tally.class), "tally");

    assertThatThrownBy(() -> here.async(() -> tally.add(1) + tally.add(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("second");

    assertThat(tally.total()).isZero();
  }

  @Test
  void localRead_seesWhatThisClientHasApplied() {
    Tally mine = here.open(TypeToken.of(Tally.class), "tally");
    Tally theirs = there.open(TypeToken.of(Tally.class), "tally");
    theirs.add(3);

    assertThat(here.read(Consistency.local(), mine::total)).isZero();
    assertThat(here.read(Consistency.atLeast(there.position().orElseThrow()), mine::total))
        .isEqualTo(3);
    assertThat(here.read(Consistency.local(), mine::total)).isEqualTo(3);
  }

  @Test
  void mutatorInReadBlock_isRefused() {
    Tally tally = here.open(TypeToken.of(Tally.class), "tally");

    assertThatThrownBy(() -> here.read(Consistency.local(), () -> tally.add(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only reads");

    assertThat(tally.total()).isZero();
  }

  @Test
  void history_listsTheCallsWithTheirArguments() {
    Inventory inventory = here.open(TypeToken.of(Inventory.class), "warehouse");
    inventory.restock("a", 3);
    inventory.take("a", 1);

    assertThat(here.history(inventory).map(Change::call))
        .containsExactly("restock(sku: a, n: 3)", "take(sku: a, n: 1)");
  }

  @Test
  void inspector_listsTheCallsWithoutTheClass() {
    Inventory inventory = here.open(TypeToken.of(Inventory.class), "warehouse");
    inventory.restock("a", 3);

    LogInspector inspector = LogInspector.of(log);

    assertThat(inspector.objects()).containsExactly(new Registration("warehouse", "Inventory", ""));
    assertThat(inspector.history("warehouse").map(RecordedCall::call))
        .containsExactly("restock(sku: \"a\", n: 3)");
  }

  @Test
  void inspector_copiesAState_andWritesNothing() {
    Inventory inventory = here.open(TypeToken.of(Inventory.class), "warehouse");
    inventory.restock("a", 3);
    LogPosition tail = log.tail().join();

    LogInspector inspector = LogInspector.of(log);
    Inventory copy =
        inspector.state(inspector.object("warehouse").orElseThrow(), TypeToken.of(Inventory.class));
    copy.restock("a", 1);

    assertThat(copy.inStock("a")).isEqualTo(4);
    assertThat(inventory.inStock("a")).isEqualTo(3);
    assertThat(log.tail().join()).isEqualTo(tail);
  }

  @Test
  void stateAsAnotherClass_isRefusedWithThePosition() {
    here.open(TypeToken.of(Inventory.class), "warehouse").restock("a", 3);
    LogInspector inspector = LogInspector.of(log);
    Registration warehouse = inspector.object("warehouse").orElseThrow();

    assertThatThrownBy(() -> inspector.state(warehouse, TypeToken.of(Tally.class)))
        .isInstanceOf(ViewHaltedException.class)
        .hasMessageContaining("restock");
  }

  @Test
  void onChange_deliversPastAndComingChangesInOrder() {
    Tally tally = here.open(TypeToken.of(Tally.class), "tally");
    tally.add(1);
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Tally theirs = there.open(TypeToken.of(Tally.class), "tally");

    Subscription subscription =
        there.onChange(theirs, LogPosition.FIRST, change -> seen.add(change.call()));
    tally.add(2);

    await().untilAsserted(() -> assertThat(seen).containsExactly("add(n: 1)", "add(n: 2)"));
    subscription.close();
  }

  @Test
  void callUnderWayWhenTheLogCloses_isToldOnce_andTheViewStopsTrying() {
    BoundType<Tally> type =
        new TypeBinding(Codec.standard()).bind(TypeToken.of(Tally.class), Optional.empty());
    View<Tally> view =
        View.of(
            "tally",
            StreamId.named("tally"),
            type,
            log,
            new Waiting(Duration.ofSeconds(30), Environment.system()),
            StoredCheckpoints.alone(log, new Waiting(Duration.ofSeconds(30), Environment.system())),
            new OpenSnapshots());
    CompletableFuture<Object> future = new CompletableFuture<>();
    PendingCall call = new PendingCall(log.openSession().join(), 0, null, future, Long.MAX_VALUE);
    view.expect(call);
    call.acknowledged(0);

    log.close();
    view.catchUpTo(1, Runnable::run); // returns, in this very thread

    assertThat(future).isCompletedExceptionally();
    assertThatThrownBy(future::join).hasCauseInstanceOf(StoreClosedException.class);
  }

  @Test
  void callThatIsPassedOverWhileItsViewStandsStill_isToldSo() {
    Tally theirs = there.open(TypeToken.of(Tally.class), "tally");
    theirs.add(1);
    View<Tally> view =
        View.of(
            "tally",
            StreamId.named("tally"),
            new TypeBinding(Codec.standard()).bind(TypeToken.of(Tally.class), Optional.empty()),
            log,
            new Waiting(Duration.ofSeconds(30), Environment.system()),
            StoredCheckpoints.alone(log, new Waiting(Duration.ofSeconds(30), Environment.system())),
            new OpenSnapshots());
    view.syncToTail();
    CompletableFuture<Object> future = new CompletableFuture<>();
    PendingCall call = new PendingCall(log.openSession().join(), 0, null, future, Long.MAX_VALUE);
    view.expect(call);
    LogPosition at = log.tail().join();
    theirs.add(2); // in the place of the call
    call.acknowledged(at.value());
    List<Runnable> background = new ArrayList<>();
    view.catchUpTo(at.value() + 1, background::add);
    StoreSnapshot snapshot = there.storeSnapshot(true);
    for (var part = snapshot.next(); part.isPresent(); part = snapshot.next()) {
      snapshot.write(part.get(), () -> false).ifPresent(CompletableFuture::join);
    }
    log.trim(snapshot.position()).join();

    view.standingStill(
        () -> {
          view.syncToTail();
          return true;
        });
    background.forEach(Runnable::run);

    assertThat(future).isCompletedExceptionally();
    assertThatThrownBy(future::join).hasCauseInstanceOf(OutcomeLostException.class);
  }

  @Test
  void viewBroughtUpToAPosition_goesNoFurtherByItself() throws Throwable {
    Inventory mine = here.open(TypeToken.of(Inventory.class), "warehouse");
    Inventory theirs = there.open(TypeToken.of(Inventory.class), "warehouse");
    theirs.restock("a", 1);
    LogPosition between = there.position().orElseThrow().next();
    theirs.restock("a", 1);
    View<?> view = ((Proxied) mine).milongaHandle().view();

    view.syncExactlyTo(between.value());

    assertThat(view.upTo()).isEqualTo(between.value());
    assertThat(mine.inStock("a")).isEqualTo(2);
  }

  @Test
  void callOrderedSkippedBeforeItIsAppliedHere_isToldSo() {
    View<Tally> view =
        View.of(
            "tally",
            StreamId.named("tally"),
            new TypeBinding(Codec.standard()).bind(TypeToken.of(Tally.class), Optional.empty()),
            log,
            new Waiting(Duration.ofSeconds(30), Environment.system()),
            StoredCheckpoints.alone(log, new Waiting(Duration.ofSeconds(30), Environment.system())),
            new OpenSnapshots());
    SessionId session = log.openSession().join();
    PendingCall call = new PendingCall(session, 0, null);
    view.expect(call);
    Payload payload =
        RecordFormat.call(Header.getDefaultInstance(), "add", new byte[] {(byte) 0x81, 1}, 1, 0);
    AppendRequest request =
        AppendRequest.builder(payload)
            .write(StreamKeys.whole(view.stream()))
            .requestId(new RequestId(session, 0, 0))
            .build();
    LogPosition at = log.append(request).join();
    log.append(
            AppendRequest.of(
                RecordFormat.skipsOf(view.stream()),
                RecordFormat.skip(Header.getDefaultInstance(), at.value(), "a test")))
        .join();

    view.syncToTail();

    assertThatThrownBy(call::outcome)
        .isInstanceOfSatisfying(
            ViewHaltedException.class,
            skipped -> assertThat(skipped.durable()).isEqualTo(StoreException.Durable.NOTHING))
        .hasMessageContaining("ordered to be skipped");
    assertThat(view.state().total()).isZero();
  }

  @Test
  void closedRuntime_refusesCallsWithNothingDurable() {
    Tally tally = here.open(TypeToken.of(Tally.class), "tally");
    here.close();

    assertThatThrownBy(() -> tally.add(1))
        .isInstanceOfSatisfying(
            StoreClosedException.class,
            closed -> assertThat(closed.durable()).isEqualTo(StoreException.Durable.NOTHING));
    assertThatThrownBy(tally::total).isInstanceOf(StoreClosedException.class);
  }
}
