package dev.milonga.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.milonga.Milonga;
import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StoreException.Durable;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.IncompatibleTypeException;
import dev.milonga.runtime.Registration;
import dev.milonga.runtime.TypeToken;
import dev.milonga.runtime.ViewHaltedException;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Record;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;

/** The scenarios O1 to O12 that need neither a checkpoint nor long histories. */
class ObjectConformanceTest {

  private static final TypeToken<List<String>> STRINGS = new TypeToken<>() {};

  // O1

  @EveryLog
  @DisplayName("O1: two clients open one name at the same moment")
  void o1_twoClientsOpenOneNameAtOnce_oneObject(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Milonga there = logs.client();

      for (int round = 0; round < 20; round++) {
        String name = "ledger-" + round;
        List<Ledger> both =
            Together.call(
                () -> here.object(Ledger.class, name), () -> there.object(Ledger.class, name));
        both.get(0).add(1);
        both.get(1).add(2);

        assertThat(both).allSatisfy(ledger -> assertThat(ledger.total()).isEqualTo(3));
      }
      assertThat(here.objects()).hasSize(20).isEqualTo(there.objects());
    }
  }

  @EveryLog
  @DisplayName("O1: two clients open one name with different types at the same moment")
  void o1_twoClientsOpenOneNameWithTwoTypes_secondIsRefused(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Milonga there = logs.client();

      for (int round = 0; round < 20; round++) {
        String name = "thing-" + round;
        List<Throwable> failures =
            Together.call(
                () -> catchThrowable(() -> here.object(Ledger.class, name)),
                () -> catchThrowable(() -> there.map(name, String.class, Integer.class)));

        boolean ledgerLost = failures.get(0) != null;
        assertThat(failures.get(ledgerLost ? 1 : 0)).isNull();
        assertThat(failures.get(ledgerLost ? 0 : 1))
            .isInstanceOf(IncompatibleTypeException.class)
            .hasMessageContainingAll(
                "object \"" + name + "\"",
                ledgerLost ? "is a map<" : "is a Ledger",
                "choose another name");
        assertThat(here.objects().stream().map(Registration::name)).contains(name);
      }
      assertThat(here.objects()).hasSize(20).isEqualTo(there.objects());
    }
  }

  @EveryLog
  @DisplayName("O1: one name with other type arguments")
  void o1_sameCollectionOfOtherElements_isRefused(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      logs.client().map("m", String.class, Integer.class).put("a", 1);

      assertThatThrownBy(() -> logs.client().map("m", String.class, String.class))
          .isInstanceOf(IncompatibleTypeException.class)
          .hasMessageContaining("object \"m\"");
    }
  }

  // O2

  @EveryLog
  @DisplayName("O2: a value that cannot be encoded, passed to a plain object")
  void o2_unencodableArgumentOfPlainObject_leavesNothing(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Notebook mine = logs.client().object(Notebook.class, "notes");
      Notebook theirs = logs.client().object(Notebook.class, "notes");
      List<String> notStrings = wronglyTyped();
      mine.draft(List.of("fine"));

      refusedWithoutTrace(logs, () -> mine.draft(notStrings));
      refusedWithoutTrace(logs, () -> mine.redraft(List.of(List.of("a"), notStrings)));

      assertThat(theirs.draft(List.of("more"))).hasSize(2);
      assertThat(mine.drafts()).isEqualTo(theirs.drafts()).hasSize(2);
    }
  }

  @EveryLog
  @DisplayName(
      "O2: a value that cannot be encoded, passed to each collection, also without waiting")
  void o2_unencodableElementOfEveryCollection_leavesNothing(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      List<String> bad = wronglyTyped();
      ReplicatedMap<String, List<String>> map =
          store.map("map", TypeToken.of(String.class), STRINGS);
      ReplicatedSortedMap<String, List<String>> sorted =
          store.sortedMap("sorted", TypeToken.of(String.class), STRINGS);
      ReplicatedList<List<String>> list = store.list("list", STRINGS);
      ReplicatedSet<List<String>> set = store.set("set", STRINGS);
      ReplicatedQueue<List<String>> queue = store.queue("queue", STRINGS);
      ReplicatedRegister<List<String>> register = store.register("register", STRINGS);
      list.add(List.of());

      refusedWithoutTrace(logs, () -> map.put("a", bad));
      refusedWithoutTrace(logs, () -> map.putAll(Map.of("a", List.of("x"), "b", bad)));
      refusedWithoutTrace(logs, () -> map.putIfAbsent("a", bad));
      refusedWithoutTrace(logs, () -> sorted.put("a", bad));
      refusedWithoutTrace(logs, () -> list.add(bad));
      refusedWithoutTrace(logs, () -> list.addAll(List.of(List.of("x"), bad)));
      refusedWithoutTrace(logs, () -> list.set(0, bad));
      refusedWithoutTrace(logs, () -> set.add(bad));
      refusedWithoutTrace(logs, () -> queue.offer(bad));
      refusedWithoutTrace(logs, () -> register.set(bad));
      refusedWithoutTrace(logs, () -> store.async(() -> map.put("a", bad)));

      assertThat(map).isEmpty();
      assertThat(sorted).isEmpty();
      assertThat(list).containsExactly(List.of());
      assertThat(set).isEmpty();
      assertThat(queue).isEmpty();
      assertThat(register.get()).isEmpty();
      assertThat(map.put("a", List.of("x"))).isNull();
    }
  }

  private static void refusedWithoutTrace(Logs logs, ThrowingCallable call) {
    LogPosition before = logs.tail();

    assertThatThrownBy(call).isInstanceOf(EncodingException.class).hasMessageContaining("Integer");

    assertThat(logs.tail()).isEqualTo(before);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // as careless code would
  private static List<String> wronglyTyped() {
    return (List) List.of(1);
  }

  // O3

  private static Stream<String> strings() {
    StringBuilder everyChar = new StringBuilder();
    for (char c = 0; c < 0x800; c++) {
      everyChar.append(c);
    }
    StringBuilder rest = new StringBuilder();
    for (int c = 0x800; c <= 0x10ffff; c += c < 0x10000 ? 7 : 1023) {
      rest.appendCodePoint(c);
    }
    return Stream.of(
        "",
        " ",
        "\0",
        "\"quotes\" \\ and\r\nlines",
        "naïve 东京 🚀 e\u0301",
        "\ud83d\ude80",
        "half \ud83d pair",
        "\ude80\ud83d",
        everyChar.toString(),
        rest.toString(),
        "x".repeat(100_000));
  }

  @EveryLog
  @DisplayName("O3: strings of every kind, in every collection and in a plain object")
  void o3_everyKindOfString_isTheSameEverywhere(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Map<String, String> map = store.map("map", String.class, String.class);
      Map<String, String> sorted = store.sortedMap("sorted", String.class, String.class);
      List<String> list = store.list("list", String.class);
      Notebook notes = store.object(Notebook.class, "notes");
      strings()
          .forEach(
              text -> {
                assertThat(map.put(text, text)).isNull();
                assertThat(map.put(text, text)).isEqualTo(text);
                sorted.put(text, text);
                list.add(text);
                notes.write(Notebook.Page.of(text));
              });

      onFreshClients(
          logs,
          fresh -> {
            List<String> expected = strings().toList();
            assertThat(List.copyOf(fresh.map("map", String.class, String.class).keySet()))
                .isEqualTo(expected);
            assertThat(fresh.map("map", String.class, String.class)).isEqualTo(map(expected));
            assertThat(List.copyOf(fresh.sortedMap("sorted", String.class, String.class).keySet()))
                .isEqualTo(expected.stream().sorted().toList());
            assertThat(fresh.list("list", String.class)).isEqualTo(expected);
            assertThat(fresh.object(Notebook.class, "notes").pages())
                .extracting(Notebook.Page::text)
                .isEqualTo(expected);
          });
    }
  }

  private static Map<String, String> map(List<String> texts) {
    Map<String, String> map = new LinkedHashMap<>();
    texts.forEach(text -> map.put(text, text));
    return map;
  }

  @EveryLog
  @DisplayName("O3: nulls, empty collections, large and special numbers")
  void o3_nullsEmptiesAndExtremes_areTheSameEverywhere(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      BigInteger huge = BigInteger.TEN.pow(1_000).negate();
      List<Notebook.Page> pages = new ArrayList<>();
      pages.add(null);
      pages.add(Notebook.Page.of(null));
      for (long number : new long[] {Long.MIN_VALUE, -1, 0, 1L << 53, Long.MAX_VALUE}) {
        for (double fraction : new double[] {-0.0, Double.MIN_VALUE, Double.NaN, 1e308, 0.1}) {
          pages.add(
              new Notebook.Page(
                  "",
                  List.of("", "a"),
                  Map.of("", List.of()),
                  Optional.of(""),
                  number,
                  fraction,
                  huge,
                  new BigDecimal(huge, 999),
                  Instant.ofEpochSecond(Instant.MAX.getEpochSecond(), 999_999_999),
                  new byte[0]));
        }
      }
      Notebook notes = logs.client().object(Notebook.class, "notes");
      pages.forEach(notes::write);

      onFreshClients(
          logs,
          fresh -> {
            Notebook theirs = fresh.object(Notebook.class, "notes");
            assertThat(parts(theirs.pages())).isEqualTo(parts(pages));
            theirs.redraft(List.of());
            assertThat(theirs.drafts()).isEmpty();
          });
    }
  }

  /** With arrays as lists, which compare by content. */
  private static List<List<@Nullable Object>> parts(List<Notebook.@Nullable Page> pages) {
    List<List<@Nullable Object>> parts = new ArrayList<>();
    for (Notebook.Page page : pages) {
      parts.add(
          page == null
              ? List.of()
              : Arrays.asList(
                  page.text(),
                  page.words(),
                  page.index(),
                  page.note(),
                  page.number(),
                  page.fraction(),
                  page.big(),
                  page.exact(),
                  page.time(),
                  Arrays.toString(page.bytes())));
    }
    return parts;
  }

  /** A client that is open beside the first, and one after everything was opened again. */
  private static void onFreshClients(Logs logs, Consumer<Milonga> check) {
    check.accept(logs.client());
    logs.reopen();
    check.accept(logs.client());
  }

  // O4

  @EveryLog
  @DisplayName("O4: a mutator throws a checked exception")
  void o4_mutatorOfPlainObjectThrows_callerGetsItAndReplicasAgree(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Inventory mine = logs.client().object(Inventory.class, "warehouse");
      Inventory theirs = logs.client().object(Inventory.class, "warehouse");
      mine.restock("a", 1);

      assertThatThrownBy(() -> mine.take("a", 2))
          .isExactlyInstanceOf(Inventory.OutOfStock.class)
          .hasMessage("out of stock: a");

      assertThat(theirs.take("a", 1)).isZero();
      assertThat(mine.all()).isEqualTo(theirs.all()).containsExactly(Map.entry("a", 0));
      onFreshClients(
          logs,
          fresh ->
              assertThat(fresh.object(Inventory.class, "warehouse").all())
                  .containsExactly(Map.entry("a", 0)));
    }
  }

  @EveryLog
  @DisplayName("O4: a mutator of a versioned class throws half way")
  void o4_mutatorOfVersionedObjectThrowsHalfWay_leavesNoTraceOnAnyReplica(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger mine = store.object(Ledger.class, "ledger");
      Ledger theirs = logs.client().object(Ledger.class, "ledger");
      mine.add(5);

      assertThatThrownBy(() -> theirs.add(-6))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("the total would be -1");
      assertThat(store.async(() -> mine.add(-7)).toCompletableFuture())
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("the total would be -2");

      assertThat(mine.total()).isEqualTo(theirs.total()).isEqualTo(5);
      assertThat(mine.calls()).isEqualTo(theirs.calls()).isEqualTo(1);
      UUID last = mine.last();
      onFreshClients(
          logs,
          fresh -> {
            assertThat(fresh.object(Ledger.class, "ledger").calls()).isEqualTo(1);
            assertThat(fresh.object(Ledger.class, "ledger").last()).isEqualTo(last);
          });
    }
  }

  // O5

  @EveryLog
  @DisplayName(
      "O5: the caller changes an argument after the call, and what a plain object returned")
  void o5_argumentsAndResultsOfPlainObject_aliasNothing(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Notebook mine = logs.client().object(Notebook.class, "notes");
      Notebook theirs = logs.client().object(Notebook.class, "notes");
      List<String> words = new ArrayList<>(List.of("a"));
      byte[] bytes = {1};

      List<List<String>> returned = mine.draft(words);
      words.add("b");
      returned.get(0).add("c");
      returned.clear();
      mine.drafts().get(0).add("d");
      mine.drafts().clear();
      mine.write(
          new Notebook.Page("", words, Map.of(), Optional.empty(), 0, 0, null, null, null, bytes));
      bytes[0] = 2;
      words.clear();
      mine.pages().get(0).bytes()[0] = 3;

      assertThat(mine.drafts()).isEqualTo(theirs.drafts()).isEqualTo(List.of(List.of("a")));
      assertThat(mine.pages().get(0).bytes()).isEqualTo(theirs.pages().get(0).bytes());
      assertThat(theirs.pages().get(0).bytes()).containsExactly(1);
      assertThat(theirs.pages().get(0).words()).containsExactly("a", "b");
    }
  }

  @EveryLog
  @DisplayName("O5: the caller changes what it gave to and got from each collection")
  void o5_elementsOfEveryCollection_aliasNothing(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<String, List<String>> map =
          store.map("map", TypeToken.of(String.class), STRINGS);
      ReplicatedSortedMap<String, List<String>> sorted =
          store.sortedMap("sorted", TypeToken.of(String.class), STRINGS);
      ReplicatedList<List<String>> list = store.list("list", STRINGS);
      ReplicatedSet<List<String>> set = store.set("set", STRINGS);
      ReplicatedQueue<List<String>> queue = store.queue("queue", STRINGS);
      ReplicatedRegister<List<String>> register = store.register("register", STRINGS);
      List<String> given = new ArrayList<>(List.of("a"));

      map.put("k", given);
      sorted.put("k", given);
      list.add(given);
      set.add(given);
      queue.offer(given);
      register.set(given);
      given.add("spoilt");
      spoil(map.get("k"), map.values().iterator().next(), map.putIfAbsent("k", List.of()));
      map.forEach((key, value) -> spoil(value));
      map.entrySet().forEach(entry -> spoil(entry.getValue()));
      map.values().stream().forEach(ObjectConformanceTest::spoil);
      spoil(sorted.get("k"), sorted.firstEntry().getValue(), sorted.headMap("z").get("k"));
      sorted.descendingMap().values().forEach(ObjectConformanceTest::spoil);
      spoil(list.get(0), list.iterator().next(), list.subList(0, 1).get(0));
      list.stream().forEach(ObjectConformanceTest::spoil);
      set.forEach(ObjectConformanceTest::spoil);
      set.stream().forEach(ObjectConformanceTest::spoil);
      spoil(queue.peek(), queue.iterator().next(), register.get().orElseThrow());

      assertUnspoilt(store);
      onFreshClients(logs, ObjectConformanceTest::assertUnspoilt);
    }
  }

  private static void spoil(List<String> one, List<String> other, List<String> another) {
    spoil(one);
    spoil(other);
    spoil(another);
  }

  private static void spoil(List<String> returned) {
    try {
      returned.add("spoilt");
    } catch (UnsupportedOperationException unmodifiable) {
      assertThat(returned).doesNotContain("spoilt");
    }
  }

  private static void assertUnspoilt(Milonga store) {
    List<String> unspoilt = List.of("a");
    assertThat(store.map("map", TypeToken.of(String.class), STRINGS))
        .containsExactly(Map.entry("k", unspoilt));
    assertThat(store.sortedMap("sorted", TypeToken.of(String.class), STRINGS))
        .containsExactly(Map.entry("k", unspoilt));
    assertThat(store.list("list", STRINGS)).containsExactly(unspoilt);
    assertThat(store.set("set", STRINGS)).containsExactly(unspoilt);
    assertThat(store.queue("queue", STRINGS)).containsExactly(unspoilt);
    assertThat(store.register("register", STRINGS).get()).contains(unspoilt);
  }

  // O6

  /** What is put into a cart, as it was at first. */
  public record Line1(String sku, int n) {}

  /** With a field more. */
  public record Line2(String sku, int n, @Nullable String note) {}

  /** With a field less. */
  public record Line3(String sku) {}

  @LogicalName("cart")
  static class Cart1 {
    private final List<String> lines = new ArrayList<>();

    @Mutator
    public int add(Line1 line) {
      lines.add(line.sku() + "*" + line.n());
      return lines.size();
    }

    @Accessor
    public List<String> lines() {
      return lines;
    }
  }

  @LogicalName("cart")
  static class Cart2 {
    private final List<String> lines = new ArrayList<>();

    @Mutator(value = "put", aliases = "add")
    public int put(Line2 line) {
      lines.add(line.sku() + "*" + line.n() + (line.note() == null ? "" : line.note()));
      return lines.size();
    }

    @Mutator
    public void empty() {
      lines.clear();
    }

    @Accessor
    public List<String> lines() {
      return lines;
    }
  }

  @LogicalName("cart")
  static class Cart3 {
    private final List<String> lines = new ArrayList<>();

    @Mutator(aliases = "put")
    public void add(Line3 line) {
      lines.add(line.sku());
    }

    @Mutator
    public void empty() {
      lines.clear();
    }

    @Accessor
    public List<String> lines() {
      return lines;
    }
  }

  @EveryLog
  @DisplayName("O6: a parameter gains a field, then loses two; its mutator is renamed, and back")
  void o6_parametersAndNamesChange_oldEntriesStillRead(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      logs.client().object(Cart1.class, "cart").add(new Line1("a", 1));
      logs.reopen();
      Cart2 second = logs.client().object(Cart2.class, "cart");

      assertThat(second.put(new Line2("b", 2, "!"))).isEqualTo(2);
      assertThat(second.lines()).containsExactly("a*1", "b*2!");

      logs.reopen();
      Cart3 third = logs.client().object(Cart3.class, "cart");
      third.add(new Line3("c"));
      assertThat(third.lines()).containsExactly("a", "b", "c");
    }
  }

  @EveryLog
  @DisplayName("O6: a mutator is added, and a client that lacks it is still running")
  void o6_newMutatorWhileOldClientRuns_oldClientHaltsClearlyAndLosesNothing(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga oldStore = logs.client();
      Cart1 oldCart = oldStore.object(Cart1.class, "cart");
      Ledger oldLedger = oldStore.object(Ledger.class, "ledger");
      Cart2 newCart = logs.client().object(Cart2.class, "cart");
      oldCart.add(new Line1("a", 1));
      newCart.empty();
      LogPosition unknown = new LogPosition(logs.tail().value() - 1);

      haltedAt(unknown, oldCart::lines)
          .hasMessageContainingAll(
              "object \"cart\"", "mutator \"empty\"", "does not have", "deploy one that has it");
      LogPosition before = logs.tail();
      haltedAt(unknown, () -> oldCart.add(new Line1("b", 1)));
      assertThat(logs.tail()).isEqualTo(before);
      assertThat(oldLedger.add(1)).isEqualTo(1);
      newCart.put(new Line2("c", 3, null));

      assertThat(newCart.lines()).containsExactly("c*3");
      onFreshClients(
          logs,
          fresh -> assertThat(fresh.object(Cart2.class, "cart").lines()).containsExactly("c*3"));
    }
  }

  @EveryLog
  @DisplayName("O6: a write of the old client that was under way when the new mutator came")
  void o6_writeBehindAnUnknownMutator_isDurableAndSaysSo(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Cart1 oldCart = logs.client().object(Cart1.class, "cart");
      Cart2 newCart = logs.client().object(Cart2.class, "cart");
      newCart.empty();

      assertThatThrownBy(() -> oldCart.add(new Line1("a", 1)))
          .isInstanceOfSatisfying(
              ViewHaltedException.class,
              halted -> assertThat(halted.durable()).isEqualTo(Durable.ALL));

      assertThat(newCart.lines()).containsExactly("a*1");
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> haltedAt(
      LogPosition position, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ViewHaltedException.class,
            halted -> {
              assertThat(halted.position()).isEqualTo(position);
              assertThat(halted.durable()).isEqualTo(Durable.NOTHING);
            })
        .hasMessageContaining("log position " + position);
  }

  // O7

  static class Nondeterministic {
    private final List<String> seen = new ArrayList<>();

    @Mutator
    public void clock() {
      seen.add(Instant.now().toString());
    }

    @Mutator
    public void dice() {
      seen.add("" + new Random().nextInt());
    }

    @Mutator
    public void id() {
      seen.add(UUID.randomUUID().toString());
    }

    @Mutator
    public void file(String name) {
      try {
        seen.add(Files.readString(Path.of(name)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Accessor
    public List<String> seen() {
      return seen;
    }
  }

  @EveryLog
  @DisplayName("O7: a mutator that uses the clock, Random, UUID.randomUUID, I/O")
  void o7_nondeterministicMutators_areRefusedEachWithItsLine(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      LogPosition before = logs.tail();

      assertThatThrownBy(() -> logs.client().object(Nondeterministic.class, "n"))
          .isInstanceOfSatisfying(
              IncompatibleTypeException.class,
              refused ->
                  assertThat(refused.problems())
                      .hasSize(4)
                      .allSatisfy(
                          problem ->
                              assertThat(problem)
                                  .containsPattern("\\(ObjectConformanceTest\\.java:\\d+\\)")))
          .hasMessageContainingAll(
              "1. mutator 'clock' reads the clock",
              "Deterministic.now()",
              "2. mutator 'dice' draws random numbers",
              "Deterministic.random()",
              "3. mutator 'id' draws random numbers",
              "Deterministic.uuid()",
              "4. mutator 'file' does I/O",
              "pass what it needs as an argument");

      assertThat(logs.tail()).isEqualTo(before);
    }
  }

  // O9

  static final class EightMistakes {
    private int count;
    int visible;

    EightMistakes(int count) {
      this.count = count;
    }

    @Mutator
    public final void fixed() {
      count++;
    }

    @Mutator
    public static void shared() {}

    @Mutator
    private void hidden() {
      count++;
    }

    @Mutator
    public void twice(int n) {
      count += n;
    }

    @Mutator
    public void twice(long n) {
      count += (int) n;
    }

    public int bare() {
      return count;
    }

    @Accessor
    public int count() {
      return count;
    }
  }

  @EveryLog
  @DisplayName("O9: eight mistakes in one class")
  void o9_classWithEightMistakes_isRefusedWithAllListedInOneMessage(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      LogPosition before = logs.tail();

      assertThatThrownBy(() -> logs.client().object(EightMistakes.class, "e"))
          .isInstanceOfSatisfying(
              IncompatibleTypeException.class, refused -> assertThat(refused.problems()).hasSize(8))
          .hasMessageContainingAll(
              "remove 'final'",
              "no constructor without parameters",
              "field 'visible'",
              "fixed() (",
              "shared() (",
              "hidden() (",
              "share the name 'twice'",
              "bare() (");

      assertThat(logs.tail()).isEqualTo(before);
    }
  }

  // O11

  @EveryLog
  @DisplayName("O11: the user's own class")
  void o11_usersOwnClass_worksLikeAProvidedOne(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Milonga there = logs.client();
      Inventory mine = here.object(Inventory.class, "warehouse");
      Inventory theirs = there.object(Inventory.class, "warehouse");

      assertThat(mine.restock("a", 3)).isEqualTo(3);
      assertThat(theirs.take("a", 1)).isEqualTo(2);
      assertThat(here.async(() -> mine.restock("b", 1)).toCompletableFuture().get()).isEqualTo(1);

      assertThat(mine.all()).isEqualTo(theirs.all()).isEqualTo(Map.of("a", 2, "b", 1));
      assertThat(there.history(theirs).map(Change::call))
          .containsExactly("restock(sku: a, n: 3)", "take(sku: a, n: 1)", "restock(sku: b, n: 1)");
      onFreshClients(
          logs,
          fresh ->
              assertThat(fresh.object(Inventory.class, "warehouse").all())
                  .isEqualTo(Map.of("a", 2, "b", 1)));
    }
  }

  // O12

  private static Stream<Payload> undecodable() {
    Call call = Call.newBuilder().setMutator("put").setCodec(1).build();
    ByteString nonsense = ByteString.copyFromUtf8("nonsense");
    return Stream.of(
            "nonsense".getBytes(UTF_8),
            new byte[0],
            new byte[] {(byte) 0xff, (byte) 0xff},
            record(call.toBuilder().setArguments(nonsense)),
            record(call.toBuilder().setCodec(99)),
            record(call.toBuilder().setMutator("noSuchMutator")),
            record(call.toBuilder().setStream(nonsense)),
            Record.newBuilder().addCalls(call).setReaderMin(1_000).build().toByteArray())
        .map(Payload::wrap);
  }

  private static byte[] record(Call.Builder call) {
    return Record.newBuilder().addCalls(call).build().toByteArray();
  }

  @EveryLog
  @DisplayName("O12: an undecodable record; skipping it heals every client")
  void o12_undecodableRecord_haltsThatObjectOnlyUntilItIsSkipped(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Milonga there = logs.client();
      ReplicatedMap<String, Integer> mine = here.map("m", String.class, Integer.class);
      ReplicatedMap<String, Integer> theirs = there.map("m", String.class, Integer.class);
      Notebook notes = here.object(Notebook.class, "notes");
      mine.put("before", 0);
      int[] round = {0};
      undecodable()
          .forEach(
              garbage -> {
                round[0]++;
                LogPosition at = here.log().append(inStream("m", garbage)).join();

                haltedAt(at, mine::size);
                haltedAt(at, theirs::size);
                LogPosition tail = logs.tail();
                haltedAt(at, () -> mine.put("x", 1));
                haltedAt(at, () -> here.async(() -> mine.put("x", 1)));
                assertThat(logs.tail()).isEqualTo(tail);
                assertThat(notes.write(null)).isEqualTo(round[0]);
                here.skip(mine, at, "a test");

                mine.put("after", round[0]);
                assertThat(theirs).isEqualTo(Map.of("before", 0, "after", round[0]));
              });

      onFreshClients(
          logs,
          fresh ->
              assertThat(fresh.map("m", String.class, Integer.class))
                  .isEqualTo(Map.of("before", 0, "after", round[0])));
    }
  }

  @EveryLog
  @DisplayName("O12: two undecodable records in a row, skipped one by one")
  void o12_twoUndecodableRecords_areSkippedOneAfterTheOther(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Ledger ledger = here.object(Ledger.class, "l");
      ledger.add(1);
      Payload garbage = Payload.wrap("nonsense".getBytes(UTF_8));
      LogPosition first = here.log().append(inStream("l", garbage)).join();
      LogPosition second = here.log().append(inStream("l", garbage)).join();

      haltedAt(first, ledger::total);
      here.skip(ledger, first, "a test");
      haltedAt(second, ledger::total);
      assertThatThrownBy(() -> here.skip(ledger, first, "again"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("halted at position " + second + ", not at " + first);
      here.skip(ledger, second, "a test");

      assertThat(ledger.add(1)).isEqualTo(2);
      assertThatThrownBy(() -> here.skip(ledger, second, "again"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not halted");
      onFreshClients(
          logs, fresh -> assertThat(fresh.object(Ledger.class, "l").total()).isEqualTo(2));
    }
  }

  @EveryLog
  @DisplayName("O12: the history of an object goes on past what was skipped")
  void o12_historyAndChanges_passOverWhatWasSkipped(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Ledger ledger = here.object(Ledger.class, "l");
      ledger.add(1);
      Payload garbage = Payload.wrap("nonsense".getBytes(UTF_8));
      LogPosition at = here.log().append(inStream("l", garbage)).join();
      haltedAt(at, ledger::total);

      haltedAt(at, () -> here.history(ledger).toList());
      here.skip(ledger, at, "a test");
      ledger.add(2);

      assertThat(here.history(ledger).map(Change::call)).containsExactly("add(n: 1)", "add(n: 2)");
      List<String> seen = new CopyOnWriteArrayList<>();
      Subscription subscription =
          here.onChange(ledger, LogPosition.FIRST, change -> seen.add(change.call()));
      await().untilAsserted(() -> assertThat(seen).containsExactly("add(n: 1)", "add(n: 2)"));
      subscription.close();
    }
  }

  @EveryLog
  @DisplayName("O12: skipping what another client could apply, and has applied")
  void o12_skipOfWhatIsAppliedElsewhere_leavesNoTwoStates(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga oldStore = logs.client();
      Cart1 oldCart = oldStore.object(Cart1.class, "cart");
      Milonga newStore = logs.client();
      Cart2 newCart = newStore.object(Cart2.class, "cart");
      oldCart.add(new Line1("a", 1));
      newCart.empty();
      LogPosition unknown = newStore.position().orElseThrow();
      haltedAt(unknown, oldCart::lines);

      LogPosition order = oldStore.skip(oldCart, unknown, "a test");

      assertThat(oldCart.lines()).containsExactly("a*1");
      haltedAt(order, newCart::lines)
          .hasMessageContainingAll("entry at " + unknown, "applied here", "Reopen the store");
      haltedAt(order, () -> newCart.put(new Line2("b", 1, null)));
      logs.reopen();
      Milonga reopened = logs.client();
      assertThat(reopened.object(Cart2.class, "cart").lines()).containsExactly("a*1");
      assertThat(reopened.history(reopened.object(Cart2.class, "cart")).map(Change::mutator))
          .containsExactly("put");
      Cart1 oldAgain = logs.client().object(Cart1.class, "cart");
      oldAgain.add(new Line1("b", 1));
      assertThat(reopened.object(Cart2.class, "cart").lines()).containsExactly("a*1", "b*1");
    }
  }

  private static AppendRequest inStream(String object, Payload payload) {
    return AppendRequest.of(StreamId.named(object), payload);
  }
}
