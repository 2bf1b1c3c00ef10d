package dev.milonga.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.testkit.StoreExtension;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StoreExtension.class)
class JobBoardTest {

  private static final Duration LONG = Duration.ofHours(1);

  private JobBoard board;

  @BeforeEach
  void submit(Milonga store) {
    board = store.object(JobBoard.class, "jobs");
    board.submit("a", "sweep");
    board.submit("b", "mop");
  }

  @Test
  void eachJob_isOneWorkers() {
    assertThat(board.take("ada", LONG)).contains(new JobBoard.Job("a", "sweep"));
    assertThat(board.take("grace", LONG)).contains(new JobBoard.Job("b", "mop"));
    assertThat(board.take("edsger", LONG)).isEmpty();

    assertThat(board.finish("b", "ada")).isFalse();
    assertThat(board.finish("b", "grace")).isTrue();
    assertThat(board.finish("b", "grace")).isFalse();
    assertThat(board.done()).isEqualTo(Map.of("b", "grace"));
    assertThat(board.workerOf("a")).contains("ada");
    assertThat(board.workerOf("b")).isEmpty();
  }

  @Test
  void jobWhoseLeaseRanOut_isTakenOver_andLostToTheFirstWorker() {
    board.take("ada", Duration.ZERO);

    assertThat(board.take("grace", LONG)).contains(new JobBoard.Job("a", "sweep"));
    assertThat(board.renew("a", "ada", LONG)).isFalse();
    assertThat(board.finish("a", "ada")).isFalse();
    assertThat(board.renew("a", "grace", LONG)).isTrue();
    assertThat(board.finish("a", "grace")).isTrue();
  }

  @Test
  void jobWhoseLeaseRanOut_canBeFinishedWhileNobodyElseHasIt() {
    board.take("ada", Duration.ZERO);

    assertThat(board.finish("a", "ada")).isTrue();
  }

  @Test
  void secondJobOfOneName_isRefused() {
    assertThatThrownBy(() -> board.submit("a", "polish")).hasMessage("there was a job a before");
  }
}
