package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.payload;
import static dev.milonga.log.ContractPart.positions;
import static dev.milonga.log.ContractPart.request;
import static dev.milonga.log.ContractPart.together;
import static dev.milonga.log.ContractPart.unchanged;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What reads and tails return. */
@SuppressWarnings("try") // a subscription in a try block is there to be closed
interface ReadContract extends ContractPart {

  @Test
  default void emptyLog_hasNothingToRead() {
    assertThat(tail()).isEqualTo(LogPosition.FIRST);
    assertThat(Outcome.of(log().trimMark())).isEqualTo(LogPosition.FIRST);
    assertThat(readAll(0)).isEqualTo(new ReadBatch(List.of(), LogPosition.FIRST));
    assertThat(read(A, 0)).isEqualTo(new ReadBatch(List.of(), LogPosition.FIRST));
  }

  @Test
  @DisplayName("L10 read below the trim mark, at it, at the tail, beyond the tail")
  default void read_atEveryEdge_isNeverAGuess() {
    appendMany(A, 6);
    trim(3);

    for (long below = 0; below < 3; below++) {
      LogPosition from = at(below);
      TrimmedException ofStream =
          Outcome.failure(TrimmedException.class, () -> log().read(A, from, UNLIMITED));
      TrimmedException ofAll =
          Outcome.failure(TrimmedException.class, () -> log().readAll(from, UNLIMITED));
      assertThat(ofStream.trimMark()).isEqualTo(at(3));
      assertThat(ofAll.trimMark()).isEqualTo(at(3));
      assertThat(ofStream.durable()).isEqualTo(StoreException.Durable.NOTHING);
    }
    for (ReadBatch atMark : List.of(read(A, 3), readAll(3))) {
      assertThat(atMark.entries()).extracting(LogEntry::position).isEqualTo(positions(3, 6));
      assertThat(atMark.next()).isEqualTo(at(6));
    }
    assertThat(read(A, 6)).isEqualTo(new ReadBatch(List.of(), at(6)));
    assertThat(readAll(6)).isEqualTo(new ReadBatch(List.of(), at(6)));
    assertThat(read(A, 100)).isEqualTo(new ReadBatch(List.of(), at(100)));
    assertThat(readAll(100)).isEqualTo(new ReadBatch(List.of(), at(100)));
    assertThat(read(A, Long.MAX_VALUE).entries()).isEmpty();
    assertThat(readAll(Long.MAX_VALUE).entries()).isEmpty();
  }

  @Test
  @DisplayName("L10 read of a stream without entries below the trim mark")
  default void readOfUntouchedStreamBelowTheTrimMark_isNotEmptyButTrimmed() {
    appendMany(A, 4);
    trim(2);

    Outcome.failure(TrimmedException.class, () -> log().read(B, at(1), UNLIMITED));

    assertThat(read(B, 2).entries()).isEmpty();
  }

  @Test
  default void readOfStreamWithoutEntries_movesOnToTheTail() {
    appendMany(A, 4);

    assertThat(read(B, 1)).isEqualTo(new ReadBatch(List.of(), at(4)));
  }

  @Test
  default void readAfterTheLastEntryOfAStream_movesOn() {
    appendTo(A);
    appendMany(B, 3);

    ReadBatch batch = read(A, 1);

    assertThat(batch.entries()).isEmpty();
    assertThat(batch.next()).isEqualTo(at(4));
  }

  @Test
  default void readFromBetweenEntriesOfAStream_startsAtTheNextOne() {
    appendTo(A);
    appendTo(B);
    appendTo(B);
    appendTo(A);

    assertThat(read(A, 1).entries()).extracting(LogEntry::position).containsExactly(at(3));
    assertThat(read(A, 2).entries()).extracting(LogEntry::position).containsExactly(at(3));
    assertThat(read(A, 3).entries()).extracting(LogEntry::position).containsExactly(at(3));
  }

  @Test
  default void limitOfEntries_isKept() {
    appendMany(A, 10);

    ReadBatch ofStream = Outcome.of(log().read(A, at(2), ReadLimit.entries(3)));
    ReadBatch ofAll = Outcome.of(log().readAll(at(2), ReadLimit.entries(3)));

    for (ReadBatch batch : List.of(ofStream, ofAll)) {
      assertThat(batch.entries()).extracting(LogEntry::position).isEqualTo(positions(2, 5));
      assertThat(batch.next()).isEqualTo(at(5));
    }
  }

  @Test
  default void limitOfBytes_isKept() {
    for (int i = 0; i < 5; i++) {
      append(AppendRequest.of(A, Payload.wrap(new byte[100])));
    }

    assertThat(sizeOfRead(299)).isEqualTo(2);
    assertThat(sizeOfRead(300)).isEqualTo(3);
    assertThat(sizeOfRead(301)).isEqualTo(3);
  }

  @Test
  default void firstEntryOverTheLimitOfBytes_isReturnedAlone() {
    append(AppendRequest.of(A, Payload.wrap(new byte[1_000])));
    append(AppendRequest.of(A, Payload.wrap(new byte[0])));

    for (ReadBatch batch :
        List.of(
            Outcome.of(log().read(A, at(0), new ReadLimit(10, 1))),
            Outcome.of(log().readAll(at(0), new ReadLimit(10, 1))))) {
      assertThat(batch.entries()).extracting(LogEntry::position).containsExactly(at(0));
      assertThat(batch.next()).isEqualTo(at(1));
    }
  }

