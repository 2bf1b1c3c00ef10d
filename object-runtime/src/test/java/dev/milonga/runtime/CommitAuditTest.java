package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Record;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Decisions on small traces that are written out by hand. */
class CommitAuditTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  @Test
  void readAfterTheLastWrite_isRight() {
    AuditReport report =
        audit(0, write(0, StreamKeys.keys(A, 1)), commit(1, 1, StreamKeys.keys(A, 1)));

    assertThat(report).isEqualTo(new AuditReport(2, 1, 0, 0, List.of()));
  }

  @Test
  void writeAtTheSnapshotItself_isAViolation() {
    AuditReport report =
        audit(0, write(0, StreamKeys.keys(A, 1)), commit(1, 0, StreamKeys.keys(A, 1)));

    assertThat(report.violations()).hasSize(1);
    assertThat(report.violations().get(0).winner()).contains(new LogPosition(0));
    assertThat(report.violations().get(0).keyHash()).hasValue(1);
  }

  @Test
  void secondOfTwoStreamsWasWritten_isAViolationOfThat() {
    AuditReport report =
        audit(0, write(0, StreamKeys.whole(B)), commit(1, 0, StreamKeys.keys(A, 1), key(B, 7)));

    assertThat(report.violations()).hasSize(1);
    assertThat(report.violations().get(0).stream()).isEqualTo(B);
  }

  @Test
  void keyedWriteBeforeAWholeOne_theWholeOneCounts() {
    AuditReport report =
        audit(
            0,
            write(0, StreamKeys.keys(A, 1)),
            write(1, StreamKeys.whole(A)),
            commit(2, 1, StreamKeys.keys(A, 1)));

    assertThat(report.violations().get(0).winner()).contains(new LogPosition(1));
  }

  @Test
  void ownWrite_isNotHeldAgainstIt() {
    AuditReport report = audit(0, commit(0, 0, StreamKeys.whole(A)));

    assertThat(report).isEqualTo(new AuditReport(1, 1, 0, 0, List.of()));
  }

  @Test
  void snapshotBeyondTheEntry_isAViolation() {
    AuditReport report = audit(0, commit(0, 1, StreamKeys.whole(A)));

    assertThat(report.violating()).isEqualTo(1);
    assertThat(report.violations().get(0).winner()).isEmpty();
  }

  @Test
  void snapshotBelowTheFirstEntry_isDecidedInPart() {
    AuditReport report = audit(5, write(5, StreamKeys.whole(B)), commit(6, 4, StreamKeys.whole(A)));

    assertThat(report).isEqualTo(new AuditReport(2, 1, 1, 0, List.of()));
  }

  @Test
  void moreKeysThanAreRecorded_theFirstStreamsKeepTheirs() {
    long[] many = LongStream.range(0, RecordFormat.KEYS_READ_MAX).toArray();
    AuditReport report =
        audit(
            0,
            write(0, StreamKeys.keys(A, 3), StreamKeys.keys(B, 3)),
            commit(1, 0, StreamKeys.keys(A, many), StreamKeys.keys(B, 3)),
            commit(2, 1, StreamKeys.keys(A, many), StreamKeys.keys(B, 3)),
            write(3, StreamKeys.keys(B, 3)),
            commit(4, 3, StreamKeys.keys(A, many), StreamKeys.keys(B, 3)));

    assertThat(report.violating()).isEqualTo(1);
    assertThat(report.violations().get(0).stream()).isEqualTo(A);
    assertThat(report.undecided()).isEqualTo(1); // the last; whether 3 was read of b is not known
  }

  @Test
  void keysOfOneStreamInSeveralReads_areUnited() {
    AuditReport report =
        audit(0, write(0, StreamKeys.keys(A, 2)), commit(1, 0, key(A, 1), key(A, 2)));

    assertThat(report.violations().get(0).keyHash()).hasValue(2);
  }

  private static AuditReport audit(long from, LogEntry... entries) {
    CommitAudit audit = new CommitAudit(new LogPosition(from));
    for (LogEntry entry : entries) {
      audit.accept(entry);
    }
    return audit.report();
  }

  private static StreamKeys key(StreamId stream, long hash) {
    return new StreamKeys(stream, ConflictKeys.of(hash));
  }

  private static LogEntry write(long position, StreamKeys... writes) {
    return entry(position, List.of(writes), Record.newBuilder());
  }

  // Writes a key that nobody reads.
  private static LogEntry commit(long position, long snapshot, StreamKeys... reads) {
    AppendCondition condition = new AppendCondition(new LogPosition(snapshot), List.of(reads));
    return entry(
        position,
        List.of(key(A, Long.MAX_VALUE)),
        Record.newBuilder().setReadSet(RecordFormat.readSet(condition)));
  }

  private static LogEntry entry(long position, List<StreamKeys> writes, Record.Builder record) {
    byte[] payload = record.addCalls(Call.newBuilder().setMutator("m")).build().toByteArray();
    return new LogEntry(new LogPosition(position), 0, writes, Payload.wrap(payload), null);
  }
}
