package dev.milonga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.txn.TransactionConflictException;
import dev.milonga.txn.TransactionOptions;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MilongaMetersTest {

  private static final Path DOCUMENT = Path.of("../docs/observability.md");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  @TempDir private Path directory;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void metersInTheDocument_areThoseThatAreRegistered() throws IOException {
    try (Milonga store = Milonga.open(directory)) {
      new MilongaMeters(store).bindTo(registry);
    }

    assertThat(registered()).isEqualTo(documented());
  }

  // name, type, unit and tag of each meter, as in the document's tables.
  private static Set<String> documented() throws IOException {
    Set<String> meters = new TreeSet<>();
    boolean inTable = false; // of meters
    for (String line : Files.readAllLines(DOCUMENT)) {
      inTable = line.startsWith("| name | type |") || inTable && line.startsWith("|");
      if (inTable && line.startsWith("| `milonga.") && !line.startsWith("| `milonga.server.")) {
        List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
        String meter = cells.get(1).replace("`", "") + " " + cells.get(2) + " " + cells.get(3);
        Matcher quoted = QUOTED.matcher(cells.get(4));
        if (!quoted.find()) {
          meters.add(meter);
          continue;
        }
        String key = quoted.group(1);
        while (quoted.find()) {
          meters.add(meter + " " + key + "=" + quoted.group(1));
        }
      }
    }
    return meters;
  }

  private Set<String> registered() {
    Set<String> meters = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      String unit = id.getBaseUnit() == null ? "–" : id.getBaseUnit();
      String line = id.getName() + " " + type(id.getType()) + " " + unit;
      meters.add(
          id.getTags().isEmpty()
              ? line
              : line + " " + id.getTags().get(0).getKey() + "=" + id.getTags().get(0).getValue());
      assertThat(id.getDescription()).as(id.getName()).isNotBlank();
    }
    return meters;
  }

  private static String type(Meter.Type type) {
    return switch (type) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      case TIMER -> "timer";
      default -> throw new AssertionError(type);
    };
  }

  @Test
  void meters_tellWhatTheStoreDoes() {
    try (Milonga store = Milonga.builder().directory(directory).open()) {
      new MilongaMeters(store, Tags.of("store", "one")).bindTo(registry);
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      double own = count("milonga.calls", "kind", "mutator"); // the map's registration

      map.put("a", 1);
      map.put("b", 2);
      store.async(() -> map.put("c", 3)).toCompletableFuture().join();
      store.transact(() -> map.put("d", 4));
      store.snapshot(() -> map.get("d"));
      assertThatThrownBy(
              () -> store.transact(TransactionOptions.DEFAULT.withRetriesMax(0), () -> lose(map)))
          .isInstanceOf(TransactionConflictException.class);
      store.checkpointer().checkpoint();

      assertThat(count("milonga.calls", "kind", "mutator")).isEqualTo(own + 2 + 1);
      assertThat(count("milonga.calls", "kind", "async")).isEqualTo(1);
      assertThat(count("milonga.calls", "kind", "transaction")).isEqualTo(2);
      assertThat(gauge("milonga.calls.in.flight")).isZero();
      assertThat(gauge("milonga.objects")).isEqualTo(1);
      assertThat(gauge("milonga.views.halted")).isZero();
      assertThat(gauge("milonga.views.lag")).isZero();
      assertThat(count("milonga.views.applied")).isEqualTo(2 + 1 + 1 + 1);
      assertThat(count("milonga.transactions", "outcome", "committed")).isEqualTo(1);
      assertThat(count("milonga.transactions", "outcome", "read-only")).isEqualTo(1);
      assertThat(count("milonga.transactions", "outcome", "given-up")).isEqualTo(1);
      assertThat(count("milonga.transactions.lost", "reason", "conflict")).isEqualTo(1);
      assertThat(count("milonga.transactions.retries")).isZero();
      assertThat(count("milonga.log.rejected", "reason", "conflict")).isEqualTo(1);
      assertThat(count("milonga.log.appends")).isEqualTo(gauge("milonga.log.tail")).isPositive();
      assertThat(find("milonga.log.commits").functionTimer().count()).isPositive();
      assertThat(find("milonga.checkpoints").functionTimer().count()).isEqualTo(1);
      assertThat(gauge("milonga.checkpoint.last.objects")).isPositive();
      assertThat(gauge("milonga.checkpoint.last.skipped")).isZero();
      assertThat(gauge("milonga.checkpoint.last.position")).isPositive();
      assertThat(gauge("milonga.checkpoint.progress")).isZero();
    }
    assertThat(gauge("milonga.log.tail")).isPositive(); // as it was last
    assertThat(gauge("milonga.views.lag")).isZero();
  }

  private static void lose(ReplicatedMap<String, Integer> map) {
    map.get("a");
    Thread other = new Thread(() -> map.put("a", 7));
    other.start();
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    map.put("a", 8);
  }

  @Test
  void viewThatNobodyReads_isBehind_andOneThatIsReadIsNot() {
    try (SharedLog log = InMemoryLog.create();
        Milonga reader = Milonga.over(log);
        Milonga writer = Milonga.over(log)) {
      new MilongaMeters(reader).bindTo(registry);
      ReplicatedMap<String, Integer> seen = reader.map("map", String.class, Integer.class);
      seen.size();
      double synced = count("milonga.views.syncs");

      ReplicatedMap<String, Integer> map = writer.map("map", String.class, Integer.class);
      map.put("a", 1);
      map.put("b", 2);

      assertThat(gauge("milonga.views.lag")).isGreaterThanOrEqualTo(2);
      assertThat(seen.size()).isEqualTo(2);
      assertThat(gauge("milonga.views.lag")).isZero();
      assertThat(count("milonga.views.syncs")).isEqualTo(synced + 1);
      assertThat(registry.find("milonga.log.tail").meter()).isNull(); // that log counts nothing
    }
  }

  @Test
  void viewThatIsOpenedFromACheckpoint_isAReload() {
    try (Milonga store = Milonga.open(directory)) {
      store.map("map", String.class, Integer.class).put("a", 1);
      store.checkpointer().checkpoint();
    }

    try (Milonga store = Milonga.open(directory)) {
      new MilongaMeters(store).bindTo(registry);
      assertThat(store.map("map", String.class, Integer.class).get("a")).isEqualTo(1);

      assertThat(count("milonga.views.reloads")).isEqualTo(1);
      assertThat(count("milonga.views.applied")).isZero();
    }
  }

  @Test
  void logAlone_hasItsMetersOnly_withTheTagsGiven() {
    try (EmbeddedLog log = EmbeddedLog.open(directory)) {
      new MilongaMeters(log, Tags.of("server", "x")).bindTo(registry);
    }

    assertThat(registry.getMeters())
        .isNotEmpty()
        .allMatch(meter -> meter.getId().getName().startsWith("milonga.log."))
        .allMatch(meter -> meter.getId().getTags().contains(Tag.of("server", "x")));
  }

  @Test
  void withoutMicrometerOnTheClassPath_aStoreWorks() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("micrometer")) {
        urls.add(url(entry));
      }
    }

    try (URLClassLoader bare =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> bare.loadClass(MeterNames.BINDER))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> program = bare.loadClass(UsesAStore.class.getName());
      assertThat(program.getMethod("run").invoke(null)).isEqualTo("1 of 2 committed");
    }
  }

  private static URL url(String entry) throws MalformedURLException {
    return new File(entry).toURI().toURL();
  }

  private double count(String name, String... tags) {
    return find(name, tags).functionCounter().count();
  }

  private double gauge(String name) {
    return find(name).gauge().value();
  }

  private RequiredSearch find(String name, String... tags) {
    return registry.get(name).tags(tags);
  }

  /** A constant that the compiler has put in place, so that naming it loads no class. */
  private static final class MeterNames {
    static final String BINDER = "io.micrometer.core.instrument.binder.MeterBinder";
  }

  /** What is run where Micrometer is not. */
  public static final class UsesAStore {

    private UsesAStore() {}

    /** Uses a store, and the numbers it tells. */
    public static String run() {
      try (Milonga store = Milonga.inMemory()) {
        ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
        store.transact(() -> map.put("a", 1));
        store.snapshot(() -> map.get("a"));
        return store.transactionStatistics().commits()
            + " of "
            + (store.transactionStatistics().commits() + store.transactionStatistics().readOnly())
            + " committed";
      }
    }
  }
}
