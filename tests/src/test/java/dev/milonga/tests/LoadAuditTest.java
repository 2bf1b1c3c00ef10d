package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.Payload;
import dev.milonga.log.SharedLog;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The audit finds what it is there to find. */
class LoadAuditTest {

  private static final LoadWriter ONE = new LoadWriter(1, 0);
  private static final LoadWriter OTHER = new LoadWriter(1, 1);

  private final SharedLog log = InMemoryLog.create();
  private final LoadAudit audit = new LoadAudit();

  @AfterEach
  void closeLog() {
    log.close();
  }

  @Test
  void everythingThere_andOneMoreThatWasUnderWay_isFine() {
    audit.told(ONE, 0, append(ONE, 0));
    append(OTHER, 0);
    audit.check(log);
    audit.told(ONE, 1, append(ONE, 1));
    append(ONE, 2);

    audit.check(log);

    assertThat(audit.entries()).isEqualTo(4);
    assertThat(audit.unacknowledged()).isEqualTo(2);
  }

  @Test
  void acknowledgedEntryThatIsMissing_isLost() {
    audit.told(ONE, 0, append(ONE, 0));
    audit.told(ONE, 1, 1);

    assertRefused("lost by", "{1L=1L}");
  }

  @Test
  void acknowledgedEntryThatIsElsewhere_isFound() {
    append(OTHER, 0);
    audit.told(ONE, 0, append(ONE, 0) - 1);

    assertRefused("was acknowledged at position 0");
  }

  @Test
  void entryThatIsThereTwice_isAPhantom() {
    append(ONE, 0);
    append(ONE, 0);

    assertRefused("should have its entry 1 next, and has 0");
  }

  @Test
  void entriesInAnotherOrder_areFound() {
    append(OTHER, 1);
    append(OTHER, 0);

    assertRefused("should have its entry 0 next, and has 1");
  }

  @Test
  void moreEntriesThanCanHaveBeenUnderWay_arePhantoms() {
    append(ONE, 0);
    append(ONE, 1);

    assertRefused("of which it was not told");
  }

  @Test
  void entryWithOtherContentsOrStreams_isFound() {
    byte[] altered = ONE.payload(0).toByteArray();
    altered[altered.length - 1]++;
    log.append(AppendRequest.of(LoadWriter.stream(0), Payload.wrap(altered))).join();

    assertRefused("not what");
  }

  private long append(LoadWriter writer, long sequence) {
    return log.append(writer.request(sequence, Optional.empty())).join().value();
  }

  private void assertRefused(String... saying) {
    assertThatThrownBy(() -> audit.check(log))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(saying);
  }
}
