package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.payload;
import static dev.milonga.log.ContractPart.positions;
import static dev.milonga.log.ContractPart.request;
import static dev.milonga.log.ContractPart.together;
import static dev.milonga.log.ContractPart.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a trim drops, and what it must not touch. */
interface TrimContract extends ContractPart {

  @Test
  default void trim_dropsWhatIsBelowAndKeepsWhatIsAt() {
    appendMany(A, 5);

    LogPosition mark = trim(2);

    assertThat(mark).isEqualTo(at(2));
    assertThat(Outcome.of(log().trimMark())).isEqualTo(at(2));
    assertThat(Outcome.of(fixture().otherClient().trimMark())).isEqualTo(at(2));
    assertThat(tail()).isEqualTo(at(5));
    assertThat(readAll(2).entries()).extracting(LogEntry::position).isEqualTo(positions(2, 5));
    assertThat(readAll(2).entries().get(0).payload()).isEqualTo(payload(2));
  }

  @Test
  default void trim_dropsAnEntryFromAllItsStreams() {
    appendTo(A, B);
    appendTo(B);
    appendTo(A, C);

    trim(1);

    assertThat(positionsIn(A)).containsExactly(at(2));
    assertThat(positionsIn(B)).containsExactly(at(1));
    assertThat(positionsIn(C)).containsExactly(at(2));
  }

  @Test
  default void trimMark_neverGoesBack() {
    appendMany(A, 5);
    trim(3);

    assertThat(trim(1)).isEqualTo(at(3));
    assertThat(trim(3)).isEqualTo(at(3));
    assertThat(trim(0)).isEqualTo(at(3));

    assertThat(Outcome.of(log().trimMark())).isEqualTo(at(3));
    assertThat(positionsIn(A)).isEqualTo(positions(3, 5));
  }

  @Test
  default void trimBeyondTheTail_isRefusedAndDropsNothing() {
    appendMany(A, 3);

    Outcome.failure(IllegalArgumentException.class, () -> log().trim(at(4)));

    assertThat(Outcome.of(log().trimMark())).isEqualTo(LogPosition.FIRST);
    assertThat(positionsIn(A)).isEqualTo(positions(0, 3));
  }

  @Test
  default void trimAtTheTail_leavesAnEmptyLogThatGoesOn() {
    appendMany(A, 3);

    assertThat(trim(3)).isEqualTo(at(3));

    assertThat(tail()).isEqualTo(at(3));
    assertThat(readAll(3)).isEqualTo(new ReadBatch(List.of(), at(3)));
    assertThat(appendTo(A)).isEqualTo(at(3));
    assertThat(positionsIn(A)).containsExactly(at(3));
  }

  @Test
  default void streamWhoseEntriesAreAllTrimmed_hasNoTail() {
    appendTo(A);
    appendTo(B);
    appendTo(A, C);

    trim(2);

    assertThat(Outcome.of(log().tail(List.of(A, B, C))))
        .isEqualTo(Map.of(A, at(3), B, LogPosition.FIRST, C, at(3)));
    appendTo(B);
    assertThat(tail(B)).isEqualTo(at(4));
  }

  @Test
  default void requestWhoseEntryIsTrimmed_isStillAnsweredOnce() {
    AppendRequest request =
        request(StreamKeys.whole(A)).requestId(new RequestId(openSession(), 0, 0)).build();
    LogPosition first = append(request);
    appendTo(B);
    trim(2);

    assertThat(append(request)).isEqualTo(first);

    assertThat(tail()).isEqualTo(at(2));
  }

  @Test
  default void writeBelowTheTrimMark_stillConflicts() {
    appendTo(B);
    appendTo(A);
    appendTo(B);
    trim(3);

    ConflictException conflict =
        Outcome.failure(
            ConflictException.class,
            () ->
                log()
                    .append(
                        request(StreamKeys.whole(B))
                            .condition(unchanged(at(1), StreamKeys.whole(A)))
                            .build()));

    assertThat(conflict.stream()).isEqualTo(A);
    assertThat(tail()).isEqualTo(at(3));
  }

  @Test
  default void conditionAtTheTrimMark_isDecidedByWhatFollows() {
    appendMany(A, 3);
    trim(3);

    append(request(StreamKeys.whole(B)).condition(unchanged(at(3), StreamKeys.whole(A))));

    assertThat(tail()).isEqualTo(at(4));
  }

  @Test
  default void trimMark_survivesARestart() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    appendMany(A, 3);
    appendTo(B);
    trim(3);

    fixture().restart();

    assertThat(Outcome.of(log().trimMark())).isEqualTo(at(3));
    assertThat(tail()).isEqualTo(at(4));
    assertThat(tail(A)).isEqualTo(LogPosition.FIRST);
    assertThat(tail(B)).isEqualTo(at(4));
    Outcome.failure(TrimmedException.class, () -> log().readAll(at(2), UNLIMITED));
    assertThat(readAll(3).entries()).hasSize(1);
  }

  @Test
  default void logTrimmedToItsTail_keepsItsTailAcrossARestart() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    appendMany(A, 3);
    trim(3);

    fixture().restart();

    assertThat(tail()).isEqualTo(at(3));
    assertThat(appendTo(A)).isEqualTo(at(3));
  }

  @Test
  @DisplayName(
      "L12 trim while readers are at every position: each goes on or gets the trimmed error")
  default void trimWhileReadersAreAtEveryPosition_eachGoesOnOrIsTold() {
    int count = 400;
    appendMany(A, count);

    List<Integer> found =
        together(
            4,
            thread -> {
              if (thread == 0) {
                for (int before = 1; before <= count; before++) {
                  trim(before);
                }
                return 0;
              }
              LogPosition next = LogPosition.FIRST;
              int entries = 0;
              while (next.value() < count) {
                Future<ReadBatch> read =
                    thread == 1
                        ? log().readAll(next, ReadLimit.entries(7))
                        : log().read(A, next, ReadLimit.entries(7));
                LogPosition asked = next;
                Object answer = batchOrMark(read);
                if (answer instanceof ReadBatch batch) {
                  assertThat(batch.entries()).isNotEmpty();
                  assertThat(batch.entries().get(0).position()).isEqualTo(asked);
                  assertThat(batch.entries())
                      .allMatch(entry -> entry.payload().equals(payload(entry.position().value())));
                  entries += batch.entries().size();
                  next = batch.next();
                } else {
                  assertThat((LogPosition) answer).isGreaterThan(asked);
                  next = (LogPosition) answer;
                }
              }
              return entries;
            });

    assertThat(found).allMatch(entries -> entries <= count);
    assertThat(Outcome.of(log().trimMark())).isEqualTo(at(count));
  }

  @Test
  default void trimsOfManyThreads_moveTheMarkOnlyForward() {
    appendMany(A, 200);

    List<Boolean> monotone =
        together(
            4,
            thread -> {
              LogPosition last = LogPosition.FIRST;
              boolean always = true;
              for (int i = 0; i <= 50; i++) {
                LogPosition mark = trim(4L * i - (i == 0 ? 0 : thread));
                always &= mark.compareTo(last) >= 0;
                last = mark;
              }
              return always;
            });

    assertThat(monotone).containsOnly(true);
    assertThat(Outcome.of(log().trimMark())).isEqualTo(at(200));
  }

  /** What a read has found, or the trim mark that it was refused with. */
  private static Object batchOrMark(Future<ReadBatch> read) {
    try {
      return Outcome.of(read);
    } catch (AssertionError e) {
      if (e.getCause() instanceof TrimmedException trimmed) {
        return trimmed.trimMark();
      }
      throw e;
    }
  }
}
