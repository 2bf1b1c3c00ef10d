package dev.milonga.bench;

import dev.milonga.log.grpc.RemoteLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** A store that another process serves, against the embedded one and against bare gRPC. */
final class ServedWorks {

  private static final String GROUP = "served";
  private static final int MANY = 64;
  private static final int WRITES_PER_SECOND = 5_000;
  private static final int SUBSCRIBERS = 32;
  private static final int ENTRIES_PER_SECOND = 10_000;
  private static final int IDLE_CLIENTS = 1_000;
  private static final int UPDATES = 1_000_000;
  private static final double DELIVERY_MILLIS_MAX = 20;
  private static final double IDLE_BYTES_MAX = 64 << 20;
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private ServedWorks() {}

  static List<Work> all() {
    return List.of(
        putsByOne(),
        Work.rate(
            "served-put-64",
            GROUP,
            "map.put of a served store, 64 threads of one client",
            "map.put of an embedded store, 16 threads",
            Goal.ratioAtLeast(1.0),
            bench ->
                new Work.Sides(
                    new ServedSide(bench).newClient().puts(MANY), bench.newStore().puts(16))),
        Work.rate(
            "served-put-async",
            GROUP,
            "asynchronous map.put of a served store, 1,024 under way",
            "the same of an embedded store",
            Goal.ratioAtLeast(0.5),
            bench ->
                new Work.Sides(
                    new ServedSide(bench).newClient().asynchronousPuts(),
                    bench.newStore().asynchronousPuts())),
        getsByOne(),
        Work.rate(
            "served-get-64",
            GROUP,
            "map.get of a served store, 64 threads",
            "unary gRPC calls, 64 under way",
            Goal.ratioAtLeast(4),
            bench -> {
              ServedSide served = new ServedSide(bench);
              return new Work.Sides(
                  served.newClient().timedGets(MANY), served.newUnaryCalls().calls(MANY));
            }),
        Work.rate(
            "served-get-64-writing",
            GROUP,
            "map.get of a served store, 64 threads, while another client makes 5,000 puts/s",
            "the same without the writer",
            Goal.ratioAtLeast(0.6),
            bench -> {
              ServedSide served = new ServedSide(bench);
              StoreSide client = served.newClient();
              return new Work.Sides(
                  client.timedGets(MANY).beside(paced(served.newClient()::put)),
                  client.timedGets(MANY));
            }),
        Work.transactions(
            "served-tx-64",
            GROUP,
            "transaction reading and writing a key in each of 2 maps of a served store, 64 threads",
            "map.put of the served store, 64 threads",
            Goal.ratioAtLeast(0.6),
            Optional.empty(),
            bench -> {
              StoreSide client = new ServedSide(bench).newClient();
              return new Work.Sides(client.transactions(MANY, Pairs.KEYS), client.puts(MANY));
            }),
        opening("served-open", UPDATES),
        delivery(),
        idle("served-idle", IDLE_CLIENTS));
  }

  private static Work putsByOne() {
    String name = "served-put-1";
    String description = "map.put of a served store, 1 thread: half of them take at most";
    return Work.of(
        name,
        GROUP,
        description,
        settings -> 3 * settings.rounds(),
        bench -> {
          ServedSide served = new ServedSide(bench);
          List<Measurement> all =
              bench.measure(
                  List.of(
                      served.newUnaryCalls().calls(1),
                      bench.newStore().puts(1),
                      served.newClient().puts(1)));
          bench.add(
              Row.of(
                  name,
                  description,
                  millis(half(all.get(2))),
                  "a unary gRPC call and a map.put of an embedded store together",
                  millis(half(all.get(0)) + half(all.get(1))),
                  Goal.ratioAtMost(1.3)));
        });
  }

  private static Work getsByOne() {
    String name = "served-get-1";
    String description = "map.get of a served store, 1 thread: half of them take at most";
    return Work.of(
        name,
        GROUP,
        description,
        settings -> 2 * settings.rounds(),
        bench -> {
          ServedSide served = new ServedSide(bench);
          List<Measurement> all =
              bench.measure(
                  List.of(served.newUnaryCalls().calls(1), served.newClient().timedGets(1)));
          bench.add(
              Row.of(
                  name,
                  description,
                  millis(half(all.get(1))),
                  "a unary gRPC call",
                  millis(half(all.get(0))),
                  Goal.ratioAtMost(1.2)));
        });
  }

