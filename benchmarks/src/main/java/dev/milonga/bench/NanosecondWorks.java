package dev.milonga.bench;

import dev.milonga.bench.Jmh.Cost;
import dev.milonga.bench.Jmh.Method;
import dev.milonga.bench.jmh.Accessors;
import dev.milonga.bench.jmh.Updates;
import dev.milonga.log.server.EngineBatches;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What takes nanoseconds, by JMH, each time in a process of its own. */
final class NanosecondWorks {

  private static final String GROUP = "nanos";

  private NanosecondWorks() {}

  static List<Work> all() {
    return List.of(
        accessor("Versioned", 10, Optional.of(Goal.atMost(0))),
        accessor("plain", 30, Optional.empty()),
        work(
            "sync",
            "make sure that a view covers the log's tail",
            new Method(Accessors.class, "sync"),
            Optional.empty()),
        work(
            "encode",
            "encode the arguments of a put of 116 bytes",
            new Method(Updates.class, "encode"),
            Optional.empty()),
        work(
            "apply",
            "read, decode and apply a put of 116 bytes, by a new client",
            new Method(Updates.class, "apply"),
            Optional.of(new Method(Updates.class, "decode"))),
        work(
            "engine-batch",
            "decide an append, in batches of 100",
            new Method(EngineBatches.class, "apply"),
            Optional.empty()));
  }

  private static Work accessor(String kind, double nanosMore, Optional<Goal> allocation) {
    String name = "proxy-call-" + kind.toLowerCase(Locale.ROOT);
    String description = "accessor on an up-to-date view, " + kind + " class";
    String prefix = kind.toLowerCase(Locale.ROOT);
    return Work.of(
        name,
        GROUP,
        description,
        settings -> 2 * settings.rounds(),
        bench -> {
          List<Cost> costs =
              measure(
                  bench,
                  List.of(
                      new Method(Accessors.class, prefix + "Direct"),
                      new Method(Accessors.class, prefix + "Proxy")));
          bench.add(
              Row.of(
                  name,
                  description,
                  nanos(costs.get(1)),
                  "the same method called directly",
                  nanos(costs.get(0)),
                  Goal.moreAtMost(nanosMore)));
          bench.add(
              Row.of(
                  name + "-allocation",
                  "bytes allocated by each call of " + name,
                  // Less than a hundredth of a byte is what the measuring itself allocates.
                  Figure.of(Math.floor(costs.get(1).bytes() * 100) / 100, Unit.BYTES),
                  allocation.orElse(Goal.NONE)));
        });
  }

  private static Work work(
      String name, String description, Method method, Optional<Method> baseline) {
    return Work.of(
        name,
        GROUP,
        description,
        settings -> (baseline.isPresent() ? 2 : 1) * settings.rounds(),
        bench -> {
          List<Method> methods = new ArrayList<>(List.of(method));
          baseline.ifPresent(methods::add);
          List<Cost> costs = measure(bench, methods);
          bench.add(
              baseline.isPresent()
                  ? Row.of(
                      name,
                      description,
                      nanos(costs.get(0)),
                      "decode alone",
                      nanos(costs.get(1)),
                      Goal.NONE)
                  : Row.of(name, description, nanos(costs.get(0)), Goal.NONE));
        });
  }

  private static Figure nanos(Cost cost) {
    return Figure.of(cost.nanos(), Unit.NANOSECONDS);
  }

  private static List<Cost> measure(Bench bench, List<Method> methods) throws Exception {
    List<List<Cost>> rounds = new ArrayList<>();
    methods.forEach(method -> rounds.add(new ArrayList<>()));
    for (int round = 0; round < bench.settings().rounds(); round++) {
      for (int i = 0; i < methods.size(); i++) {
        rounds.get(i).add(Jmh.measure(bench, methods.get(i)));
        bench.measured();
      }
    }
    return rounds.stream()
        .map(
            costs ->
                new Cost(
                    Measurement.median(costs, Cost::nanos), Measurement.median(costs, Cost::bytes)))
        .toList();
  }
}
