package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictException.Reason;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CommitRuleTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");
  private static final long K = 7;
  private static final long J = 8;

  private final Trace log = new Trace();

  @Test
  void keyWrittenAfterTheSnapshot_conflicts() {
    log.write(A, K);

    ConflictException conflict = conflict(0, StreamKeys.keys(A, K)).orElseThrow();

    assertThat(conflict.reason()).isEqualTo(Reason.WRITTEN);
    assertThat(conflict.stream()).isEqualTo(A);
    assertThat(conflict.keyHash()).isEqualTo(OptionalLong.of(K));
    assertThat(conflict.winner()).contains(new LogPosition(0));
  }

  @Test
  void keyWrittenBeforeTheSnapshot_doesNot() {
    log.write(A, K);

    assertThat(conflict(1, StreamKeys.keys(A, K))).isEmpty();
  }

  @Test
  void otherKeyOfTheStream_doesNot() {
    log.write(A, J);

    assertThat(conflict(0, StreamKeys.keys(A, K))).isEmpty();
  }

  @Test
  void sameKeyOfAnotherStream_doesNot() {
    log.write(B, K);

    assertThat(conflict(0, StreamKeys.keys(A, K))).isEmpty();
  }

  @Test
  void wholeObjectWrite_conflictsWithEveryKey() {
    log.write(A, K);
    log.writeWhole(A);
    log.write(A, J);

    ConflictException conflict = conflict(1, StreamKeys.keys(A, K)).orElseThrow();

    assertThat(conflict.winner()).contains(new LogPosition(1));
    assertThat(conflict.keyHash()).isEqualTo(OptionalLong.of(K));
  }

  @Test
  void wholeObjectRead_conflictsWithAnyWriteAndNamesTheLast() {
    log.write(A, K);
    log.write(A, J);

    ConflictException conflict = conflict(1, StreamKeys.whole(A)).orElseThrow();

    assertThat(conflict.winner()).contains(new LogPosition(1));
    assertThat(conflict.keyHash()).isEmpty();
  }

  @Test
  void wholeObjectRead_isNotNarrowedByKeyedReadsBesideIt() {
    log.write(A, J);

    assertThat(conflict(0, StreamKeys.keys(A, K), StreamKeys.whole(A))).isPresent();
    assertThat(conflict(0, StreamKeys.whole(A), StreamKeys.keys(A, K))).isPresent();
  }

  @Test
  void sameStreamTwice_isTheUnion() {
    log.write(A, J);

    assertThat(conflict(0, StreamKeys.keys(A, K), StreamKeys.keys(A, J))).isPresent();
  }

  @Test
  void nothingRead_neverConflicts() {
    log.writeWhole(A);

    assertThat(conflict(0)).isEmpty();
  }

  @Test
  void snapshotBelowTheHorizon_isDecidedForAStreamNotWrittenSince() {
    log.write(A, K);
    log.write(B, K);
    log.horizon = 2;

    assertThat(conflict(1, StreamKeys.keys(A, K))).isEmpty();
  }

  @Test
  void snapshotBelowTheHorizon_isTooOldForKeysOfAStreamWrittenSince() {
    log.write(A, K);
    log.write(A, J);
    log.horizon = 2;

    ConflictException conflict = conflict(1, StreamKeys.keys(A, K)).orElseThrow();

    assertThat(conflict.reason()).isEqualTo(Reason.SNAPSHOT_TOO_OLD);
    assertThat(conflict.winner()).isEmpty();
    assertThat(conflict).hasMessageContaining("from 2 on");
  }

  @Test
  void snapshotBelowTheHorizon_isDecidedForTheWholeObject() {
    log.write(A, K);
    log.write(A, J);
    log.horizon = 2;

    assertThat(conflict(1, StreamKeys.whole(A)).orElseThrow().reason()).isEqualTo(Reason.WRITTEN);
  }

  @Test
  void snapshotAtTheTrimMark_isDecidedForAStreamNotWrittenSince() {
    log.write(A, K);
    log.trimMark = 1;

    assertThat(conflict(1, StreamKeys.whole(A))).isEmpty();
  }

  @Test
  void snapshotBelowTheTrimMark_isTooOldForAStreamNotWrittenSince() {
    log.write(A, K);
    log.trimMark = 1;

    assertThat(conflict(0, StreamKeys.whole(A)).orElseThrow().reason())
        .isEqualTo(Reason.SNAPSHOT_TOO_OLD);
    assertThat(conflict(0, StreamKeys.keys(B, K)).orElseThrow().reason())
        .isEqualTo(Reason.SNAPSHOT_TOO_OLD);
  }

  private Optional<ConflictException> conflict(long snapshot, StreamKeys... reads) {
    return CommitRule.conflict(new AppendCondition(new LogPosition(snapshot), List.of(reads)), log);
  }

  /** A few writes, one at each position. */
  private static final class Trace implements CommitRule.Memory {

    private final Map<Object, Long> last = new HashMap<>();
    private long tail;
    private long trimMark;
    private long horizon;

    void write(StreamId stream, long... keys) {
      last.put(stream, tail);
      for (long key : keys) {
        last.put(Arrays.asList(stream, key), tail);
      }
      tail++;
    }

    void writeWhole(StreamId stream) {
      last.put(Arrays.asList(stream, ConflictKeys.WHOLE_OBJECT), tail);
      write(stream);
    }

    @Override
    public long trimMark() {
      return trimMark;
    }

    @Override
    public long horizon() {
      return Math.max(horizon, trimMark);
    }

    @Override
    public long lastWrite(StreamId stream) {
      return last.getOrDefault(stream, -1L);
    }

    @Override
    public long lastWholeWrite(StreamId stream) {
      return last.getOrDefault(Arrays.asList(stream, ConflictKeys.WHOLE_OBJECT), -1L);
    }

    @Override
    public long lastKeyWrite(StreamId stream, long keyHash) {
      return last.getOrDefault(Arrays.asList(stream, keyHash), -1L);
    }
  }
}
