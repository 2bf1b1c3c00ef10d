package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.payload;
import static dev.milonga.log.ContractPart.positions;
import static dev.milonga.log.ContractPart.request;
import static dev.milonga.log.ContractPart.together;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What an append writes, and where. */
interface AppendContract extends ContractPart {

  @Test
  default void entriesHaveDensePositionsFromZero() {
    assertThat(appendTo(A)).isEqualTo(LogPosition.FIRST);
    assertThat(appendTo(B)).isEqualTo(at(1));
    assertThat(appendTo(A, C)).isEqualTo(at(2));

    assertThat(tail()).isEqualTo(at(3));
    assertThat(readAll(0).entries()).extracting(LogEntry::position).isEqualTo(positions(0, 3));
  }

  @Test
  default void appendsOfOneThreadNotWaitedFor_areInTheOrderMade() {
    List<LogPosition> acknowledged = appendMany(A, 2_000);

    assertThat(acknowledged).isEqualTo(positions(0, 2_000));
    List<LogEntry> entries = read(A, 0).entries();
    assertThat(entries).hasSize(2_000);
    for (int i = 0; i < entries.size(); i++) {
      assertThat(entries.get(i).payload()).isEqualTo(payload(i));
    }
  }

  @Test
  default void appendsOfManyThreads_eachOnceAtDensePositions() {
    int threads = 8;
    int appendsEach = 200;

    List<List<LogPosition>> acknowledged =
        together(
            threads,
            thread -> {
              List<LogPosition> mine = new ArrayList<>();
              for (int i = 0; i < appendsEach; i++) {
                mine.add(append(AppendRequest.of(A, payload(thread * 1_000L + i))));
              }
              return mine;
            });

    Set<LogPosition> all = new TreeSet<>();
    acknowledged.forEach(all::addAll);
    assertThat(all).containsExactlyElementsOf(positions(0, threads * appendsEach));
    assertThat(positionsIn(A)).isEqualTo(positions(0, threads * appendsEach));
    for (int thread = 0; thread < threads; thread++) {
      assertThat(acknowledged.get(thread)).isSorted();
      for (int i = 0; i < appendsEach; i++) {
        assertThat(entryAt(acknowledged.get(thread).get(i)).payload())
            .isEqualTo(payload(thread * 1_000L + i));
      }
    }
  }

  @Test
  default void acknowledgedAppend_isBelowEveryTailReadAfterIt() {
    List<Boolean> covered =
        together(
            4,
            thread -> {
              boolean always = true;
              for (int i = 0; i < 100; i++) {
                LogPosition position = append(AppendRequest.of(A, payload(i)));
                always &= Outcome.of(fixture().otherClient().tail()).compareTo(position) > 0;
                always &=
                    Outcome.of(fixture().otherClient().tail(List.of(A))).get(A).compareTo(position)
                        > 0;
              }
              return always;
            });

    assertThat(covered).containsOnly(true);
  }

  @Test
  default void acknowledgedAppend_isReadByAnotherClient() {
    LogPosition position = append(AppendRequest.of(A, payload(7)));

    ReadBatch batch = Outcome.of(fixture().otherClient().read(A, position, ReadLimit.DEFAULT));

    assertThat(batch.entries()).hasSize(1);
    assertThat(batch.entries().get(0).payload()).isEqualTo(payload(7));
  }

  @Test
  default void payloadOfAnyContent_isReadAsItWasAppended() {
    byte[] everyByte = new byte[256];
    for (int i = 0; i < everyByte.length; i++) {
      everyByte[i] = (byte) i;
    }
    byte[] large = new byte[fixture().entryBytesMax() / 2];
    new Random(1).nextBytes(large);
    List<Payload> payloads =
        List.of(
            Payload.copyOf(new byte[0]),
            Payload.copyOf(new byte[] {0}),
            Payload.copyOf(everyByte),
            Payload.copyOf(large),
            Payload.copyOf(new byte[1_000]));

    payloads.forEach(payload -> append(AppendRequest.of(A, payload)));

    assertThat(readAll(0).entries()).extracting(LogEntry::payload).isEqualTo(payloads);
  }

  @Test
  default void entry_carriesItsWritesInTheOrderGiven() {
    List<StreamKeys> writes =
        List.of(
            StreamKeys.keys(B, 5, -3, Long.MIN_VALUE, Long.MAX_VALUE, 0),
            StreamKeys.whole(C),
            StreamKeys.keys(A, 1));

    append(request(writes.toArray(StreamKeys[]::new)));

    for (LogEntry entry : List.of(entryAt(at(0)), read(B, 0).entries().get(0))) {
      assertThat(entry.writes()).isEqualTo(writes);
      assertThat(entry.isIn(A) && entry.isIn(B) && entry.isIn(C)).isTrue();
      assertThat(entry.isIn(StreamId.named("d"))).isFalse();
    }
  }

