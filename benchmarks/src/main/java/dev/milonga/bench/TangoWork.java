package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.bench.Curve.Point;
import dev.milonga.bench.Curve.Series;
import dev.milonga.bench.Load.Attempts;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The shape of Figure 9 of the Tango paper: transactions of 3 reads and 3 writes on one fully
 * replicated map, by clients that share nothing but the log; how many are attempted, and how many
 * of them commit, as the number of keys grows. Each client has a view of its own and one thread.
 */
final class TangoWork {

  private static final List<Integer> CLIENTS = List.of(2, 4, 8);
  private static final List<Integer> KEYS = List.of(10, 100, 1_000, 10_000, 100_000, 1_000_000);
  private static final int WITH_GOAL = 100_000;

  private TangoWork() {}

  static Work work(String group) {
    return Work.of(
        "tango",
        group,
        "3 reads and 3 writes on one map, 2 to 8 clients, 10 to 1,000,000 keys, uniform and zipf",
        settings -> 2 * CLIENTS.size() * KEYS.size() * settings.rounds(),
        bench -> run(bench, KEYS, CLIENTS));
  }

  static void run(Bench bench, List<Integer> numbersOfKeys, List<Integer> numbersOfClients)
      throws Exception {
    for (String distribution : List.of("uniform", "zipf")) {
      Map<Integer, List<Point>> throughput = new LinkedHashMap<>();
      Map<Integer, List<Point>> goodput = new LinkedHashMap<>();
      for (int keys : numbersOfKeys) {
        KeyDraw draw = distribution.equals("uniform") ? KeyDraw.uniform(keys) : KeyDraw.zipf(keys);
        for (int clients : numbersOfClients) {
          Measurement measured = measure(bench, keys, draw, clients);
          double share = 1 - measured.abortedPercent() / 100;
          double attempted = share == 0 ? Double.NaN : measured.perSecond() / share;
          points(throughput, clients).add(new Point(keys, attempted));
          points(goodput, clients).add(new Point(keys, measured.perSecond()));
          if (keys == WITH_GOAL) {
            addRows(bench, distribution, clients, measured, share);
          }
        }
      }
      bench.add(curve(distribution, throughput, goodput));
    }
  }

  private static List<Point> points(Map<Integer, List<Point>> lines, int clients) {
    return lines.computeIfAbsent(clients, any -> new ArrayList<>());
  }

  private static Measurement measure(Bench bench, int keys, KeyDraw draw, int clients)
      throws Exception {
    try (SharedLog log = EmbeddedLog.open(bench.newDirectory())) {
      List<Milonga> stores = new ArrayList<>();
      try {
        List<ReplicatedMap<Integer, Long>> maps = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
          Milonga store = Milonga.over(log);
          stores.add(store);
          maps.add(store.map("map", Integer.class, Long.class));
        }
        Load load =
            new Load(
                clients,
                client -> transaction(stores.get(client), maps.get(client), draw),
                1,
                null,
                () -> attempts(stores));
        return bench.measure(List.of(load)).get(0);
      } finally {
        stores.forEach(Milonga::close);
      }
    }
  }

  private static Operation transaction(
      Milonga store, ReplicatedMap<Integer, Long> map, KeyDraw draw) {
    return random -> {
      int[] keys = new int[6];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = draw.next(random);
      }
      long value = random.nextLong();
      store.transact(StoreSide.PERSISTENT, () -> readAndWrite(map, keys, value));
      return 1;
    };
  }

  private static void readAndWrite(ReplicatedMap<Integer, Long> map, int[] keys, long value) {
    for (int i = 0; i < 3; i++) {
      map.get(keys[i]);
    }
    for (int i = 3; i < 6; i++) {
      map.set(keys[i], value);
    }
  }

  private static Attempts attempts(List<Milonga> stores) {
    return stores.stream()
        .map(store -> StoreSide.attempts(store.transactionStatistics()))
        .reduce(Attempts.NONE, Attempts::plus);
  }

  private static void addRows(
      Bench bench, String distribution, int clients, Measurement measured, double share) {
    String name = "tango-" + distribution + "-" + clients;
    String work = "3 reads, 3 writes, 100,000 keys, " + distribution + ", " + clients + " clients";
    bench.add(Row.of(name, work, measured.figure(), Goal.NONE));
    bench.add(
        Row.of(
            name + "-goodput",
            "attempts of " + name + " that commit",
            Figure.of(100 * share, Unit.PERCENT),
            distribution.equals("uniform") ? Goal.atLeast(99) : Goal.NONE));
  }

  private static Curve curve(
      String distribution,
      Map<Integer, List<Point>> throughput,
      Map<Integer, List<Point>> goodput) {
    IntFunction<String> label = clients -> clients + " clients";
    List<Series> series = new ArrayList<>();
    throughput.forEach(
        (clients, points) -> series.add(new Series(label.apply(clients) + ", attempted", points)));
    goodput.forEach(
        (clients, points) -> series.add(new Series(label.apply(clients) + ", committed", points)));
    return new Curve(
        "tango-" + distribution,
        "3 reads and 3 writes on one map, keys drawn " + distribution,
        "keys",
        "transactions per second",
        series);
  }
}
