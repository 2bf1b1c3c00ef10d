package dev.milonga.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.Checkpoint;
import dev.milonga.runtime.TrimLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TrimPlanTest {

  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final TrimLedger.Retention ONE = new TrimLedger.Retention(1, Duration.ZERO);

  /** An object first written at 10, checkpointed at those positions, a minute after each other. */
  private static TrimPlan.Subject object(String name, long... upTo) {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (int i = 0; i < upTo.length; i++) {
      Instant time = NOW.minus(Duration.ofMinutes(upTo.length - 1 - i));
      checkpoints.add(checkpoint(name, upTo[i], Math.min(10, upTo[i]), time));
    }
    return new TrimPlan.Subject(name, checkpoints, Optional.empty());
  }

  private static Checkpoint checkpoint(String name, long upTo, long writtenFrom, Instant time) {
    return new Checkpoint(
        StreamId.named(name),
        new LogPosition(upTo),
        new LogPosition(upTo),
        new LogPosition(upTo + 1),
        1,
        100,
        1,
        0,
        new LogPosition(writtenFrom),
        time);
  }

  private static TrimLedger.Standing standing(long mark, long held) {
    return new TrimLedger.Standing(
        mark, held, held == Long.MAX_VALUE ? "" : "a lease", Optional.empty(), NOW, 0);
  }

  private static TrimPlan plan(
      TrimLedger.Retention retention, TrimLedger.Standing standing, TrimPlan.Subject... objects) {
    return TrimPlan.of(List.of(objects), retention, standing, new LogPosition(1_000));
  }

  private static TrimPlan expected(long mark, String heldBackBy) {
    return new TrimPlan(new LogPosition(mark), heldBackBy);
  }

  @Example
  void objectWithTheOldestCheckpoint_holdsTheMark() {
    assertThat(
            plan(
                ONE,
                standing(0, Long.MAX_VALUE),
                object("a", 100, 300),
                object("b", 100, 200),
                object("c", 300)))
        .isEqualTo(expected(200, "object \"b\""));
  }

  @Example
  void objectWithoutCheckpoint_keepsItsFirstEntry() {
    TrimPlan.Subject fresh =
        new TrimPlan.Subject("fresh", List.of(), Optional.of(new LogPosition(150)));
    TrimPlan.Subject never = new TrimPlan.Subject("never", List.of(), Optional.empty());

    assertThat(plan(ONE, standing(0, Long.MAX_VALUE), object("a", 300), fresh, never))
        .isEqualTo(expected(150, "object \"fresh\""));
    assertThat(plan(ONE, standing(0, Long.MAX_VALUE), never).mark())
        .isEqualTo(new LogPosition(1_000));
  }

  @Example
  void retentionByCount_goesBackThatManyCheckpoints() {
    TrimLedger.Retention two = new TrimLedger.Retention(2, Duration.ZERO);

    assertThat(plan(two, standing(0, Long.MAX_VALUE), object("a", 100, 200, 300)).mark().value())
        .isEqualTo(200);
    assertThat(plan(two, standing(0, Long.MAX_VALUE), object("a", 300)).mark().value())
        .isEqualTo(10); // all of it
    assertThat(plan(two, standing(50, Long.MAX_VALUE), object("a", 300)).mark().value())
        .isEqualTo(50); // all that is left of it
  }

  @Example
  void retentionByTime_keepsWhatIsNotOlder() {
    TrimLedger.Retention minute = new TrimLedger.Retention(1, Duration.ofSeconds(90));

    assertThat(plan(minute, standing(0, Long.MAX_VALUE), object("a", 100, 200, 300)).mark().value())
        .isEqualTo(100);
  }

  @Example
  void lease_isRoundedDownToACheckpoint() {
    assertThat(plan(ONE, standing(0, 250), object("a", 100, 200, 300)))
        .isEqualTo(expected(200, "object \"a\""));
    assertThat(plan(ONE, standing(40, 50), object("a", 100, 200, 300)))
        .isEqualTo(expected(40, "object \"a\""));
    assertThat(plan(ONE, standing(0, 250))).isEqualTo(expected(250, "a lease"));
  }

  /** What eight checkpoints of all objects leave in a log, where not each has got each. */
  record World(List<TrimPlan.Subject> objects) {}

  @Provide
  Arbitrary<World> worlds() {
    Arbitrary<Integer> writtenFrom = Arbitraries.integers().between(0, 90);
    Arbitrary<Integer> completed = Arbitraries.integers().between(0, (1 << 8) - 1);
    Arbitrary<TrimPlan.Subject> object =
        Combinators.combine(writtenFrom, completed).as(TrimPlanTest::subject);
    return object.list().ofMaxSize(6).map(World::new);
  }

  // Cycle i stands for 10 * (i + 1); bit i says whether the object's checkpoint was completed.
  private static TrimPlan.Subject subject(int writtenFrom, int completed) {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      long upTo = 10L * (i + 1);
      if ((completed & 1 << i) != 0) {
        Instant time = NOW.minus(Duration.ofMinutes(8 - i));
        checkpoints.add(checkpoint("o", upTo, Math.min(writtenFrom, upTo), time));
      }
    }
    return new TrimPlan.Subject(
        "o",
        checkpoints,
        checkpoints.isEmpty() ? Optional.of(new LogPosition(writtenFrom)) : Optional.empty());
  }

  @Property(tries = 2_000)
  void afterAnyTrims_everyObjectCanBeLoadedAndWhatIsRetainedIsThere(
      @ForAll("worlds") World world,
      @ForAll("retentions") List<TrimLedger.Retention> retentions,
      @ForAll("holds") List<Long> holds) {
    long mark = 0;
    for (int i = 0; i < retentions.size(); i++) {
      TrimLedger.Retention retention = retentions.get(i);
      long held = Math.max(mark, holds.get(i));

      TrimPlan plan =
          TrimPlan.of(
              left(world.objects, mark), retention, standing(mark, held), new LogPosition(100));

      long next = plan.mark().value();
      assertThat(next).isBetween(mark, Math.min(held, 100));
      for (TrimPlan.Subject each : world.objects) {
        assertLoadable(each, next);
        if (next > mark && firstEntry(each) < next) {
          assertRetained(each, mark, next, retention);
        }
      }
      mark = next;
    }
  }

  // What is found in a log that was trimmed there.
  private static List<TrimPlan.Subject> left(List<TrimPlan.Subject> objects, long mark) {
    return objects.stream()
        .map(
            each ->
                new TrimPlan.Subject(
                    each.name(),
                    each.checkpoints().stream()
                        .filter(checkpoint -> checkpoint.upTo().value() >= mark)
                        .toList(),
                    each.firstEntry()))
        .toList();
  }

  // From a checkpoint that stands for no less than the mark, or from all its entries.
  private static void assertLoadable(TrimPlan.Subject object, long mark) {
    boolean hasCheckpoint =
        object.checkpoints().stream().anyMatch(each -> each.upTo().value() >= mark);
    assertThat(hasCheckpoint || firstEntry(object) >= mark).isTrue();
  }

  private static long firstEntry(TrimPlan.Subject object) {
    return object.checkpoints().isEmpty()
        ? object.firstEntry().orElseThrow().value()
        : object.checkpoints().get(object.checkpoints().size() - 1).writtenFrom().value();
  }

  private static void assertRetained(
      TrimPlan.Subject object, long before, long mark, TrimLedger.Retention retention) {
    List<Checkpoint> left =
        object.checkpoints().stream().filter(each -> each.upTo().value() >= before).toList();
    long kept = left.stream().filter(each -> each.upTo().value() >= mark).count();
    assertThat(kept).isGreaterThanOrEqualTo(Math.min(retention.checkpoints(), left.size()));
    // No entry below the end of a checkpoint is newer than that: what is younger is all kept.
    left.stream()
        .filter(each -> each.upTo().value() == mark)
        .forEach(each -> assertThat(each.time()).isBeforeOrEqualTo(NOW.minus(retention.time())));
  }

  @Provide
  Arbitrary<List<TrimLedger.Retention>> retentions() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().between(0, 10).map(Duration::ofMinutes))
        .as(TrimLedger.Retention::new)
        .list()
        .ofSize(3);
  }

  @Provide
  Arbitrary<List<Long>> holds() {
    return Arbitraries.oneOf(Arbitraries.longs().between(0, 110), Arbitraries.just(Long.MAX_VALUE))
        .list()
        .ofSize(3);
  }
}
