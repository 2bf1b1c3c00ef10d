package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.positions;
import static dev.milonga.log.ContractPart.request;
import static dev.milonga.log.ContractPart.together;
import static dev.milonga.log.ContractPart.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which conditions hold. Snapshots are recent here, so that a log that forgets old conflicts has to
 * decide like one that does not. The entry that carries a condition writes stream C.
 */
interface ConflictContract extends ContractPart {

  @ParameterizedTest(name = "{0} read, {1} written later: {2}")
  @CsvSource({
    "1, 1, conflict",
    "1, 2, none",
    "1, whole, conflict",
    "1, 2+1, conflict",
    "1, 2+3, none",
    "1+2, 2, conflict",
    "1+2, 3, none",
    "1+2, 3+4+2, conflict",
    "whole, 1, conflict",
    "whole, whole, conflict",
    "0, 0, conflict",
    "0, 1, none",
    "-1, -1, conflict",
    "-1, 1, none",
    "-9223372036854775808, -9223372036854775808, conflict",
    "-9223372036854775808, 9223372036854775807, none",
  })
  default void laterWriteOfWhatWasRead_conflicts(String read, String written, String expected) {
    appendTo(A);
    LogPosition snapshot = tail();
    append(request(new StreamKeys(A, keys(written))));

    CompletableFuture<LogPosition> append = conditional(snapshot, new StreamKeys(A, keys(read)));

    if (expected.equals("conflict")) {
      assertConflict(append, A, at(1));
    } else {
      assertThat(Outcome.of(append)).isEqualTo(at(2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "whole"})
  default void writeAtTheSnapshot_conflicts_andTheOneBelowDoesNot(String read) {
    append(request(StreamKeys.keys(A, 1)));
    append(request(StreamKeys.keys(A, 1)));
    append(request(StreamKeys.keys(A, 1)));
    StreamKeys keys = new StreamKeys(A, keys(read));

    assertConflict(conditional(at(1), keys), A, at(2));
    assertConflict(conditional(at(2), keys), A, at(2));
    assertThat(Outcome.of(conditional(at(3), keys))).isEqualTo(at(3));
  }

  @Test
  @DisplayName("T2 another key of the object was written: commit")
  default void keyBesideTheWrittenOnes_doesNotConflict() {
    LogPosition snapshot = tail();
    for (int key = 1; key < 100; key++) {
      append(request(StreamKeys.keys(A, key)));
    }

    assertThat(Outcome.of(conditional(snapshot, StreamKeys.keys(A, 100)))).isEqualTo(at(99));
  }

  @Test
  @DisplayName("T3 a write outside any transaction counts")
  default void unconditionalWrite_counts() {
    LogPosition snapshot = tail();
    LogPosition winner = append(request(StreamKeys.keys(A, 1)));

    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, winner);
  }

  @Test
  default void conditionalWrite_counts() {
    LogPosition snapshot = tail();
    LogPosition winner =
        append(
            request(StreamKeys.keys(A, 1)).condition(unchanged(snapshot, StreamKeys.keys(A, 1))));

    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, winner);
  }

