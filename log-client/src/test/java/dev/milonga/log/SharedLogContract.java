package dev.milonga.log;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What any log must do, as one test suite: a log's test class extends this one and says how to make
 * its log. Conformance scenarios carry their number in their display name.
 */
@Timeout(60)
public abstract class SharedLogContract
    implements AppendContract,
        ReadContract,
        TrimContract,
        ConflictContract,
        SessionContract,
        SubscriptionContract,
        LocalTailsContract,
        CloseContract {

  private LogFixture fixture;

  /** A new, empty, open log, whose clock stands at any whole second. */
  protected abstract LogFixture newLog() throws Exception;

  @BeforeEach
  final void openLog() throws Exception {
    fixture = newLog();
  }

  @AfterEach
  final void closeLog() {
    fixture.close();
  }

  @Override
  public final LogFixture fixture() {
    return fixture;
  }
}
