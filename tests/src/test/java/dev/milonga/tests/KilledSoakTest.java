package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.OutcomeLostException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All at once, for {@code -Dmilonga.killed-soak.seconds=…}: a process of two clients that write,
 * read, transfer, take snapshots, checkpoint and trim without a pause is killed at a random moment,
 * again and again in one store. What it told of is there, the sums are right, no call that an
 * application makes was told that something was trimmed, the trim mark never falls, and the
 * directory does not grow, however much is written.
 */
class KilledSoakTest {

  private static final int SECONDS = Numbers.of("milonga.killed-soak.seconds", 4, 600);
  private static final int LIFE_MILLIS_MAX = Math.min(8_000, SECONDS * 250); // from its first trim
  private static final int KILLS_MIN = 3;
  private static final int WRITERS = 2;
  private static final int KEYS = 50; // of each writer
  private static final int VALUE_BYTES = 1_000;
  private static final int ACCOUNTS = 8;
  private static final int EACH = 100;
  private static final long READ_NANOS = 2_000_000; // from one read to the next
  private static final double GROWTH_MAX = 1.5;
  private static final long DIRECTORY_BYTES_MAX = 64L << 20;

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private final Queue<Child> children = new ArrayDeque<>(); // not yet let go
  private final Map<String, Long> model = new HashMap<>(); // the number in each key's value
  private final Map<String, Long> underWay = new HashMap<>(); // begun, by writer, and not told of
  private long mark;
  private long calls;
  private long reads;

  @TempDir private Path directory;

  @AfterEach
  void endChildren() {
    children.forEach(Child::close);
  }

  @Test
  @DisplayName("writers, readers, transactions, checkpoints, trims and kills, all at once")
  void everythingAtOnceUnderKills_losesNothingAndTheDirectoryStaysFlat() throws IOException {
    Report report = new Report("killed-soak", seed);
    List<Long> sizes = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    start();
    do {
      start(); // gets ready meanwhile
      liveAndDie(children.remove(), Duration.ofMillis(random.nextInt(LIFE_MILLIS_MAX)));
      sizes.add(size());
      check();
    } while (sizes.size() < KILLS_MIN || System.nanoTime() < end);

    assertThat(mark).isPositive();
    assertThat(reads).isPositive();
    long early = highest(sizes.subList(0, (sizes.size() + 1) / 2));
    long late = highest(sizes.subList(sizes.size() / 2, sizes.size()));
    assertThat(late)
        .as("bytes, of which there were up to %s before", early)
        .isLessThan(Math.max(DIRECTORY_BYTES_MAX, (long) (GROWTH_MAX * early)));
    report
        .put("kills", sizes.size())
        .put("calls", calls)
        .put("reads", reads)
        .put("bytesWritten", calls * VALUE_BYTES)
        .put("directoryBytesEarly", early)
        .put("directoryBytesLate", late)
        .put("trimMark", mark)
        .put("lost", 0)
        .put("trimmedErrors", 0)
        .write();
  }

  private void start() {
    children.add(Child.start(Living.class, directory.resolve("store"), random.nextLong()));
  }