  @Test
  @DisplayName("T4 a whole-object write conflicts with every keyed read")
  default void wholeObjectWrite_conflictsWithKeysNeverWritten() {
    append(request(StreamKeys.keys(A, 1)));
    LogPosition snapshot = tail();
    LogPosition winner = append(request(StreamKeys.whole(A)));
    append(request(StreamKeys.keys(A, 3)));

    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, winner);
    assertConflict(conditional(snapshot, StreamKeys.keys(A, 2)), A, winner);
  }

  @Test
  @DisplayName("T5 a whole-object read is not narrowed by a keyed read beside it")
  default void wholeObjectReadBesideAKeyedOne_isNotNarrowed() {
    LogPosition snapshot = tail();
    LogPosition winner = append(request(StreamKeys.keys(A, 9)));

    assertConflict(conditional(snapshot, StreamKeys.whole(A), StreamKeys.keys(A, 1)), A, winner);
    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1), StreamKeys.whole(A)), A, winner);
  }

  @Test
  @DisplayName("T6 reads of one stream noted apart are united")
  default void keyedReadsOfOneStream_areUnited() {
    LogPosition snapshot = tail();
    LogPosition winner = append(request(StreamKeys.keys(A, 1)));

    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1), StreamKeys.keys(A, 2)), A, winner);
    assertConflict(conditional(snapshot, StreamKeys.keys(A, 2), StreamKeys.keys(A, 1)), A, winner);
  }

  @Test
  @DisplayName("T8 the absence of a key was read and it was inserted: abort")
  default void absenceOfAKey_isReadLikeItsPresence() {
    appendTo(B);
    LogPosition snapshot = tail();

    assertThat(Outcome.of(conditional(snapshot, StreamKeys.keys(A, 1)))).isEqualTo(at(1));

    LogPosition insertion = append(request(StreamKeys.keys(A, 1)));
    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, insertion);
  }

  @Test
  default void conditionOnAStreamNeverWritten_holds() {
    appendTo(B);

    Outcome.of(conditional(LogPosition.FIRST, StreamKeys.whole(A)));

    assertThat(positionsIn(C)).containsExactly(at(1));
  }

  @Test
  default void conditionWithoutReads_holds() {
    appendTo(A);
    appendTo(C);

    assertThat(Outcome.of(conditional(LogPosition.FIRST))).isEqualTo(at(2));
  }

  @Test
  default void conditionOnSeveralStreams_failsForAnyOfThem() {
    StreamKeys[] reads = {StreamKeys.keys(A, 1), StreamKeys.whole(B), StreamKeys.keys(C, 3)};

    LogPosition before = tail();
    LogPosition inFirst = append(request(StreamKeys.keys(A, 1)));
    assertConflict(conditional(before, reads), A, inFirst);
    before = tail();
    LogPosition inSecond = append(request(StreamKeys.keys(B, 1)));
    assertConflict(conditional(before, reads), B, inSecond);
    before = tail();
    LogPosition inThird = append(request(StreamKeys.keys(C, 3)));
    assertConflict(conditional(before, reads), C, inThird);
    before = tail();
    append(request(StreamKeys.keys(A, 2), StreamKeys.keys(C, 2)));
    assertThat(Outcome.of(conditional(before, reads))).isEqualTo(at(4));
  }

  @Test
  default void writeToSeveralStreams_countsInEachWithItsKeys() {
    LogPosition snapshot = tail();
    LogPosition winner = append(request(StreamKeys.keys(A, 1), StreamKeys.keys(B, 2)));

    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, winner);
    assertConflict(conditional(snapshot, StreamKeys.keys(B, 2)), B, winner);
    Outcome.of(conditional(snapshot, StreamKeys.keys(A, 2), StreamKeys.keys(B, 1)));
  }

  @Test
  default void sameKeyOfAnotherStream_doesNotConflict() {
    LogPosition snapshot = tail();
    append(request(StreamKeys.keys(B, 1)));
    appendTo(StreamId.named("d"));

    Outcome.of(conditional(snapshot, StreamKeys.keys(A, 1)));
  }

  @Test
  default void ownWrite_isNoConflictForItself_butForTheNext() {
    LogPosition snapshot = tail();
    AppendRequest readModifyWrite =
        request(StreamKeys.keys(A, 1))
            .condition(unchanged(snapshot, StreamKeys.keys(A, 1)))
            .build();

    LogPosition first = append(readModifyWrite);

    assertThat(first).isEqualTo(LogPosition.FIRST);
    assertConflict(log().append(readModifyWrite), A, first);
    append(
        request(StreamKeys.keys(A, 1))
            .condition(unchanged(first.next(), StreamKeys.keys(A, 1)))
            .build());
    assertThat(tail()).isEqualTo(at(2));
  }

  @Test
  @DisplayName("T11 a write without reads is accepted under any contention")
  default void blindWrites_areAllAccepted() {
    for (int i = 0; i < 10; i++) {
      append(
          request(StreamKeys.keys(A, 1))
              .condition(unchanged(LogPosition.FIRST, StreamKeys.keys(A, 2))));
    }

    assertThat(positionsIn(A)).isEqualTo(positions(0, 10));
  }

  @Test
  default void rejectedAppend_leavesNothing() {
    LogPosition snapshot = tail();
    LogPosition winner = appendTo(A);

    assertConflict(
        log()
            .append(
                request(StreamKeys.keys(A, 1), StreamKeys.whole(B))
                    .condition(unchanged(snapshot, StreamKeys.whole(A)))
                    .build()),
        A,
        winner);

    assertThat(tail()).isEqualTo(winner.next());
    assertThat(readAll(0).entries()).hasSize(1);
    assertThat(positionsIn(B)).isEmpty();
    assertThat(tail(B)).isEqualTo(LogPosition.FIRST);
    // Nor does it count as a write.
    Outcome.of(conditional(snapshot, StreamKeys.whole(B)));
    Outcome.of(conditional(winner.next(), StreamKeys.keys(A, 1)));
  }

  @Test
  default void report_namesTheStreamTheKeyAndTheLastWrite() {
    LogPosition snapshot = tail();
    append(request(StreamKeys.keys(A, 1)));
    append(request(StreamKeys.whole(A)));
    append(request(StreamKeys.keys(A, 2)));
    append(request(StreamKeys.keys(A, 3)));

    ConflictException ofKey =
        assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, at(1));
    ConflictException ofOther =
        assertConflict(conditional(snapshot, StreamKeys.keys(A, 2)), A, at(2));
    ConflictException ofWhole =
        assertConflict(conditional(snapshot, StreamKeys.whole(A)), A, at(3));

    assertThat(ofKey.keyHash()).isEqualTo(OptionalLong.of(1));
    assertThat(ofOther.keyHash()).isEqualTo(OptionalLong.of(2));
    assertThat(ofWhole.keyHash()).isEmpty();
  }

  @Test
  default void report_namesTheOneKeyOfManyThatWasWritten() {
    LogPosition snapshot = tail();
    append(request(StreamKeys.keys(A, 500)));

    ConflictException conflict =
        assertConflict(
            conditional(
                snapshot,
                StreamKeys.keys(B, 500),
                StreamKeys.keys(A, IntStream.range(0, 1_000).asLongStream().toArray())),
            A,
            at(0));

    assertThat(conflict.keyHash()).isEqualTo(OptionalLong.of(500));
  }

  @Test
  default void conflicts_areDecidedInTheOrderOfAppendsNotWaitedFor() {
    AppendRequest readModifyWrite =
        request(StreamKeys.keys(A, 1))
            .condition(unchanged(LogPosition.FIRST, StreamKeys.keys(A, 1)))
            .build();

    List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      appends.add(log().append(readModifyWrite));
    }

    assertThat(Outcome.of(appends.get(0))).isEqualTo(LogPosition.FIRST);
    for (CompletableFuture<LogPosition> later : appends.subList(1, 20)) {
      assertConflict(later, A, LogPosition.FIRST);
    }
    assertThat(tail()).isEqualTo(at(1));
  }

  @Test
  @DisplayName("T9 of writers that have read the same snapshot exactly one wins")
  default void concurrentWritersOfOneSnapshot_exactlyOneIsAccepted() {
    int rounds = 25;
    int writers = 6;
    for (int round = 0; round < rounds; round++) {
      LogPosition snapshot = tail();
      AppendRequest readModifyWrite =
          request(StreamKeys.keys(A, 1))
              .condition(unchanged(snapshot, StreamKeys.keys(A, 1)))
              .build();

      List<Boolean> accepted =
          together(
              writers,
              writer ->
                  log()
                      .append(readModifyWrite)
                      .handle((position, refused) -> refused == null)
                      .get());

      assertThat(accepted).containsOnlyOnce(true);
      assertThat(tail()).isEqualTo(snapshot.next());
    }
  }

  @Test
  @DisplayName("T9 write skew: both have read x and y, one writes x and the other y")
  default void writeSkew_exactlyOneIsAccepted() {
    LogPosition snapshot = tail();
    StreamKeys[] both = {StreamKeys.keys(A, 1), StreamKeys.keys(B, 1)};

    append(request(StreamKeys.keys(A, 1)).condition(unchanged(snapshot, both)));

    assertConflict(
        log().append(request(StreamKeys.keys(B, 1)).condition(unchanged(snapshot, both)).build()),
        A,
        at(0));
  }

  @Test
  default void restart_changesNoDecision() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    append(request(StreamKeys.keys(A, 1)));
    LogPosition snapshot = tail();
    append(request(StreamKeys.keys(A, 1)));
    append(request(StreamKeys.whole(B)));
    append(request(StreamKeys.keys(B, 7)));

    fixture().restart();

    assertConflict(conditional(snapshot, StreamKeys.keys(A, 1)), A, at(1));
    assertConflict(conditional(snapshot, StreamKeys.keys(B, 8)), B, at(2));
    assertConflict(conditional(snapshot, StreamKeys.whole(B)), B, at(3));
    Outcome.of(conditional(snapshot, StreamKeys.keys(A, 2)));
    Outcome.of(conditional(at(2), StreamKeys.keys(A, 1)));
    Outcome.of(conditional(at(3), StreamKeys.keys(B, 8)));
  }

  private CompletableFuture<LogPosition> conditional(LogPosition snapshot, StreamKeys... reads) {
    return log()
        .append(request(StreamKeys.keys(C, 77)).condition(unchanged(snapshot, reads)).build());
  }

  private static ConflictException assertConflict(
      CompletableFuture<LogPosition> append, StreamId stream, LogPosition winner) {
    ConflictException conflict = Outcome.failure(ConflictException.class, () -> append);
    assertThat(conflict.reason()).isEqualTo(ConflictException.Reason.WRITTEN);
    assertThat(conflict.stream()).isEqualTo(stream);
    assertThat(conflict.winner()).contains(winner);
    assertThat(conflict.durable()).isEqualTo(StoreException.Durable.NOTHING);
    return conflict;
  }

  private static ConflictKeys keys(String text) {
    return text.equals("whole")
        ? ConflictKeys.WHOLE_OBJECT
        : ConflictKeys.of(List.of(text.split("\\+")).stream().mapToLong(Long::parseLong).toArray());
  }
}
