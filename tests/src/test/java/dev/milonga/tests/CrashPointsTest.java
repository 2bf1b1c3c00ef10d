package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.SteppingLog;
import dev.milonga.tests.CrashStep.Work;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F3: a process dies at each named step of making and opening a store, of an append, a transaction
 * and a trim, each {@code -Dmilonga.f3.times=…} times; of the steps, {@code -Dmilonga.f3.steps=…}
 * are drawn. A step that is never come to fails the test.
 */
class CrashPointsTest {

  private static final int TIMES = Numbers.of("milonga.f3.times", 1, 20);
  private static final int STEPS =
      Math.min(
          CrashStep.values().length, Numbers.of("milonga.f3.steps", 12, CrashStep.values().length));

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private final Queue<Child> children = new ArrayDeque<>(); // not yet let go

  @TempDir private Path directory;

  @AfterEach
  void endChildren() {
    children.forEach(Child::close);
  }

  /** One step, and what was told by the processes that have died there. */
  private final class Place {
    final CrashStep step;
    final LoadAudit entries = new LoadAudit();
    final TallyAudit tallies = new TallyAudit();
    long trimmed;

    Place(CrashStep step) {
      this.step = step;
    }

    // What is being made, or opened, anew is another store each time.
    Path store(int round) {
      return directory.resolve(step.work == Work.MAKING ? step + "-" + round : step.name());
    }
  }

  private record Run(Place place, int round) {}

  @Test
  @DisplayName("F3: at every named step")
  void f3_deathAtEveryNamedStep_losesNothingAcknowledged() {
    Report report = new Report("f3-steps", seed);
    List<CrashStep> steps = new ArrayList<>(List.of(CrashStep.values()));
    Collections.shuffle(steps, random);
    List<Place> places = steps.subList(0, STEPS).stream().map(Place::new).toList();
    List<Run> runs = new ArrayList<>();
    for (int round = 1; round <= TIMES; round++) {
      for (Place place : places) {
        runs.add(new Run(place, round));
      }
    }
    start(runs.get(0));
    for (int i = 0; i < runs.size(); i++) {
      if (i + 1 < runs.size()) {
        start(runs.get(i + 1)); // gets ready meanwhile
      }
      letDie(children.remove(), runs.get(i));
      check(runs.get(i));
    }

    report
        .put("steps", places.size())
        .put("timesEach", TIMES)
        .put("acknowledged", places.stream().mapToLong(p -> p.entries.acknowledged()).sum())
        .put("lost", 0)
        .write();
  }

  private void start(Run run) {
    CrashStep step = run.place.step;
    int time = 1 + random.nextInt(step.times);
    children.add(
        Child.start(Dying.class, run.place.store(run.round), step.name(), run.round, time));
  }

  private void letDie(Child child, Run run) {
    try (child) {
      child.go();
      List<String> lines = child.awaitEnd();
      assertThat(lines.contains("at " + run.place.step.step))
          .as("came to %s; its messages: %s", run.place.step, child.errors())
          .isTrue();
      lines.forEach(line -> note(run, line));
      run.place.tallies.killed();
    }
  }

