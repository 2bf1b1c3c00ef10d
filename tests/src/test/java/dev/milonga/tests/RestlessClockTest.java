package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F8: a wall clock that is up to an hour wrong, either way, or runs five times as fast. */
@Timeout(600)
class RestlessClockTest {

  private static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");
  private static final Duration AN_HOUR = Duration.ofHours(1);
  private static final int STEPS = Numbers.of("milonga.f8.steps", 400, 8_000);
  private static final int CHILD_SECONDS = Numbers.of("milonga.f8.seconds", 4, 60);
  private static final int SESSIONS = 5;
  private static final List<String> CLOCKS = List.of("+3600", "-3600", "+0 x5", "+0");
  private static final long JUMP_NANOS = 1_200_000_000;

  private final long seed = Numbers.seed();

  @EveryLog
  @DisplayName("F8: a clock that is wrong changes no verdict")
  void f8_wrongClock_changesNoVerdict(LogKind kind, @TempDir Path directory) {
    System.out.println("milonga.seed=" + seed);
    List<String> steady = run(kind, directory.resolve("steady"), Duration.ZERO, 1);
    List<String> wrong = run(kind, directory.resolve("wrong"), AN_HOUR, 1);
    List<String> fast = run(kind, directory.resolve("fast"), Duration.ZERO, 5);

    assertThat(steady).anyMatch(line -> line.contains("ConflictException"));
    assertThat(steady).noneMatch(line -> line.contains("SessionExpired"));
    assertThat(wrong).isEqualTo(steady);
    assertThat(fast).isEqualTo(steady);
  }

