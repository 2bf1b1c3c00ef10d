package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContestTest {

  private static final Duration MOMENT = Duration.ofMillis(20);

  @TempDir private Path directory;

  @Test
  void contestantThatDoesTwiceAsMuchPerCall_isTwiceAsFast() throws Exception {
    Contest contest = new Contest(3, MOMENT, Duration.ofMillis(100), 1);

    Figure figure = contest.figure(Work.PUT_1, sleeping(2_000), sleeping(1_000));

    assertThat(figure.ratio()).isCloseTo(2, within(1.0));
  }

  @Test
  void baseline_doesEveryWork() throws Exception {
    try (RawContestant raw = new RawContestant(directory, new Pairs(1))) {
      for (Work work : Work.values()) {
        assertThat(
                ClosedLoop.operationsPerSecond(
                    work.threads(), MOMENT, MOMENT, 1, raw.operation(work)))
            .as(work.label())
            .isPositive();
      }
    }
  }

  @Test
  void pairs_haveTheirAdvertisedSizes() {
    Pairs pairs = new Pairs(1);
    SplittableRandom random = new SplittableRandom(1);

    assertThat(pairs.key(random)).hasSize(16);
    assertThat(pairs.value(random)).hasSize(100);
    assertThat(pairs.everyKey()).hasSize(10_000).doesNotHaveDuplicates();
  }

  private static Contestant sleeping(int operations) {
    return new Contestant() {
      @Override
      public Operation operation(Work work) {
        return random -> {
          TimeUnit.MILLISECONDS.sleep(2);
          return operations;
        };
      }

      @Override
      public void close() {}
    };
  }
}
