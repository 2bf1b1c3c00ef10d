package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Compares durable appends with the same writes to RocksDB, in turn and in one run: {@code java
 * dev.milonga.log.server.LogSpeed DIRECTORY [SECONDS] [ROUNDS]}.
 */
final class LogSpeed {

  private static final int UPDATE_BYTES = 116;
  private static final int KEYS = 10_000;
  private static final int IN_FLIGHT = 1_024;
  private static final StreamId STREAM = StreamId.named("map");

  private final Path directory;
  private final double seconds;

  private LogSpeed(Path directory, double seconds) {
    this.directory = directory;
    this.seconds = seconds;
  }

  private interface Work {
    /** Operations per second. */
    double run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    LogSpeed speed =
        new LogSpeed(
            Path.of(arguments[0]), arguments.length > 1 ? Double.parseDouble(arguments[1]) : 3);
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
    speed.compare("1 thread", rounds, () -> speed.raw(1, 1), () -> speed.appends(1));
    speed.compare("16 threads", rounds, () -> speed.raw(16, 1), () -> speed.appends(16));
    speed.compare(
        "1,024 in flight / batches of 1,000",
        rounds,
        () -> speed.raw(1, 1_000),
        () -> speed.inFlight());
    speed.sizeAndReopening(1_000_000);
  }

  private void sizeAndReopening(int updates) throws Exception {
    Path path = fresh("log");
    try (SharedLog log = EmbeddedLog.open(path)) {
      SessionId session = log.openSession().join();
      Random random = new Random(1);
      CompletableFuture<LogPosition> last = new CompletableFuture<>();
      for (long i = 0; i < updates; i++) {
        last = log.append(update(random, session, i));
        if (i % IN_FLIGHT == 0) {
          last.join();
        }
      }
      last.join();
    }
    long start = System.nanoTime();
    EmbeddedLog.open(path).close();
    long opened = System.nanoTime();
    long bytes = 0;
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    System.out.printf(
        "%,d updates of %d bytes: %.2f times their bytes on disk, opened and closed in %.0f ms%n",
        updates, UPDATE_BYTES, bytes / (double) updates / UPDATE_BYTES, (opened - start) / 1e6);
  }

  private void compare(String what, int rounds, Work baseline, Work work) throws Exception {
    List<Double> baselines = new ArrayList<>();
    List<Double> works = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      double first = baseline.run();
      double second = work.run();
      baselines.add(first);
      works.add(second);
      ratios.add(second / first);
    }
    System.out.printf(
        "%-36s RocksDB %9.0f/s   log %9.0f/s   ratio %.2f (%.2f to %.2f)%n",
        what,
        median(baselines),
        median(works),
        median(ratios),
        ratios.stream().min(Comparator.naturalOrder()).orElseThrow(),
        ratios.stream().max(Comparator.naturalOrder()).orElseThrow());
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private double raw(int threads, int batch) throws Exception {
    Path path = fresh("raw");
    List<ColumnFamilyHandle> families = new ArrayList<>();
    try (DBOptions options =
            new DBOptions().setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
        RocksDB db =
            RocksDB.open(
                options,
                path.toString(),
                List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
                    new ColumnFamilyDescriptor("index".getBytes())),
                families);
        WriteOptions sync = new WriteOptions().setSync(true)) {
      AtomicLong positions = new AtomicLong();
      return closedLoop(
          threads,
          thread -> {
            byte[] value = new byte[UPDATE_BYTES];
            Random random = new Random(thread);
            return () -> {
              try (WriteBatch writes = new WriteBatch()) {
                for (int i = 0; i < batch; i++) {
                  random.nextBytes(value);
                  long position = positions.getAndIncrement();
                  writes.put(families.get(0), Bytes.ofLong(position), value);
                  writes.put(
                      families.get(1),
                      ByteBuffer.allocate(24)
                          .putLong(STREAM.high())
                          .putLong(STREAM.low())
                          .putLong(position)
                          .array(),
                      new byte[0]);
                }
                db.write(sync, writes);
              } catch (RocksDBException e) {
                throw new IllegalStateException(e);
              }
              return batch;
            };
          });
    }
  }

  private double appends(int threads) throws Exception {
    try (SharedLog log = EmbeddedLog.open(fresh("log"))) {
      SessionId session = log.openSession().join();
      AtomicLong sequence = new AtomicLong();
      return closedLoop(
          threads,
          thread -> {
            Random random = new Random(thread);
            return () -> {
              log.append(update(random, session, sequence.getAndIncrement())).join();
              return 1;
            };
          });
    }
  }

  private double inFlight() throws Exception {
    try (SharedLog log = EmbeddedLog.open(fresh("log"))) {
      SessionId session = log.openSession().join();
      Random random = new Random(1);
      ArrayDeque<CompletableFuture<LogPosition>> flying = new ArrayDeque<>();
      long[] sequence = new long[1];
      return closedLoop(
          1,
          thread ->
              () -> {
                flying.add(log.append(update(random, session, sequence[0]++)));
                if (flying.size() > IN_FLIGHT) {
                  flying.remove().join();
                  return 1;
                }
                return 0;
              });
    }
  }

  private static AppendRequest update(Random random, SessionId session, long sequence) {
    byte[] value = new byte[UPDATE_BYTES];
    random.nextBytes(value);
    return AppendRequest.builder(Payload.wrap(value))
        .write(StreamKeys.keys(STREAM, random.nextInt(KEYS)))
        .requestId(new RequestId(session, sequence, Math.max(0, sequence - IN_FLIGHT)))
        .build();
  }

  private interface Step {
    int run();
  }

  private interface Steps {
    Step of(int thread);
  }

  private double closedLoop(int threads, Steps steps) throws InterruptedException {
    long start = System.nanoTime();
    long warm = start + (long) (seconds * 0.3e9);
    long end = warm + (long) (seconds * 1e9);
    AtomicLong total = new AtomicLong();
    List<Thread> running = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      Step step = steps.of(thread);
      running.add(
          new Thread(
              () -> {
                long done = 0;
                for (long now = start; now < end; now = System.nanoTime()) {
                  int units = step.run();
                  done += now >= warm ? units : 0;
                }
                total.addAndGet(done);
              }));
    }
    running.forEach(Thread::start);
    for (Thread thread : running) {
      thread.join();
    }
    return total.get() / ((end - warm) / 1e9);
  }

  private Path fresh(String name) throws IOException {
    Path path = directory.resolve(name);
    if (Files.exists(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(path);
    return path;
  }
}
