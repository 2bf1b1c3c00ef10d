package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.bench.NewProcess.Opened;
import dev.milonga.bench.Reopening.What;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Opening a store with a long history in a new process, the heap that this takes, and the bytes
 * that the history takes on the disk.
 *
 * <p>The peak of a heap cannot be read off: it is as large as the collector lets it grow. So the
 * store is opened again in processes whose heap is bounded, and the smallest bound counts with
 * which it opens.
 */
final class ReopenWork {

  private static final int UPDATE_BYTES = 116;
  private static final int UNDER_WAY_MAX = 1_000;
  private static final Duration SMALL_HEAP_TIMEOUT = Duration.ofSeconds(30);
  private static final List<Double> HEAPS = List.of(1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0);

  private final Bench bench;
  private final NewProcess process;
  private final String name;
  private final int updates;
  private final Path store;
  private final Path raw;

  private ReopenWork(Bench bench, String name, int updates) throws Exception {
    this.bench = bench;
    this.process = new NewProcess(bench);
    this.name = name;
    this.updates = updates;
    this.store = bench.newDirectory();
    this.raw = bench.newDirectory();
  }

  static List<Work> all() {
    return List.of(work("reopen", 1_000_000, HEAPS));
  }

  /**
   * @param heaps to try, in terms of what is in use when the store is open, in rising order
   */
  static Work work(String name, int updates, List<Double> heaps) {
    return Work.of(
        name,
        "recovery",
        String.format(Locale.ROOT, "reopen after %,d updates to 10,000 keys", updates),
        settings -> 2 * settings.rounds() + 3,
        bench -> new ReopenWork(bench, name, updates).run(heaps));
  }

  private void run(List<Double> heaps) throws Exception {
    try (Milonga opened = Stores.withoutCheckpoints(store)) {
      update(bench, opened, updates);
    }
    bench.measured();
    double bytes = bytes(store) / (double) updates;
    copyPayloads();
    List<Opened> stores = new ArrayList<>();
    List<Opened> raws = new ArrayList<>();
    for (int round = 0; round < bench.settings().rounds(); round++) {
      raws.add(process.open(What.PAYLOADS, raw, updates));
      bench.measured();
      stores.add(process.open(What.STORE, store, entries()));
      bench.measured();
    }
    bench.add(
        Row.of(
            name,
            String.format(
                Locale.ROOT,
                "open a map of 10,000 keys with %,d updates in the log, in a new process",
                updates),
            Figure.of(Measurement.median(stores, Opened::seconds), Unit.SECONDS),
            "RocksDB, scan and decode the payloads, in a new process",
            Figure.of(Measurement.median(raws, Opened::seconds), Unit.SECONDS),
            Goal.ratioAtMost(2)));
    long live = (long) Measurement.median(stores, opened -> opened.liveBytes());
    bench.add(
        Row.of(
            name + "-heap",
            "heap that " + name + " needs while it opens",
            Figure.of(leastHeapFactor(live, heaps) * live, Unit.BYTES),
            "heap in use when it is open",
            Figure.of(live, Unit.BYTES),
            Goal.ratioAtMost(1.5)));
    bench.measured();
    bench.add(
        Row.of(
            name + "-disk",
            "bytes on the disk for each update of " + name,
            Figure.of(bytes, Unit.BYTES),
            "bytes of key and value",
            Figure.of(UPDATE_BYTES, Unit.BYTES),
            Goal.ratioAtMost(2)));
    bench.measured();
  }

  private int entries() {
    return Math.min(updates, Pairs.KEYS);
  }

  /** Asynchronous puts of the keys in turn. */
  static void update(Bench bench, Milonga store, int updates) {
    Pairs pairs = bench.pairs();
    SplittableRandom random = new SplittableRandom(bench.settings().seed());
    ReplicatedMap<String, String> map = store.map(Reopening.MAP, String.class, String.class);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < updates; i++) {
      String key = pairs.keyAt(i % Pairs.KEYS);
      String value = pairs.value(random);
      calls.add(store.async(() -> map.put(key, value)).toCompletableFuture());
      if (calls.size() == UNDER_WAY_MAX || i == updates - 1) {
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
        calls.clear();
      }
    }
  }

  /** Writes what the entries of the map hold into a RocksDB of its own. */
  private void copyPayloads() throws RocksDBException {
    try (Options options = new Options().setCreateIfMissing(true);
        WriteOptions unsynced = new WriteOptions();
        RocksDB database = RocksDB.open(options, raw.toString());
        Milonga opened = Stores.withoutCheckpoints(store)) {
      SharedLog log = opened.log();
      StreamId stream = StreamId.named(Reopening.MAP);
      LogPosition tail = log.tail().join();
      LogPosition from = log.trimMark().join();
      while (from.compareTo(tail) < 0) {
        ReadBatch batch = log.read(stream, from, ReadLimit.DEFAULT).join();
        try (WriteBatch rows = new WriteBatch()) {
          for (LogEntry entry : batch.entries()) {
            rows.put(position(entry), entry.payload().toByteArray());
          }
          database.write(unsynced, rows);
        }
        from = batch.next();
      }
    }
  }

  private static byte[] position(LogEntry entry) {
    return ByteBuffer.allocate(Long.BYTES).putLong(entry.position().value()).array();
  }

  /** The least heap with which it opens, in terms of what is in use then; NaN if with none. */
  private double leastHeapFactor(long live, List<Double> heaps) throws Exception {
    for (double factor : heaps) {
      Path output = bench.newDirectory().resolve("output");
      List<String> heap =
          List.of(
              "-Xmx" + (long) Math.ceil(factor * live / 1024) + "k",
              "-XX:+UseG1GC",
              "-XX:+ExitOnOutOfMemoryError");
      if (process
          .tryToOpen(What.STORE, store, entries(), output, SMALL_HEAP_TIMEOUT, heap)
          .isPresent()) {
        return factor;
      }
    }
    return Double.NaN;
  }

  static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      long bytes = 0;
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }
}
