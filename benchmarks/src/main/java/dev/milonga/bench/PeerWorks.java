package dev.milonga.bench;

import dev.milonga.bench.Load.Attempts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The same work by us and by each embedded durable peer, in turns. */
final class PeerWorks {

  private static final String GROUP = "peers";
  private static final int HOT_KEYS = 10;

  /** A kind of work that every peer can do. */
  enum Kind {
    PUT("map.put"),
    GET("map.get"),
    TX("transaction reading and writing a key in each of 2 maps"),
    TX_HOT("the same transaction over 10 keys");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    private String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private PeerWorks() {}

  static List<Work> all() {
    return Stream.of(Kind.values())
        .flatMap(
            kind -> Stream.of(1, 16).map(threads -> work(kind, threads, List.of(Peers.values()))))
        .toList();
  }

  static Work work(Kind kind, int threads, List<Peers> peers) {
    String name = "peers-" + kind.label() + "-" + threads;
    String description = kind.text + ", " + ObjectWorks.threads(threads);
    return Work.of(
        name,
        GROUP,
        description,
        settings -> (1 + peers.size()) * settings.rounds(),
        bench -> {
          List<Load> loads = new ArrayList<>(List.of(ours(bench.newStore(), kind, threads)));
          for (Peers peer : peers) {
            Peer opened = bench.closing(peer.open(bench.newDirectory(), bench.pairs()));
            loads.add(load(opened, kind, threads, bench.pairs()));
          }
          List<Measurement> all = bench.measure(loads);
          for (int i = 0; i < peers.size(); i++) {
            Peers peer = peers.get(i);
            Measurement theirs = all.get(1 + i);
            bench.add(
                Row.of(
                    name + "-" + peer.name().toLowerCase(Locale.ROOT),
                    description,
                    all.get(0).figure(),
                    against(peer, theirs),
                    theirs.figure(),
                    Goal.ratioAtLeast(1)));
          }
        });
  }

  private static String against(Peers peer, Measurement theirs) {
    return theirs.attempts().aborted() == 0
        ? peer.title()
        : String.format(Locale.ROOT, "%s, %.1f %% aborted", peer.title(), theirs.abortedPercent());
  }

  private static Load ours(StoreSide store, Kind kind, int threads) {
    return switch (kind) {
      case PUT -> store.puts(threads);
      case GET -> store.gets(threads);
      case TX -> store.transactions(threads, Pairs.KEYS);
      case TX_HOT -> store.transactions(threads, HOT_KEYS);
    };
  }

  private static Load load(Peer peer, Kind kind, int threads, Pairs pairs) {
    return switch (kind) {
      case PUT ->
          Load.timed(
              threads,
              random -> {
                peer.put(pairs.key(random), pairs.value(random));
                return 1;
              });
      case GET -> Load.sampled(threads, random -> Values.check(peer.get(pairs.key(random))));
      case TX -> transactions(peer, threads, Pairs.KEYS, pairs);
      case TX_HOT -> transactions(peer, threads, HOT_KEYS, pairs);
    };
  }

  private static Load transactions(Peer peer, int threads, int keys, Pairs pairs) {
    AtomicLong committed = new AtomicLong();
    return Load.timed(
            threads,
            random -> {
              String before =
                  peer.readAndWrite(
                      pairs.key(random, keys), pairs.key(random, keys), pairs.value(random));
              committed.incrementAndGet();
              if (before.length() != 200) {
                throw new AssertionError("read '" + before + "' where two values were put");
              }
              return 1;
            })
        .counting(() -> new Attempts(committed.get() + peer.aborted(), peer.aborted()));
  }
}
