package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import dev.milonga.log.Subscription;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.tests.history.ToldHistory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F13: calls, transactions, snapshots, listeners and histories at a low rate, with the store closed
 * and opened again and again, for {@code -Dmilonga.f13.seconds=…}: heap, file descriptors and
 * threads stay as they are. The directory is bounded by what was written, as long as nothing is
 * trimmed.
 */
class SteadyStateTest {

  private static final int SECONDS = Numbers.of("milonga.f13.seconds", 10, 1_800);
  private static final int PERIODS = Numbers.soak() ? 20 : 8; // between two openings
  private static final int CLIENTS = 2;
  private static final long PAUSE_NANOS = 2_000_000; // between two calls
  private static final int CALLS_PER_PASSING_CLIENT = 500;
  private static final double GROWTH_MAX = 1.1;
  private static final long STORE_FILES_MAX = 550;
  private static final long DIRECTORY_BYTES_MAX = 256L << 20; // and so much for each entry:
  private static final long ENTRY_BYTES_MAX = 1_024;

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private final AtomicLong unique = new AtomicLong();
  private final AtomicLong heard = new AtomicLong();
  private long calls;

  @TempDir private Path directory;

  /**
   * What is in use, with the store open, after a collection. Files of the store are by themselves:
   * as long as nothing is trimmed there come to be more of them, of which so many are kept open.
   */
  private record Use(long heapBytes, long descriptors, long storeFiles, long threads) {

    static Use now(Path store) throws IOException {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      long storeFiles = 0;
      long others = 0;
      try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
        for (Path descriptor : descriptors) {
          if (isOf(store, descriptor)) {
            storeFiles++;
          } else {
            others++;
          }
        }
      }
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      return new Use(heap, others, storeFiles, threads);
    }

    private static boolean isOf(Path store, Path descriptor) throws IOException {
      try {
        return Files.readSymbolicLink(descriptor).startsWith(store.toRealPath());
      } catch (NoSuchFileException e) {
        return false; // it was closed meanwhile, as that of the listing itself will be
      }
    }

    static Use highest(List<Use> uses) {
      return new Use(
          uses.stream().mapToLong(Use::heapBytes).max().orElseThrow(),
          uses.stream().mapToLong(Use::descriptors).max().orElseThrow(),
          uses.stream().mapToLong(Use::storeFiles).max().orElseThrow(),
          uses.stream().mapToLong(Use::threads).max().orElseThrow());
    }
  }

  @Test
  @DisplayName("F13: nothing grows")
  void f13_longRun_usesNoMoreThanAShortOne() throws IOException {
    Report report = new Report("f13-steady", seed);
    List<Use> uses = new ArrayList<>();
    long entries = 0;
    for (int period = 0; period < PERIODS; period++) {
      try (SharedLog log = EmbeddedLog.builder(directory).cacheBytesMax(1 << 20).open()) {
        uses.add(runFor(Duration.ofSeconds(SECONDS).dividedBy(PERIODS), log));
        entries = log.tail().join().value();
      }
    }
    Use early = Use.highest(uses.subList(PERIODS / 4, PERIODS / 2));
    Use late = Use.highest(uses.subList(3 * PERIODS / 4, PERIODS));
    long bytes = size(directory);

    assertThat(heard).as("changes told to listeners").hasPositiveValue();
    assertThat((double) late.heapBytes).as("heap").isLessThan(GROWTH_MAX * early.heapBytes);
    assertThat((double) late.descriptors)
        .as("descriptors")
        .isLessThan(GROWTH_MAX * early.descriptors);
    assertThat(late.storeFiles).isLessThan(STORE_FILES_MAX);
    assertThat((double) late.threads).as("threads").isLessThan(GROWTH_MAX * early.threads);
    assertThat(bytes).isLessThan(DIRECTORY_BYTES_MAX + entries * ENTRY_BYTES_MAX);
    report
        .put("calls", calls)
        .put("entries", entries)
        .put("heapBytesEarly", early.heapBytes)
        .put("heapBytesLate", late.heapBytes)
        .put("descriptorsEarly", early.descriptors)
        .put("descriptorsLate", late.descriptors)
        .put("openStoreFiles", late.storeFiles)
        .put("threadsEarly", early.threads)
        .put("threadsLate", late.threads)
        .put("directoryBytes", bytes)
        .write();
  }

  private Use runFor(Duration duration, SharedLog log) throws IOException {
    List<Milonga> clients = new ArrayList<>();
    List<CalledObjects> objects = new ArrayList<>();
    ToldHistory history = new ToldHistory(0, line -> {});
    ToldHistory.Client client = history.client();
    for (int c = 0; c < CLIENTS; c++) {
      clients.add(Milonga.over(log));
      objects.add(new CalledObjects(clients.get(c)));
    }
    Milonga store = clients.get(0);
    var counter = store.counter("counter");
    Subscription listening = store.onChange(counter, change -> heard.incrementAndGet());
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      CalledObjects at = objects.get(random.nextInt(CLIENTS));
      switch (random.nextInt(8)) {
        case 0 ->
            store.transact(
                () -> {
                  objects.get(0).call(client, random, unique.incrementAndGet());
                  objects.get(0).call(client, random, unique.incrementAndGet());
                });
        case 1 -> store.<Long>snapshot(counter::get);
        default -> at.call(client, random, unique.incrementAndGet());
      }
      if (++calls % CALLS_PER_PASSING_CLIENT == 0) {
        assertThat(store.history(counter).limit(20)).isNotEmpty();
        try (Milonga passing = Milonga.over(log)) {
          passing.counter("counter").addAndGet(1);
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Use use = Use.now(directory);
    listening.close();
    clients.forEach(Milonga::close);
    return use;
  }

  private static long size(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
