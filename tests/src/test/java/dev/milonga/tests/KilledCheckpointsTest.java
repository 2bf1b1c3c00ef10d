package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.record.Record;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F3, F11, C1, C6: a process that writes, and checkpoints and trims all the time, dies at each
 * named step of a checkpoint and a trim, again and again in one store; {@code
 * -Dmilonga.checkpoint.kills=…} says how often. After each death nothing that it told of is
 * missing, and nothing is there twice.
 */
class KilledCheckpointsTest {

  private static final int KILLS = Numbers.of("milonga.checkpoint.kills", 6, 120);
  private static final int WRITERS = 2;

  /** Where it dies. */
  enum Step {
    CHUNK_SENT,
    CHUNK_ANSWERED,
    END_SENT,
    END_ANSWERED,
    TRIM_SENT,
    TRIM_ANSWERED
  }

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private final Queue<Child> children = new ArrayDeque<>(); // not yet let go
  private final Map<String, Integer> told = new HashMap<>();
  private long mark;

  @TempDir private Path directory;

  @AfterEach
  void endChildren() {
    children.forEach(Child::close);
  }

  @Test
  @DisplayName("F3: at every named step of a checkpoint and a trim")
  void f3_deathAtEveryStepOfCheckpointAndTrim_losesNothing() {
    Report report = new Report("f3-checkpoints", seed);
    start(0);
    for (int kill = 0; kill < KILLS; kill++) {
      if (kill + 1 < KILLS) {
        start(kill + 1); // gets ready meanwhile
      }
      letDie(children.remove());
      check();
    }

    assertThat(mark).isPositive();
    report.put("kills", KILLS).put("trimMark", mark).put("lost", 0).write();
  }

  private void start(int kill) {
    Step step = Step.values()[kill % Step.values().length];
    children.add(Child.start(Dying.class, directory.resolve("store"), step, 1 + random.nextInt(9)));
  }

  private void letDie(Child child) {
    try (child) {
      child.go();
      for (String line : child.awaitEnd()) {
        String[] words = line.split(" ");
        if (words[0].equals("mark")) {
          mark = Math.max(mark, Long.parseLong(words[1]));
        } else {
          told.put(words[0], Integer.parseInt(words[1]));
        }
      }
    }
  }

  private void check() {
    try (Milonga store = Milonga.open(directory.resolve("store"))) {
      long trimmed = store.log().trimMark().join().value();
      assertThat(trimmed).isGreaterThanOrEqualTo(mark);
      mark = trimmed;
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      List<String> tangle = store.object(Tangle.class, "tangle").everything();
      for (int writer = 0; writer < WRITERS; writer++) {
        String key = "w" + writer;
        int last = told.getOrDefault(key, 0);
        int stored = map.getOrDefault(key, 0);
        assertThat(stored).as(key).isBetween(last, last + 1); // one may not have been told of
        int touched = weight(tangle, key);
        assertThat(touched).as("touches of %s", key).isBetween(stored - 1, stored);
        told.put(key, stored);
      }
    }
  }

  static int weight(List<String> tangle, String key) {
    return tangle.stream()
        .filter(each -> each.startsWith(key + "="))
        .mapToInt(each -> Integer.parseInt(each.substring(key.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** The process that dies. */
  static final class Dying {

    public static void main(String[] arguments) throws Exception {
      Step dyingAt = Step.valueOf(arguments[1]);
      AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[2]));
      ChildPipe pipe = ChildPipe.open();
      SharedLog log =
          new SteppingThrough(
              EmbeddedLog.open(Path.of(arguments[0])),
              step -> {
                if (step == dyingAt && left.decrementAndGet() == 0) {
                  ChildPipe.halt();
                }
              });
      Milonga store = Milonga.over(log);
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      Tangle tangle = store.object(Tangle.class, "tangle");
      for (int writer = 0; writer < WRITERS; writer++) {
        String key = "w" + writer;
        new Thread(() -> write(map, tangle, key, pipe)).start();
      }
      while (true) {
        store.checkpointer().checkpoint();
        pipe.tell("mark " + store.checkpointer().trim().mark());
      }
    }

    // First what may be missing of the last time.
    private static void write(
        ReplicatedMap<String, Integer> map, Tangle tangle, String key, ChildPipe pipe) {
      int value = map.getOrDefault(key, 0);
      while (weight(tangle.everything(), key) < value) {
        tangle.touch(key, 1);
      }
      while (true) {
        value++;
        map.put(key, value);
        pipe.tell(key + " " + value);
        tangle.touch(key, 1);
      }
    }
  }

  /** A log that says what is being done to it. */
  private static final class SteppingThrough extends DelegatingLog {

    private final Consumer<Step> steps;

    SteppingThrough(SharedLog behind, Consumer<Step> steps) {
      super(behind);
      this.steps = steps;
    }

    @Override
    public CompletableFuture<LogPosition> append(AppendRequest request) {
      Record record = record(request);
      if (!record.hasChunk() && !record.hasEnd()) {
        return super.append(request);
      }
      steps.accept(record.hasChunk() ? Step.CHUNK_SENT : Step.END_SENT);
      return super.append(request)
          .whenComplete(
              (position, failure) ->
                  steps.accept(record.hasChunk() ? Step.CHUNK_ANSWERED : Step.END_ANSWERED));
    }

    private static Record record(AppendRequest request) {
      try {
        return Record.parseFrom(request.payload().toByteArray());
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError("only records are written here", e);
      }
    }

    @Override
    public CompletableFuture<LogPosition> trim(LogPosition before) {
      steps.accept(Step.TRIM_SENT);
      return super.trim(before).whenComplete((mark, failure) -> steps.accept(Step.TRIM_ANSWERED));
    }
  }
}