  /** A map with a long history and no checkpoint, opened by a new client, and embedded. */
  static Work opening(String name, int updates) {
    String description =
        String.format(
            Locale.ROOT,
            "open a served map of 10,000 keys with %,d updates in the log, in a new process",
            updates);
    return Work.of(
        name,
        GROUP,
        description,
        settings -> 1 + 2 * settings.rounds(),
        bench -> {
          Path store = bench.newDirectory();
          try (var opened = Stores.withoutCheckpoints(store)) {
            ReopenWork.update(bench, opened, updates);
          }
          bench.measured();
          NewProcess process = new NewProcess(bench);
          int entries = Math.min(updates, Pairs.KEYS);
          List<NewProcess.Opened> embedded = new ArrayList<>();
          for (int round = 0; round < bench.settings().rounds(); round++) {
            embedded.add(process.open(Reopening.What.STORE, store, entries));
            bench.measured();
          }
          ServerProcess server =
              bench.closing(ServerProcess.start(store, store.resolveSibling("server")));
          List<NewProcess.Opened> served = new ArrayList<>();
          for (int round = 0; round < bench.settings().rounds(); round++) {
            served.add(
                process.open(Reopening.What.SERVED_STORE, Path.of(server.target()), entries));
            bench.measured();
          }
          bench.add(
              Row.of(
                  name,
                  description,
                  seconds(served),
                  "the same embedded, in a new process",
                  seconds(embedded),
                  Goal.ratioAtMost(2)));
        });
  }

  private static Figure seconds(List<NewProcess.Opened> opened) {
    return Figure.of(Measurement.median(opened, NewProcess.Opened::seconds), Unit.SECONDS);
  }

  private static Work delivery() {
    String name = "served-subscribers";
    String description =
        "32 clients subscribed to one stream, 10,000 entries/s: 99 of 100 deliveries take at most";
    return Work.of(
        name,
        GROUP,
        description,
        settings -> 1,
        bench -> {
          Path directory = bench.newDirectory();
          ServerProcess server =
              bench.closing(ServerProcess.start(directory, directory.resolveSibling("server")));
          Settings settings = bench.settings();
          Histogram latencies =
              Delivery.measure(
                  server, SUBSCRIBERS, ENTRIES_PER_SECOND, settings.warmUp(), settings.measured());
          bench.measured();
          bench.add(
              Row.of(
                  name,
                  description,
                  millis(latencies.getValueAtPercentile(99)),
                  Goal.atMost(DELIVERY_MILLIS_MAX)));
        });
  }

  /** The heaps of a client that does nothing, and of a server of many such. */
  static Work idle(String name, int clients) {
    return Work.of(
        name,
        GROUP,
        "heap of an idle client, and of a server of 1,000 idle clients",
        settings -> 2,
        bench -> {
          ServedSide served = new ServedSide(bench);
          Path output = bench.newDirectory().resolve("output");
          String client =
              ChildJvm.run(
                      output,
                      TIMEOUT,
                      List.of(),
                      IdleClient.class,
                      List.of(served.server().target()))
                  .orElseThrow(
                      () -> new BenchmarkException("an idle client failed: see " + output));
          bench.measured();
          for (int i = 0; i < clients; i++) {
            bench.closing(RemoteLog.open(served.server().target())).tail().join();
          }
          long server = served.server().liveBytes();
          bench.measured();
          bench.add(
              Row.of(
                  name + "-client",
                  "heap in use of an idle client",
                  Figure.of(Double.parseDouble(client), Unit.BYTES),
                  Goal.atMost(IDLE_BYTES_MAX)));
          bench.add(
              Row.of(
                  name + "-server",
                  String.format(
                      Locale.ROOT, "heap in use of a server with %,d idle clients", clients),
                  Figure.of(server, Unit.BYTES),
                  Goal.atMost(IDLE_BYTES_MAX)));
        });
  }

  /** That operation, 5,000 times in a second as long as it keeps up. */
  private static Operation paced(Operation operation) {
    long gap = TimeUnit.SECONDS.toNanos(1) / WRITES_PER_SECOND;
    long[] due = {Long.MIN_VALUE};
    return random -> {
      long now = System.nanoTime();
      due[0] = due[0] == Long.MIN_VALUE ? now : Math.max(due[0] + gap, now - 100 * gap);
      for (long left = due[0] - now; left > 0; left = due[0] - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      return operation.run(random);
    };
  }

  private static double half(Measurement of) {
    return of.latencies().getValueAtPercentile(50);
  }

  private static Figure millis(double nanos) {
    return Figure.of(nanos / 1e6, Unit.MILLISECONDS);
  }
}
