package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyDrawTest {

  private static final int DRAWS = 100_000;

  @Test
  void uniform_drawsAllKeysAlike() {
    int[] counts = draw(KeyDraw.uniform(10), 10);

    for (int count : counts) {
      assertThat(count / (double) DRAWS).isCloseTo(0.1, within(0.01));
    }
  }

  @Test
  void zipf_drawsKeysInProportionToTheirRank() {
    int[] counts = draw(KeyDraw.zipf(1_000), 1_000);

    double sum = 0;
    for (int key = 1; key <= 1_000; key++) {
      sum += Math.pow(key, -0.99);
    }
    for (int key : new int[] {0, 1, 9}) {
      assertThat(counts[key] / (double) DRAWS)
          .isCloseTo(Math.pow(key + 1, -0.99) / sum, within(0.006));
    }
  }

  private static int[] draw(KeyDraw draw, int keys) {
    SplittableRandom random = new SplittableRandom(1);
    int[] counts = new int[keys];
    for (int i = 0; i < DRAWS; i++) {
      counts[draw.next(random)]++;
    }
    return counts;
  }
}