  @Test
  default void readingOnFromNext_findsEveryEntryOnce() {
    for (int i = 0; i < 30; i++) {
      appendTo(i % 3 == 0 ? A : B);
    }

    for (int entriesMax = 1; entriesMax <= 11; entriesMax++) {
      assertThat(readInSteps(A, ReadLimit.entries(entriesMax))).isEqualTo(positionsIn(A));
      assertThat(readInSteps(B, ReadLimit.entries(entriesMax))).isEqualTo(positionsIn(B));
    }
    assertThat(positionsIn(A)).hasSize(10);
    assertThat(positionsIn(B)).hasSize(20);
  }

  @Test
  default void tails_areThePositionsAfterTheLastEntries() {
    appendTo(A);
    appendTo(A, B);
    appendTo(A);
    appendTo(StreamId.named("d"));

    Map<StreamId, LogPosition> tails = Outcome.of(log().tail(List.of(A, B, C)));

    assertThat(tails).isEqualTo(Map.of(A, at(3), B, at(2), C, LogPosition.FIRST));
    assertThat(Outcome.of(log().tail(List.of()))).isEmpty();
    assertThat(Outcome.of(log().tail(List.of(A, A)))).isEqualTo(Map.of(A, at(3)));
  }

  @Test
  default void tailsOfSeveralStreams_areAsOfOneMoment() {
    int readers = 2;
    CountDownLatch reading = new CountDownLatch(readers);

    List<Boolean> outcomes =
        together(
            1 + readers,
            thread -> {
              boolean equal = true;
              if (thread == 0) {
                while (reading.getCount() > 0) {
                  appendTo(A, B, C);
                }
              } else {
                try {
                  for (int i = 0; i < 2_000; i++) {
                    Map<StreamId, LogPosition> tails = Outcome.of(log().tail(List.of(C, A, B)));
                    equal &= tails.get(A).equals(tails.get(B)) && tails.get(B).equals(tails.get(C));
                  }
                } finally {
                  reading.countDown();
                }
              }
              return equal;
            });

    assertThat(outcomes).containsOnly(true);
  }

  @Test
  default void readsDuringAppends_seeADensePrefix() {
    int count = 1_000;

    List<Long> seen =
        together(
            3,
            thread -> {
              if (thread == 0) {
                return (long) appendMany(A, count).size();
              }
              long next = 0;
              while (next < count) {
                long tail = tail().value();
                ReadBatch batch = thread == 1 ? readAll(next) : read(A, next);
                for (LogEntry entry : batch.entries()) {
                  assertThat(entry.position()).isEqualTo(at(next));
                  assertThat(entry.payload()).isEqualTo(payload(next));
                  next++;
                }
                assertThat(batch.next()).isEqualTo(at(next));
                assertThat(next).isGreaterThanOrEqualTo(tail);
              }
              return next;
            });

    assertThat(seen).containsOnly((long) count);
  }

  @Test
  @DisplayName("L9 the writer of a stream dies between any two of its steps: no reader ever waits")
  default void writerDiesBetweenAnyTwoSteps_noReaderWaits() {
    List<Runnable> steps = new ArrayList<>();
    SessionId session = openSession();
    steps.add(() -> log().openSession());
    steps.add(() -> log().append(request(StreamKeys.whole(A)).build()));
    steps.add(
        () ->
            log()
                .append(
                    request(StreamKeys.whole(A)).requestId(new RequestId(session, 5, 0)).build()));
    steps.add(
        () ->
            log()
                .append(
                    request(StreamKeys.whole(A), StreamKeys.whole(B))
                        .condition(unchanged(at(0), StreamKeys.whole(A)))
                        .requestId(new RequestId(session, 7, 0))
                        .build()));
    steps.add(
        () ->
            log()
                .append(
                    AppendRequest.of(A, Payload.wrap(new byte[fixture().entryBytesMax() + 1]))));

    for (Runnable lastStep : steps) {
      lastStep.run(); // and its outcome is never asked for
      LogPosition position =
          Outcome.of(fixture().otherClient().append(AppendRequest.of(A, payload(1))));

      assertThat(tail(A)).isGreaterThan(position);
      List<LogPosition> upTo = positions(0, position.value() + 1);
      assertThat(readAll(0).entries())
          .extracting(LogEntry::position)
          .startsWith(upTo.toArray(LogPosition[]::new));
      RecordingListener listener = new RecordingListener();
      try (Subscription subscription = log().subscribeAll(LogPosition.FIRST, listener)) {
        assertThat(listener.awaitEntries(upTo.size()))
            .extracting(LogEntry::position)
            .startsWith(upTo.toArray(LogPosition[]::new));
      }
    }
  }

  private int sizeOfRead(long bytesMax) {
    int ofStream = Outcome.of(log().read(A, at(0), new ReadLimit(10, bytesMax))).entries().size();
    int ofAll = Outcome.of(log().readAll(at(0), new ReadLimit(10, bytesMax))).entries().size();
    assertThat(ofStream).isEqualTo(ofAll);
    return ofStream;
  }

  private List<LogPosition> readInSteps(StreamId stream, ReadLimit limit) {
    List<LogPosition> found = new ArrayList<>();
    LogPosition next = LogPosition.FIRST;
    LogPosition tail = tail();
    while (next.compareTo(tail) < 0) {
      ReadBatch batch = Outcome.of(log().read(stream, next, limit));
      assertThat(batch.next()).isGreaterThan(next);
      for (LogEntry entry : batch.entries()) {
        assertThat(entry.position()).isLessThan(batch.next());
        found.add(entry.position());
      }
      next = batch.next();
    }
    return found;
  }
}