  private static void note(Run run, String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "at" -> {}
      case "entry" ->
          run.place.entries.told(
              new LoadWriter(run.round, Integer.parseInt(words[1])),
              Long.parseLong(words[2]),
              Long.parseLong(words[3]));
      case "trimmed" -> run.place.trimmed = Math.max(run.place.trimmed, Long.parseLong(words[1]));
      case "tally" -> run.place.tallies.told(line);
      default -> throw new AssertionError("the child said: " + line);
    }
  }

  private void check(Run run) {
    Place place = run.place;
    try (SharedLog log = EmbeddedLog.open(place.store(run.round))) {
      assertThat(log.trimMark().join().value())
          .as("%s", place.step)
          .isGreaterThanOrEqualTo(place.trimmed);
      place.entries.check(log);
      if (place.step.work == Work.CALLING) {
        place.tallies.check(log);
      }
      log.append(AppendRequest.of(StreamId.named("after"), Payload.wrap(new byte[] {1}))).join();
    }
  }

  /** The process that dies. */
  static final class Dying {

    private static final int TRIM_EVERY = 40;
    private static final int KEPT = 10;

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      CrashStep step = CrashStep.valueOf(arguments[1]);
      int round = Integer.parseInt(arguments[2]);
      AtomicInteger times = new AtomicInteger(Integer.parseInt(arguments[3]));
      ChildPipe pipe = ChildPipe.open();
      if (step.work == Work.OPENING) {
        fill(directory, round, pipe);
      }
      Consumer<String> steps =
          name -> {
            if (name.equals(step.step) && times.decrementAndGet() == 0) {
              pipe.tell("at " + name);
              ChildPipe.halt();
            }
          };
      boolean fromTheStart = step.work == Work.MAKING || step.work == Work.OPENING;
      AtomicInteger opened = new AtomicInteger(fromTheStart ? 1 : 0);
      SharedLog log =
          SteppingLog.open(
              directory,
              name -> {
                if (opened.get() == 1) {
                  steps.accept(name);
                }
              });
      opened.set(1);
      SharedLog stepping = new CallSteps(log, steps);
      List<Callable<Void>> threads = new ArrayList<>();
      if (step.work == Work.CALLING) {
        threads.addAll(new Tallies(Milonga.over(stepping)).work(pipe));
      }
      if (step.work == Work.APPENDING || step.work == Work.TRIMMING) {
        threads.add(() -> write(stepping, new LoadWriter(round, 0), pipe));
        threads.add(() -> write(stepping, new LoadWriter(round, 2), pipe));
      }
      LoadWriter asynchronous = new LoadWriter(round, 1);
      threads.add(
          step.work == Work.TRIMMING
              ? () -> writeAndTrim(stepping, asynchronous, pipe)
              : () -> write(stepping, asynchronous, pipe));
      Together.callFor(threads, 1, TimeUnit.HOURS);
    }

    // Leaves the store as a process does that is killed.
    private static void fill(Path directory, int round, ChildPipe pipe) {
      SharedLog log = EmbeddedLog.open(directory);
      Load.run(log, new LoadWriter(round, 1), 100, acknowledged(pipe));
      log.close();
    }

    private static Load.Acknowledged acknowledged(ChildPipe pipe) {
      return (writer, s, position) ->
          pipe.tell("entry " + writer.number() + " " + s + " " + position.value());
    }

    private static Void write(SharedLog log, LoadWriter writer, ChildPipe pipe) {
      Load.run(log, writer, Long.MAX_VALUE, acknowledged(pipe));
      return null;
    }

    private static Void writeAndTrim(SharedLog log, LoadWriter writer, ChildPipe pipe) {
      Load.run(
          log,
          writer,
          Long.MAX_VALUE,
          (who, s, position) -> {
            acknowledged(pipe).at(who, s, position);
            if (s % TRIM_EVERY == TRIM_EVERY - 1) {
              log.trim(new LogPosition(position.value() - KEPT))
                  .thenAccept(mark -> pipe.tell("trimmed " + mark.value()));
            }
          });
      return null;
    }
  }

  /** Tells of the steps between a client and its log. */
  private static final class CallSteps extends DelegatingLog {

    private final Consumer<String> steps;

    CallSteps(SharedLog behind, Consumer<String> steps) {
      super(behind);
      this.steps = steps;
    }

    private <T> CompletableFuture<T> around(String name, Callable<CompletableFuture<T>> call) {
      steps.accept(name + ".sent");
      try {
        return call.call()
            .thenApply(
                answer -> {
                  steps.accept(name + ".answered");
                  return answer;
                });
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public CompletableFuture<LogPosition> append(AppendRequest request) {
      return around(
          request.condition().isPresent() ? "commit" : "append", () -> super.append(request));
    }

    @Override
    public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
      return around("read", () -> super.read(stream, from, limit));
    }

    @Override
    public CompletableFuture<LogPosition> trim(LogPosition before) {
      return around("trim", () -> super.trim(before));
    }
  }
}
