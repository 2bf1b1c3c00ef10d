package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.EmbeddedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * L5, F4: a file system that is full, at whatever the store happens to write then, and has room
 * again. {@code -Dmilonga.f4.rounds=…} says how often on each kind of file system.
 */
@Timeout(1_800)
class FullDiskTest {

  private static final int ROUNDS = Numbers.of("milonga.f4.rounds", 1, 20);
  private static final int DISK_MEBIBYTES = 600;
  private static final int ENTRIES_KEPT = 1_000; // of 100,000 bytes
  private static final long USED_MEBIBYTES_MAX = 100 + 200; // by those, and beside them
  private static final int TIMES_GONE_ON_MAX = 5;
  // What is promised; in a build, which may share the machine with others, only that it ends.
  private static final Duration WITHIN = Duration.ofSeconds(Numbers.soak() ? 5 : 60);

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private long usedWhenEmpty; // bytes
  private long usedMax; // by the store, when there was room again

  @ParameterizedTest(name = "{0}")
  @EnumSource(Disk.Kind.class)
  @DisplayName("L5, F4: the disk is full, and has room again")
  void l5_fullDisk_typedErrorReadsGoOnNothingIsLost(Disk.Kind kind) throws Exception {
    Report report = new Report("f4-full-disk-" + kind, seed);
    long appended;
    int unknown;
    long slowest;
    try (Disk disk = Disk.mount(kind, DISK_MEBIBYTES)) {
      usedWhenEmpty = disk.used();
      List<Appender> appenders = new ArrayList<>();
      try (SharedLog log = EmbeddedLog.builder(disk.store()).cacheBytesMax(1 << 20).open()) {
        for (int i = 0; i < 4; i++) {
          appenders.add(new Appender(log, i));
        }
        for (int round = 0; round < ROUNDS; round++) {
          fillAndMakeRoom(disk, log, appenders);
        }
        appenders.forEach(Appender::stop);
        assertHolds(log, appenders);
      }
      try (SharedLog log = EmbeddedLog.open(disk.store())) {
        assertHolds(log, appenders);
      }
      appended = appenders.stream().mapToLong(a -> a.acknowledged.get()).sum();
      unknown = appenders.stream().mapToInt(a -> a.failures.get()).sum();
      slowest = appenders.stream().mapToLong(a -> a.slowestFailureNanos.get()).max().orElseThrow();
    }

    assertThat(Duration.ofNanos(slowest)).isLessThan(WITHIN);
    report
        .put("timesFull", ROUNDS)
        .put("acknowledged", appended)
        .put("lost", 0)
        .put("callsThatFailed", unknown)
        .put("usedMebibytesMax", usedMax >> 20)
        .put("slowestFailureMillis", Duration.ofNanos(slowest).toMillis())
        .write();
  }

  private void fillAndMakeRoom(Disk disk, SharedLog log, List<Appender> appenders)
      throws IOException {
    disk.leave(5 + random.nextInt(60));
    appenders.forEach(Appender::goOn);
    await("the disk is full")
        .atMost(Duration.ofSeconds(120))
        .until(() -> appenders.stream().allMatch(Appender::isFailing));

    boolean stands = false;
    for (int i = 0; i < TIMES_GONE_ON_MAX && !stands; i++) {
      disk.fill();
      stands = readsWhileItStands(log);
    }
    assertThat(stands).as("nothing that failed is shown").isTrue();

    // However long this thread takes to notice, they do not fill what is given back.
    appenders.forEach(Appender::pauseOnceItWorks);
    disk.makeRoom();
    await("appends work again")
        .atMost(Duration.ofSeconds(120))
        .until(() -> appenders.stream().allMatch(Appender::isPaused));
    usedMax = Math.max(usedMax, disk.used() - usedWhenEmpty);
    LogPosition end = log.tail().join();
    log.trim(new LogPosition(end.value() - Math.min(end.value(), ENTRIES_KEPT))).join();
    await("what was trimmed is given back")
        .atMost(Duration.ofSeconds(120))
        .until(() -> disk.used() - usedWhenEmpty < USED_MEBIBYTES_MAX << 20);
  }

  /**
   * Reads entries. Returns whether the tail has stayed where it was: it may move if the database
   * has just deleted a file of its own, and the log has gone on for a moment.
   */
  private boolean readsWhileItStands(SharedLog log) {
    LogPosition tail = log.tail().join();
    for (int i = 0; i < 20; i++) {
      long from = log.trimMark().join().value();
      LogPosition at = new LogPosition(from + (long) (random.nextDouble() * (tail.value() - from)));
      ReadBatch read =
          log.readAll(at, ReadLimit.entries(10))
              .orTimeout(WITHIN.toMillis(), TimeUnit.MILLISECONDS)
              .join();
      assertThat(read.entries().get(0).position()).isEqualTo(at);
    }
    return log.tail().join().equals(tail);
  }

