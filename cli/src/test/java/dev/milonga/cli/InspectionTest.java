package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.cli.CommandLineUnderTest.Run;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.log.LogPosition;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.TypeToken;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectionTest {

  record Order(String sku, int count) {}

  record Sku(String code) implements Comparable<Sku> {
    @Override
    public int compareTo(Sku other) {
      return other.code.compareTo(code); // last first
    }
  }

  @TempDir private Path directory;

  @BeforeEach
  void store() {
    try (Milonga store = open()) {
      ReplicatedMap<String, Order> orders = store.map("orders", String.class, Order.class);
      orders.put("o-2", new Order("sku-1", 2));
      orders.put("o-1", new Order("sku-2", 1));
      orders.put("o-3", new Order("sku-3", 3));
      orders.remove("o-3");
      store.counter("sold").add(3);
      store.object(Gazetteer.class, "places").add("Springfield", 1, 500);
    }
  }

  @Test
  void objects_areListedWithTheirTypes() {
    assertThat(milonga("objects", "--data", directory).out())
        .containsExactly(
            "name    type               entries  last position",
            "orders  map<string,Order>        4              4",
            "places  Gazetteer                1              8",
            "sold    counter                  1              6");
    assertThat(milonga("objects", "--data", directory, "--format", "json").out())
        .contains("{\"name\":\"sold\",\"type\":\"counter\",\"entries\":1,\"last_position\":6}");
  }

  @Test
  void history_printsTheCalls() {
    Run table = milonga("history", "places", "--data", directory);
    Run json = milonga("history", "orders", "--data", directory, "--format", "json", "--limit", 1);

    assertThat(table.out()).hasSize(2);
    assertThat(table.out().get(1))
        .endsWith("places  add(name: \"Springfield\", id: 1, population: 500)");
    assertThat(json.out()).hasSize(1);
    assertThat(json.out().get(0))
        .startsWith("{\"position\":1,\"time\":\"")
        .endsWith(
            "\"object\":\"orders\",\"mutator\":\"put\","
                + "\"arguments\":{\"key\":\"o-2\",\"value\":{\"sku\":\"sku-1\",\"count\":2}}}");
  }

  @Test
  void audit_saysThatEachTransactionWasRightlyAccepted() {
    try (Milonga store = open()) {
      ReplicatedMap<String, Order> orders = store.map("orders", String.class, Order.class);
      store.transact(() -> orders.put("o-4", orders.get("o-1")));
      store.transact(() -> orders.set("o-5", new Order("sku-5", 5))); // has read nothing
    }

    Run audit = milonga("audit", "--data", directory);

    assertThat(audit.exitCode()).isZero();
    assertThat(audit.out())
        .containsExactly("11 entries, of which 1 say what they had read; each was decided again");
  }

  @Test
  void historyAndLog_sayWhoMadeACall() {
    try (EmbeddedLog log = EmbeddedLog.open(directory);
        Milonga ann = Milonga.over(log.actingFor("CN=ann"))) {
      ann.counter("sold").add(5);
    }

    Run history = milonga("history", "sold", "--data", directory);
    Run log = milonga("log", "--data", directory, "--from", 9, "--format", "json");

    assertThat(history.out()).hasSize(3);
    assertThat(history.out().get(1)).endsWith("add(delta: 3)");
    assertThat(history.out().get(2)).endsWith("add(delta: 5)  CN=ann");
    assertThat(log.out()).last().asString().contains("\"principal\":\"CN=ann\"");
  }

  @Test
  void log_printsEverythingInOrder_orAPartOfIt() {
    Run all = milonga("log", "--data", directory);
    Run part = milonga("log", "--data", directory, "--from", 4, "--limit", 3);

    assertThat(all.out()).hasSize(1 + 9);
    assertThat(part.out()).hasSize(1 + 3);
    assertThat(part.out().get(1)).contains("orders").contains("remove(key: \"o-3\")");
    assertThat(part.out().get(2)).contains("milonga.directory").contains("open(wanted: {");
    assertThat(part.out().get(3)).contains("sold").contains("add(delta: 3)");
  }

  @Test
  void objectInThePast_isShownAsItWas() {
    Run first = milonga("show", "orders", "--data", directory, "--at", 1, "--format", "json");
    Run before = milonga("show", "orders", "--data", directory, "--at", "2020-01-01T00:00:00Z");
    Run future = milonga("show", "orders", "--data", directory, "--at", 1_000);
    Run nonsense = milonga("show", "orders", "--data", directory, "--at", "yesterday");
    Run ofAClass = milonga("show", "places", "--data", directory, "--at", 1);

    assertThat(first.out())
        .containsExactly("{\"key\":\"o-2\",\"value\":{\"sku\":\"sku-1\",\"count\":2}}");
    assertThat(before.out()).isEmpty();
    assertThat(future.exitCode()).isEqualTo(1);
    assertThat(future.err().get(0)).startsWith("milonga: position 1000 is not written yet");
    assertThat(nonsense.exitCode()).isEqualTo(1);
    assertThat(nonsense.err().get(0)).contains("neither a position nor a time like");
    assertThat(ofAClass.exitCode()).isEqualTo(1);
    assertThat(ofAClass.err().get(0)).contains("known only to its class");
  }

  @Test
  void difference_isShownWithTheCallsThatMadeIt() {
    Run diff = milonga("diff", "orders", 1, 4, "--data", directory);
    Run ofAClass = milonga("diff", "places", 0, 8, "--data", directory, "--format", "json");
    Run reversed = milonga("diff", "orders", 4, 1, "--data", directory);

    assertThat(diff.out().get(0)).startsWith("path").contains("before", "after");
    assertThat(diff.out().get(1)).startsWith("{\"o-1\"}").contains("null").contains("\"sku-2\"");
    assertThat(diff.out().subList(3, 6))
        .satisfiesExactly(
            call -> assertThat(call).contains("put(key: \"o-1\""),
            call -> assertThat(call).contains("put(key: \"o-3\""),
            call -> assertThat(call).contains("remove(key: \"o-3\")"));
    assertThat(ofAClass.out()).hasSize(1);
    assertThat(reversed.exitCode()).isEqualTo(1);
    assertThat(reversed.err()).containsExactly("milonga: 4 comes after 1");
  }

  @Test
  void checkpointAndTrim_dropWhatNobodyNeeds_andNameWhoNeedsTheRest() {
    Run without = milonga("checkpoint", "--data", directory);
    Run held = milonga("trim", "--data", directory);
    try (Milonga store = open()) {
      store.map("orders", String.class, Order.class);
      store.object(Gazetteer.class, "places");
      store.checkpointer().checkpoint();
    }
    Run after = milonga("checkpoint", "--data", directory);
    Run trim = milonga("trim", "--data", directory, "--keep-checkpoints", 1);

    assertThat(without.exitCode()).isZero();
    assertThat(without.out().get(0)).startsWith("checkpointed 3 objects up to position 9: ");
    assertThat(without.err())
        .satisfiesExactly(
            orders -> assertThat(orders).contains("\"orders\" was written"),
            places -> assertThat(places).contains("\"places\" was written"));
    assertThat(held.out().get(0))
        .isEqualTo(
            "dropped 1 entries; the log begins at position 1, which object \"orders\" needs");
    assertThat(after.out().get(0)).startsWith("checkpointed 5 objects");
    assertThat(after.err()).isEmpty();
    assertThat(trim.out().get(0)).startsWith("dropped ").doesNotContain("dropped 0");
    assertThat(show("sold")).containsExactly("{\"value\":3}");
    assertThat(show("orders")).hasSize(2);
  }

  @Test
  void mapOfAnUnknownClass_isShownInItsOrder() {
    assertThat(show("orders"))
        .containsExactly(
            "{\"key\":\"o-2\",\"value\":{\"sku\":\"sku-1\",\"count\":2}}",
            "{\"key\":\"o-1\",\"value\":{\"sku\":\"sku-2\",\"count\":1}}");
    assertThat(milonga("show", "orders", "--data", directory).out())
        .containsExactly(
            "key    value",
            "\"o-2\"  {\"sku\":\"sku-1\",\"count\":2}",
            "\"o-1\"  {\"sku\":\"sku-2\",\"count\":1}");
  }

  @Test
  void everyCollection_isShown() {
    try (Milonga store = open()) {
      store.list("list", new TypeToken<List<Integer>>() {}).addAll(List.of(List.of(1), List.of()));
      ReplicatedSet<Sku> set = store.set("set", Sku.class);
      set.addAll(List.of(new Sku("a"), new Sku("b"), new Sku("c")));
      set.retainAll(List.of(new Sku("c"), new Sku("a")));
      ReplicatedQueue<Order> queue = store.queue("queue", Order.class);
      queue.addAll(List.of(new Order("x", 1), new Order("y", 2)));
      queue.poll();
      ReplicatedSortedMap<Long, Double> sorted =
          store.sortedMap("sorted", Long.class, Double.class);
      sorted.put(10L, -0.0);
      sorted.put(9L, Double.NaN);
      store.register("register", Order.class).set(new Order("z", 3));
      store.register("empty", Order.class);
    }

    assertThat(show("list"))
        .containsExactly("{\"index\":0,\"element\":[1]}", "{\"index\":1,\"element\":[]}");
    assertThat(show("set"))
        .containsExactly("{\"element\":{\"code\":\"a\"}}", "{\"element\":{\"code\":\"c\"}}");
    assertThat(show("queue"))
        .containsExactly("{\"index\":0,\"element\":{\"sku\":\"y\",\"count\":2}}");
    assertThat(show("sorted"))
        .containsExactly("{\"key\":9,\"value\":\"NaN\"}", "{\"key\":10,\"value\":-0.0}");
    assertThat(show("register")).containsExactly("{\"value\":{\"sku\":\"z\",\"count\":3}}");
    assertThat(show("empty")).isEmpty();
    assertThat(show("sold")).containsExactly("{\"value\":3}");
  }

  @Test
  void whereOnlyTheClassKnowsTheOutcome_callsAreShownAndWhy() {
    try (Milonga store = open()) {
      store
          .map("orders", String.class, Order.class)
          .replace("o-1", new Order("sku-9", 1), new Order("sku-8", 1));
      ReplicatedSortedMap<Sku, Integer> sorted =
          store.sortedMap("sorted", Sku.class, Integer.class);
      sorted.put(new Sku("a"), 1);
      sorted.put(new Sku("b"), 2);
    }

    Run compared = milonga("show", "orders", "--data", directory, "--calls", 1);
    Run sorted = milonga("show", "sorted", "--data", directory, "--format", "json");
    Run own = milonga("show", "places", "--data", directory);

    assertThat(compared.exitCode()).isZero();
    assertThat(compared.err())
        .singleElement()
        .asString()
        .contains("not certain from position 9 on")
        .contains("known only to the class of the values");
    assertThat(compared.out()).hasSize(2);
    assertThat(compared.out().get(1)).contains("replaceIfEqual(");
    assertThat(sorted.err())
        .singleElement()
        .asString()
        .contains("order is known only to the class");
    assertThat(sorted.out()).hasSize(2).allMatch(line -> line.contains("\"mutator\":\"put\""));
    assertThat(own.err()).singleElement().asString().contains("known only to the class Gazetteer");
    assertThat(own.out()).hasSize(2);
  }

  @Test
  void inspection_changesNothing() {
    LogPosition before = tail();

    for (String command : List.of("objects", "log")) {
      assertThat(milonga(command, "--data", directory).exitCode()).isZero();
    }
    for (String command : List.of("show", "history")) {
      assertThat(milonga(command, "orders", "--data", directory).exitCode()).isZero();
    }

    assertThat(tail()).isEqualTo(before);
  }

  @Test
  void unknownObject_isAnErrorThatNamesTheOthers() {
    for (String command : List.of("show", "history")) {
      Run run = milonga(command, "order", "--data", directory);

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .containsExactly(
              "milonga: there is no object \"order\" in "
                  + directory
                  + "; there are: orders, places, sold");
    }
  }

  @Test
  void missingStore_isAnErrorAndIsNotMade() {
    Path missing = directory.resolve("missing");

    for (List<Object> command :
        List.<List<Object>>of(
            List.of("objects", "--data", missing),
            List.of("log", "--data", missing),
            List.of("show", "orders", "--data", missing),
            List.of("history", "orders", "--data", missing))) {
      Run run = milonga(command.toArray());

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .singleElement()
          .asString()
          .contains("there is no store in " + missing)
          .contains("--data");
    }

    assertThat(missing).doesNotExist();
  }

  @Test
  void storeInUse_isAnErrorThatNamesItsOwner() {
    try (Milonga store = open()) {
      Run run = milonga("objects", "--data", directory);

      assertThat(store.objects()).hasSize(3);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .singleElement()
          .asString()
          .contains("in use by")
          .contains("process " + ProcessHandle.current().pid());
    }
  }

  private List<String> show(String name) {
    Run run = milonga("show", name, "--data", directory, "--format", "json");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  private Milonga open() {
    return Milonga.open(directory);
  }

  private LogPosition tail() {
    try (Milonga store = open()) {
      return store.log().tail().join();
    }
  }
}
