package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairsTest {

  @Test
  void pairs_haveTheirAdvertisedSizes() {
    Pairs pairs = new Pairs(1);
    SplittableRandom random = new SplittableRandom(1);

    assertThat(pairs.key(random)).hasSize(16);
    assertThat(pairs.value(random)).hasSize(100);
    assertThat(pairs.everyKey()).hasSize(10_000).doesNotHaveDuplicates();
    assertThat(Pairs.newKey(999_999)).hasSize(16);
    assertThat(pairs.keyAt(0)).isEqualTo(Pairs.firstKey());
  }
}