  private static void assertHolds(SharedLog log, List<Appender> appenders) {
    long[] next = new long[appenders.size()];
    Arrays.fill(next, -1);
    LogPosition from = log.trimMark().join();
    long tail = log.tail().join().value();
    while (from.value() < tail) {
      ReadBatch batch = log.readAll(from, ReadLimit.DEFAULT).join();
      for (LogEntry entry : batch.entries()) {
        ByteBuffer in = entry.payload().asBuffer();
        int number = in.getInt();
        long sequence = in.getLong();
        if (next[number] >= 0) {
          assertThat(sequence).as("each once, in order").isEqualTo(next[number]);
        }
        next[number] = sequence + 1;
        assertThat(appenders.get(number).positions)
            .containsEntry(sequence, entry.position().value());
      }
      from = batch.next();
    }
    for (Appender appender : appenders) {
      assertThat(next[appender.number]).isEqualTo(appender.acknowledged.get());
    }
  }

  /** Appends without end; sends again what has failed, and so every entry is there once. */
  private static final class Appender {

    final int number;
    final AtomicLong acknowledged = new AtomicLong();
    final ConcurrentHashMap<Long, Long> positions = new ConcurrentHashMap<>();
    final AtomicInteger failures = new AtomicInteger();
    final AtomicLong slowestFailureNanos = new AtomicLong();
    private final SharedLog log;
    private final SessionId session;
    private final Thread thread;
    private final AtomicBoolean failing = new AtomicBoolean();
    private volatile boolean paused = true;
    private volatile boolean stopped;
    private volatile boolean idle;
    private volatile Throwable broken;

    Appender(SharedLog log, int number) {
      this.log = log;
      this.number = number;
      this.session = log.openSession().join();
      this.thread = new Thread(this::run, "appender-" + number);
      thread.start();
    }

    boolean isFailing() {
      assertThat(broken).isNull();
      return failing.get();
    }

    void goOn() {
      paused = false;
      LockSupport.unpark(thread);
    }

    void pauseOnceItWorks() {
      paused = true;
    }

    boolean isPaused() {
      assertThat(broken).isNull();
      return idle;
    }

    void stop() {
      stopped = true;
      goOn();
      await().atMost(Duration.ofSeconds(60)).until(() -> !thread.isAlive());
      assertThat(broken).isNull();
    }

    private void run() {
      Random random = new Random(number);
      try {
        for (long sequence = 0; ; sequence++) {
          while (paused && !stopped) {
            idle = true;
            LockSupport.park(this);
          }
          idle = false;
          if (stopped) {
            return;
          }
          AppendRequest request = request(sequence, random);
          while (!isAppended(request, sequence)) {
            LockSupport.parkNanos(20_000_000);
          }
        }
      } catch (Throwable t) {
        broken = t;
      }
    }

    private boolean isAppended(AppendRequest request, long sequence) {
      long began = System.nanoTime();
      try {
        long position = log.append(request).join().value();
        positions.put(sequence, position);
        acknowledged.set(sequence + 1);
        failing.set(false);
        return true;
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof LogUnavailableException)) {
          throw e;
        }
        slowestFailureNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
        failures.incrementAndGet();
        failing.set(true);
        return false;
      }
    }

    private AppendRequest request(long sequence, Random random) {
      byte[] bytes = new byte[Integer.BYTES + Long.BYTES + random.nextInt(200_000)];
      random.nextBytes(bytes);
      ByteBuffer.wrap(bytes).putInt(number).putLong(sequence);
      return AppendRequest.builder(Payload.wrap(bytes))
          .write(StreamKeys.whole(new StreamId(0, number)))
          .requestId(new RequestId(session, sequence, sequence))
          .build();
    }
  }

  @Test
  @DisplayName("L5: an object on a full disk")
  void l5_objectOnAFullDisk_isReadAndLaterWrittenAgain() throws Exception {
    try (Disk disk = Disk.mount(Disk.Kind.TMPFS, 160);
        Milonga store = Milonga.open(disk.store())) {
      ReplicatedMap<String, byte[]> map = store.map("map", String.class, byte[].class);
      map.put("before", new byte[] {1});

      disk.leave(2);
      assertThatThrownBy(
              () -> {
                for (int i = 0; ; i++) {
                  map.put("large", randomBytes(500_000));
                }
              })
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("there is room again");
      assertThat(map.get("before")).containsExactly(1);
      disk.makeRoom();

      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsInstanceOf(LogUnavailableException.class)
          .until(
              () -> {
                map.put("after", new byte[] {2});
                return true;
              });
      assertThat(map.get("before")).containsExactly(1);
      assertThat(map.get("after")).containsExactly(2);
    }
  }

  private byte[] randomBytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }
}
