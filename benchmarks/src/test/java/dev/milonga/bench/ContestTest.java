package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.milonga.log.StoreClosedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    Figure figure = contest.figure(Work.PUT_1, sleeping(2_000), sleeping(1_000), () -> {});

    assertThat(figure.ratio()).isCloseTo(2, within(1.0));
  }

  @Test
  void both_doEveryWork() throws Exception {
    List<Figure> figures = new ArrayList<>();
    int[] measurements = {0};

    new Contest(1, MOMENT, Duration.ofMillis(300), 1)
        .run(directory, List.of(Work.values()), figures::add, () -> measurements[0]++);

    assertThat(figures).extracting(Figure::work).containsExactly(Work.values());
    assertThat(figures).allSatisfy(figure -> assertThat(figure.store()).isPositive());
    assertThat(figures).allSatisfy(figure -> assertThat(figure.baseline()).isPositive());
    assertThat(measurements[0]).isEqualTo(2 * Work.values().length);
  }

  @Test
  void failedAsynchronousPut_failsTheMeasurement() throws Exception {
    StoreContestant store = new StoreContestant(directory, new Pairs(1));
    Operation operation = store.operation(Work.PUT_ASYNC);
    store.close();

    assertThatThrownBy(
            () -> ClosedLoop.operationsPerSecond(1, MOMENT, Duration.ofMinutes(1), 1, operation))
        .hasRootCauseInstanceOf(StoreClosedException.class);
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