  @Test
  default void entryInSeveralStreams_isOneEntryInEach() {
    appendTo(B);

    LogPosition position = appendTo(A, B, C);

    assertThat(positionsIn(A)).containsExactly(position);
    assertThat(positionsIn(B)).containsExactly(at(0), position);
    assertThat(positionsIn(C)).containsExactly(position);
    assertThat(readAll(0).entries()).hasSize(2);
  }

  @Test
  default void entry_carriesTheIdentityOfItsRequest() {
    RequestId id = new RequestId(openSession(), 3, 2);

    append(request(StreamKeys.whole(A)).requestId(id));
    appendTo(A);

    assertThat(entryAt(at(0)).requestId()).contains(id);
    assertThat(entryAt(at(1)).requestId()).isEmpty();
  }

  @Test
  default void entryOverTheLimit_isRefusedAndLeavesNothing() {
    Payload tooLarge = Payload.wrap(new byte[fixture().entryBytesMax() + 1]);

    EntryTooLargeException refused =
        Outcome.failure(
            EntryTooLargeException.class, () -> log().append(AppendRequest.of(A, tooLarge)));

    assertThat(refused.durable()).isEqualTo(StoreException.Durable.NOTHING);
    assertThat(tail()).isEqualTo(LogPosition.FIRST);
    assertThat(read(A, 0).entries()).isEmpty();
    assertThat(appendTo(A)).isEqualTo(LogPosition.FIRST);
  }

  @Test
  default void entryWithKeysOverTheLimit_isRefusedAndLeavesNothing() {
    long[] keys = new Random(1).longs(fixture().entryBytesMax() / Long.BYTES + 1).toArray();

    Outcome.failure(
        EntryTooLargeException.class,
        () -> log().append(request(StreamKeys.keys(A, keys)).build()));

    assertThat(tail()).isEqualTo(LogPosition.FIRST);
  }

  @Test
  default void refusedAppendAmongOthers_harmsNoneOfThem() {
    Payload tooLarge = Payload.wrap(new byte[fixture().entryBytesMax() + 1]);

    CompletableFuture<LogPosition> first = log().append(AppendRequest.of(A, payload(1)));
    CompletableFuture<LogPosition> second = log().append(AppendRequest.of(A, tooLarge));
    CompletableFuture<LogPosition> third = log().append(AppendRequest.of(A, payload(3)));

    assertThat(Outcome.of(first)).isEqualTo(at(0));
    Outcome.failure(EntryTooLargeException.class, () -> second);
    assertThat(Outcome.of(third)).isEqualTo(at(1));
    assertThat(read(A, 0).entries())
        .extracting(LogEntry::payload)
        .containsExactly(payload(1), payload(3));
  }

  @Test
  default void time_isTheClocksToTheMicrosecond() {
    Instant time = fixture().clock().instant().plusSeconds(5).plusNanos(123_456);
    fixture().clock().set(time);

    appendTo(A);

    assertThat(entryAt(at(0)).time()).isEqualTo(time.minusNanos(456));
  }

  @Test
  default void time_staysWhenTheClockGoesBack() {
    Instant time = fixture().clock().instant();
    appendTo(A);

    fixture().clock().advance(Duration.ofDays(-400));
    appendTo(A);
    fixture().clock().set(time.plusSeconds(1));
    appendTo(A);

    assertThat(readAll(0).entries())
        .extracting(LogEntry::time)
        .containsExactly(time, time, time.plusSeconds(1));
  }

  @Test
  default void restart_keepsEverything() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    append(
        AppendRequest.builder(payload(1))
            .write(StreamKeys.keys(A, 1, 2))
            .write(StreamKeys.whole(B))
            .requestId(new RequestId(openSession(), 0, 0)));
    appendTo(B, C);
    List<LogEntry> before = readAll(0).entries();

    fixture().restart();

    assertThat(tail()).isEqualTo(at(2));
    assertThat(tail(A)).isEqualTo(at(1));
    assertThat(tail(C)).isEqualTo(at(2));
    assertThat(readAll(0).entries())
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(before);
    assertThat(positionsIn(B)).containsExactly(at(0), at(1));
    assertThat(appendTo(A)).isEqualTo(at(2));
  }

  @Test
  default void restart_doesNotLetTimeGoBack() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    Instant time = fixture().clock().instant();
    appendTo(A);

    fixture().clock().advance(Duration.ofHours(-2));
    fixture().restart();
    appendTo(A);

    assertThat(entryAt(at(1)).time()).isEqualTo(time);
  }
}
