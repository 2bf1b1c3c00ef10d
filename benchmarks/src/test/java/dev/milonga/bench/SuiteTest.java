package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.StoreClosedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteTest {

  private static final Settings SHORT =
      new Settings(1, Duration.ofMillis(20), Duration.ofMillis(100), 1);

  @TempDir private Path directory;

  @Test
  void everyKindOfWork_givesItsRows() throws Exception {
    List<Work> works =
        Works.named(List.of("get-16-writing", "put-async", "plain-16", "tx-blind-16"));
    int[] measured = {0};

    Run run = suite(SHORT).run(works, "test", () -> measured[0]++);

    assertThat(run.rows())
        .filteredOn(row -> row.figure().unit() == Unit.PER_SECOND)
        .extracting(Row::name)
        .containsExactlyElementsOf(works.stream().map(Work::name).toList());
    assertThat(run.rows())
        .filteredOn(row -> row.figure().unit() == Unit.PER_SECOND)
        .allSatisfy(row -> assertThat(row.ratio().orElseThrow()).isPositive());
    assertThat(run.rows())
        .filteredOn(row -> row.name().equals("tx-blind-16-aborts"))
        .extracting(Row::verdict)
        .containsExactly(Verdict.MET);
    assertThat(measured[0])
        .isEqualTo(works.stream().mapToInt(work -> work.measurements(SHORT)).sum());
    assertThat(run.date()).isEqualTo("2026-11-20");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void bulkLoad_countsPuts() throws Exception {
    Settings second = new Settings(1, Duration.ZERO, Duration.ofSeconds(1), 1);

    Run run = suite(second).run(Works.named(List.of("tx-bulk")), "test", () -> {});

    Row row = run.rows().get(0);
    assertThat(row.figure().value()).isGreaterThanOrEqualTo(900); // a transaction at least
    assertThat(row.baseline().orElseThrow().figure().value()).isGreaterThanOrEqualTo(900);
    assertThat(row.figure().latency()).isEmpty();
  }

  @Test
  void peers_doWhatWeDo() throws Exception {
    List<Peers> peers =
        System.getProperty("milonga.soak") == null ? List.of(Peers.H2) : List.of(Peers.values());

    Run run =
        suite(SHORT)
            .run(List.of(PeerWorks.work(PeerWorks.Kind.TX_HOT, 16, peers)), "test", () -> {});

    assertThat(run.rows()).hasSameSizeAs(peers);
    assertThat(run.rows())
        .allSatisfy(row -> assertThat(row.figure().value()).isPositive())
        .allSatisfy(row -> assertThat(row.baseline().orElseThrow().figure().value()).isPositive());
  }

  @Test
  void servedStore_isMeasuredInAnotherProcess() throws Exception {
    Run run = suite(SHORT).run(List.of(ServedWorks.idle("small", 3)), "test", () -> {});

    assertThat(run.rows()).extracting(Row::name).containsExactly("small-client", "small-server");
    assertThat(run.rows()).allSatisfy(row -> assertThat(row.figure().value()).isPositive());
  }

  @Test
  void reopening_isMeasuredInProcessesOfItsOwn() throws Exception {
    Run run =
        suite(SHORT).run(List.of(ReopenWork.work("small", 12_000, List.of(6.0))), "test", () -> {});

    assertThat(run.rows())
        .extracting(Row::name)
        .containsExactly("small", "small-heap", "small-disk");
    assertThat(run.rows()).allSatisfy(row -> assertThat(row.ratio().orElseThrow()).isPositive());
    assertThat(run.rows().get(2).figure().value()).isBetween(116.0, 1_000.0);
  }

  @Test
  void reopeningFromACheckpoint_readsTheSameFromTheLogAndByJackson() throws Exception {
    Run run =
        suite(SHORT)
            .run(
                List.of(CheckpointReopenWork.large("small", "checkpoints", 3_000)),
                "test",
                () -> {});

    assertThat(run.rows()).extracting(Row::name).containsExactly("small", "small-new");
    assertThat(run.rows()).allSatisfy(row -> assertThat(row.ratio().orElseThrow()).isPositive());
  }

  @Test
  void putsDuringACheckpoint_areComparedWithPutsWithout() throws Exception {
    Run run =
        suite(SHORT)
            .run(List.of(CheckpointPutsWork.work("small", "checkpoints", 3_000)), "test", () -> {});

    assertThat(run.rows())
        .extracting(Row::name)
        .containsExactly("small", "small-p99", "small-longest");
    assertThat(run.rows())
        .allSatisfy(row -> assertThat(row.baseline().orElseThrow().figure().value()).isPositive());
    assertThat(run.rows().get(2).figure().value())
        .isGreaterThanOrEqualTo(run.rows().get(1).figure().value());
  }

  @Test
  void past_isReadAtOneMomentAndAtMomentsThatMove() throws Exception {
    Run run = suite(SHORT).run(List.of(PastWork.work("at", "checkpoints")), "test", () -> {});

    assertThat(run.rows()).extracting(Row::name).containsExactly("at", "at-moving");
    assertThat(run.rows())
        .allSatisfy(
            row -> assertThat(row.figure().latency().orElseThrow().p99Micros()).isPositive());
  }

  @Test
  void trim_isOfAllEntries() throws Exception {
    Run run =
        suite(SHORT).run(List.of(TrimWork.work("few", "checkpoints", 10_000)), "test", () -> {});

    assertThat(run.rows()).extracting(Row::name).containsExactly("few");
    assertThat(run.rows().get(0).figure().value()).isPositive();
  }

  @Test
  void jmh_measuresInAProcessOfItsOwn() throws Exception {
    Run run = suite(SHORT).run(Works.named(List.of("sync")), "test", () -> {});

    assertThat(run.rows()).extracting(Row::name).containsExactly("sync");
    assertThat(run.rows().get(0).figure().value()).isBetween(0.1, 100_000.0);
  }

  @Test
  void loads_areMeasuredInTurns_andComparedByTheirMedians() throws Exception {
    Settings settings = new Settings(3, Duration.ofMillis(20), Duration.ofMillis(100), 1);
    StringBuilder order = new StringBuilder();
    Work work =
        Work.rate(
            "more",
            "test",
            "does a thousand times as much",
            "a thousandth of it",
            Goal.ratioAtLeast(1.5),
            bench -> new Work.Sides(sleeping(1_000_000, order, 'a'), sleeping(1_000, order, 'b')));

    Run run = suite(settings).run(List.of(work), "test", () -> order.append('|'));

    assertThat(run.rows()).hasSize(1);
    assertThat(run.rows().get(0).ratio().orElseThrow())
        .isBetween(20.0, 50_000.0); // sleeps may take longer
    assertThat(order.toString().replaceAll("(.)\\1+", "$1")).isEqualTo("b|a|b|a|b|a|");
  }

  @Test
  void failure_namesTheWork() {
    Work work =
        Work.of(
            "burning",
            "test",
            "burns",
            settings -> 1,
            bench -> {
              throw new IllegalStateException("disk on fire");
            });

    assertThatThrownBy(() -> suite(SHORT).run(List.of(work), "test", () -> {}))
        .isInstanceOf(BenchmarkException.class)
        .hasMessage("burning failed: java.lang.IllegalStateException: disk on fire");
  }

  @Test
  void failedAsynchronousPut_failsTheMeasurement() {
    Work work =
        Work.rate(
            "closed",
            "test",
            "puts into a closed store",
            "nothing",
            Goal.NONE,
            bench -> {
              StoreSide store = bench.newStore();
              Load puts = store.asynchronousPuts();
              store.store().close();
              return new Work.Sides(puts, puts);
            });

    assertThatThrownBy(() -> suite(SHORT).run(List.of(work), "test", () -> {}))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("closed failed: ")
        .rootCause()
        .isInstanceOf(StoreClosedException.class);
  }

  @Test
  void tangoCurve_hasALineForEachNumberOfClients() throws Exception {
    Work work =
        Work.of(
            "few",
            "test",
            "few",
            settings -> 2,
            bench -> TangoWork.run(bench, List.of(10, 100), List.of(2)));

    Run run = suite(SHORT).run(List.of(work), "test", () -> {});

    assertThat(run.curves()).extracting(Curve::name).containsExactly("tango-uniform", "tango-zipf");
    assertThat(run.curves().get(0).series()).hasSize(2);
    double attempted = run.curves().get(1).series().get(0).points().get(0).y();
    double committed = run.curves().get(1).series().get(1).points().get(0).y();
    assertThat(committed).isPositive().isLessThan(attempted);
  }

  private Suite suite(Settings settings) {
    return new Suite(settings, directory, () -> Instant.parse("2026-11-20T23:59:59Z"));
  }

  private static Load sleeping(int operations, StringBuilder order, char name) {
    return Load.untimed(
        1,
        random -> {
          order.append(name);
          TimeUnit.MILLISECONDS.sleep(2);
          return operations;
        });
  }
}