  private void liveAndDie(Child child, Duration life) {
    try (child) {
      child.go();
      child.await(line -> line.startsWith("mark "));
      child.endsWithin(life);
      for (String line : child.kill()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "begun" -> underWay.put(words[1], Long.parseLong(words[2]));
          case "told" -> {
            model.put(words[1], Long.parseLong(words[2]));
            underWay.remove(words[1]);
            calls++;
          }
          case "mark" -> {
            long told = Long.parseLong(words[1]);
            assertThat(told).isGreaterThanOrEqualTo(mark);
            mark = told;
          }
          case "read" -> reads++;
          default -> throw new AssertionError("the child told: " + line);
        }
      }
    }
  }

  private void check() {
    try (Milonga store = openStore()) {
      long trimmed = store.log().trimMark().join().value();
      assertThat(trimmed).isGreaterThanOrEqualTo(mark);
      mark = trimmed;
      Map<String, Long> stored = new HashMap<>();
      values(store).forEach((key, value) -> stored.put(key, number(value)));
      underWay.forEach(
          (key, number) -> { // it has happened, or it has not
            if (number.equals(stored.get(key))) {
              model.put(key, number);
            }
          });
      underWay.clear();
      assertThat(stored).isEqualTo(model);
      assertSum(Map.copyOf(accounts(store)));
    }
  }

  private Milonga openStore() {
    return Milonga.builder()
        .directory(directory.resolve("store"))
        .backgroundCheckpoints(false)
        .open();
  }

  private long size() throws IOException {
    long bytes = 0;
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory.resolve("store"))) {
      files = walk.toList();
    }
    for (Path file : files) {
      try {
        bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
      } catch (NoSuchFileException e) {
        continue; // a file that a dying process had not dropped yet is as good as gone
      }
    }
    return bytes;
  }

  private static long highest(List<Long> sizes) {
    return sizes.stream().mapToLong(each -> each).max().orElseThrow();
  }

  private static ReplicatedMap<String, String> values(Milonga store) {
    return store.map("values", String.class, String.class);
  }

  private static ReplicatedMap<Integer, Integer> accounts(Milonga store) {
    return store.map("accounts", Integer.class, Integer.class);
  }

  private static void assertSum(Map<Integer, Integer> accounts) {
    int sum = accounts.values().stream().mapToInt(each -> each).sum();
    assertThat(sum).isIn(0, ACCOUNTS * EACH); // 0: killed before there were any
  }

  private static long number(String value) {
    return Long.parseLong(value.substring(0, value.indexOf(' ')));
  }

  /** The process that is killed. What goes wrong in it is told, and fails the test. */
  static final class Living {

    private final ChildPipe pipe;
    private final Random random;

    private Living(ChildPipe pipe, long seed) {
      this.pipe = pipe;
      this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws Exception {
      new Living(ChildPipe.open(), Long.parseLong(arguments[1])).live(Path.of(arguments[0]));
    }

    private void live(Path directory) {
      SharedLog log = EmbeddedLog.open(directory);
      Milonga store = Milonga.over(log);
      Milonga second = Milonga.over(log);
      for (Milonga each : List.of(store, second)) {
        values(each);
        accounts(each);
        each.object(Tangle.class, "tangle");
      }
      open(accounts(store), store);
      AtomicLong numbers = new AtomicLong(System.nanoTime());
      for (int writer = 0; writer < WRITERS; writer++) {
        String prefix = "w" + writer + "-";
        Milonga client = writer == 0 ? store : second;
        Random own = new Random(random.nextLong());
        run(() -> write(client, prefix, own, numbers));
      }
      Random own = new Random(random.nextLong());
      run(() -> transfer(second, own));
      run(() -> read(store));
      run(
          () -> {
            store.checkpointer().checkpoint();
            pipe.tell("mark " + store.checkpointer().trim().mark());
          });
    }

    private static void open(ReplicatedMap<Integer, Integer> accounts, Milonga store) {
      store.transact(
          () -> {
            for (int i = 0; i < ACCOUNTS && !accounts.containsKey(i); i++) {
              accounts.put(i, EACH);
            }
          });
    }

    private void run(Runnable turn) {
      new Thread(
              () -> {
                try {
                  while (true) {
                    turn.run();
                  }
                } catch (Throwable e) {
                  pipe.tell("failed: " + e);
                  ChildPipe.halt();
                }
              })
          .start();
    }

    private void write(Milonga store, String prefix, Random random, AtomicLong numbers) {
      String key = prefix + random.nextInt(KEYS);
      long number = numbers.incrementAndGet();
      String value = number + " " + "x".repeat(VALUE_BYTES);
      pipe.tell("begun " + key + " " + number);
      tellingOrNot(() -> values(store).put(key, value));
      pipe.tell("told " + key + " " + number);
      if (!value.equals(values(store).get(key))) {
        throw new AssertionError("another value for " + key);
      }
      tellingOrNot(() -> store.object(Tangle.class, "tangle").touch(key, 1));
    }

    // The log is trimmed to its very end all the time, here past a call of a client that is slow.
    private static void tellingOrNot(Runnable call) {
      try {
        call.run();
      } catch (OutcomeLostException e) {
        if (e.durable() != StoreException.Durable.ALL) {
          throw e;
        }
      }
    }

    private static void transfer(Milonga store, Random random) {
      ReplicatedMap<Integer, Integer> accounts = accounts(store);
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      store.transact(
          () -> {
            accounts.put(from, accounts.get(from) - 1);
            accounts.put(to, accounts.get(to) + 1);
          });
    }

    private void read(Milonga store) {
      ReplicatedMap<Integer, Integer> accounts = accounts(store);
      assertSum(Map.copyOf(accounts));
      assertSum(store.snapshot(() -> Map.copyOf(accounts)));
      store.object(Tangle.class, "tangle").everything();
      pipe.tell("read");
      LockSupport.parkNanos(READ_NANOS); // the writers are to have their turn
    }
  }
}