  /** The same requests each time, drawn from the seed, and what came of each. */
  private List<String> run(LogKind kind, Path directory, Duration wrongBy, int rate) {
    SettableClock clock = new SettableClock(BEGIN);
    Random random = new Random(seed);
    Random drift = new Random(~seed);
    List<String> verdicts = new ArrayList<>();
    try (SharedLog log = kind.open(directory, clock, Durability.ASYNC)) {
      Duration passed = Duration.ZERO;
      List<SessionId> sessions = new ArrayList<>();
      List<AppendRequest> sent = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        sessions.add(log.openSession().join());
      }
      for (int step = 0; step < STEPS; step++) {
        passed = passed.plusMillis(random.nextInt(2_000));
        Duration off = wrongBy.multipliedBy(drift.nextInt(2_001) - 1_000).dividedBy(1_000);
        clock.set(BEGIN.plus(passed.multipliedBy(rate)).plus(off));
        boolean again = !sent.isEmpty() && random.nextInt(5) == 0;
        AppendRequest request =
            again
                ? sent.get(random.nextInt(sent.size()))
                : request(random, sessions.get(random.nextInt(SESSIONS)), step, log);
        sent.add(request);
        verdicts.add(step + " " + verdict(log, request));
      }
      assertThat(isMonotone(log)).isTrue();
    }
    return verdicts;
  }

  private static AppendRequest request(Random random, SessionId session, int step, SharedLog log) {
    StreamKeys keys = StreamKeys.keys(new StreamId(0, random.nextInt(3)), random.nextInt(20));
    AppendRequest.Builder request =
        AppendRequest.builder(Payload.wrap(("" + step).getBytes()))
            .write(keys)
            .requestId(new RequestId(session, step, 0));
    if (random.nextBoolean()) {
      long tail = log.tail().join().value();
      LogPosition snapshot = new LogPosition(Math.max(0, tail - random.nextInt(20)));
      request.condition(new AppendCondition(snapshot, List.of(keys)));
    }
    return request.build();
  }

  private static String verdict(SharedLog log, AppendRequest request) {
    try {
      return "at " + log.append(request).join();
    } catch (CompletionException e) {
      return e.getCause().toString();
    }
  }

  private static boolean isMonotone(SharedLog log) {
    long before = Long.MIN_VALUE;
    LogPosition from = LogPosition.FIRST;
    while (true) {
      ReadBatch batch = log.readAll(from, ReadLimit.DEFAULT).join();
      if (batch.entries().isEmpty()) {
        return !from.equals(LogPosition.FIRST);
      }
      for (LogEntry entry : batch.entries()) {
        if (entry.timeMicros() < before) {
          return false;
        }
        before = entry.timeMicros();
      }
      from = batch.next();
    }
  }

  @Test
  @DisplayName("F8: a process whose wall clock jumps by an hour, and runs five times as fast")
  void f8_processWithAWrongClock_worksAsAnyOther(@TempDir Path directory) throws Exception {
    Tools.need("faketime", "--version");
    Report report = new Report("f8-wall-clock", seed);
    Path offset = Files.writeString(directory.resolve("offset"), "+0");
    List<String> under =
        List.of(
            "env",
            "FAKETIME_TIMESTAMP_FILE=" + offset,
            "FAKETIME_CACHE_DURATION=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "FAKETIME_FORCE_MONOTONIC_FIX=0", // else the waits of the Java machine take seconds
            "LD_PRELOAD=" + library());
    long begin = Instant.now().getEpochSecond() / 1_800;
    int jumps = 0;
    List<String> told;
    try (Child child = Child.start(under, Working.class, directory.resolve("store"))) {
      child.go();
      child.await(line -> line.startsWith("done"));
      long end = System.nanoTime() + CHILD_SECONDS * 1_000_000_000L;
      while (System.nanoTime() < end && child.isAlive()) {
        String clock = CLOCKS.get(jumps % CLOCKS.size());
        set(offset, clock);
        jumps++;
        LockSupport.parkNanos(JUMP_NANOS); // it looks once a second
      }
      set(offset, "+3600"); // on a busy machine it may have slept through all of them
      child.await(line -> line.startsWith("done") && halfHour(line) >= begin + 2);
      told = child.kill();
    }
    long calls = told.stream().filter(line -> line.startsWith("done")).count();
    long hours =
        told.stream()
            .filter(line -> line.startsWith("done"))
            .mapToLong(RestlessClockTest::halfHour)
            .distinct()
            .count();

    assertThat(told).as("told").noneMatch(line -> line.startsWith("wrong"));
    assertThat(hours).as("half hours that the process has seen").isGreaterThan(1);
    try (SharedLog log = EmbeddedLog.open(directory.resolve("store"));
        Milonga store = Milonga.over(log)) {
      assertThat(store.counter("calls").get()).isBetween(calls, calls + 1);
      assertThat(isMonotone(log)).isTrue();
    }
    report.put("jumps", jumps).put("calls", calls).put("wrongOrRefused", 0).write();
  }

  private static void set(Path offset, String clock) throws IOException {
    Path next = Files.writeString(offset.resolveSibling("next"), clock);
    Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE);
  }

  private static long halfHour(String line) {
    return Instant.parse(line.split(" ")[1]).getEpochSecond() / 1_800;
  }

  private static String library() throws IOException {
    try (var found = Files.find(Path.of("/usr/lib"), 4, (file, a) -> file.endsWith(LIBRARY))) {
      Path library = found.findFirst().orElse(null);
      if (library == null) {
        Tools.missing("there is no " + LIBRARY + " (package libfaketime)");
      }
      return String.valueOf(library);
    }
  }

  private static final String LIBRARY = "libfaketime.so.1";

  /** The process with the clock: transactions, each of which it knows the outcome of. */
  static final class Working {

    public static void main(String[] arguments) throws IOException {
      ChildPipe pipe = ChildPipe.open();
      try (Milonga store = Milonga.open(Path.of(arguments[0]))) {
        ReplicatedCounter calls = store.counter("calls");
        ReplicatedMap<String, Long> map = store.map("map", String.class, Long.class);
        pipe.tell("open");
        for (long call = 0; ; call++) {
          long n = call;
          String before =
              store.transact(
                  () -> {
                    calls.add(1);
                    Long last = map.put("n", n);
                    return String.valueOf(last);
                  });
          boolean right = before.equals(call == 0 ? "null" : "" + (call - 1));
          pipe.tell((right ? "done " : "wrong " + before + " ") + Instant.now());
        }
      } catch (Throwable t) {
        pipe.tell("wrong " + t);
      }
    }
  }
}
