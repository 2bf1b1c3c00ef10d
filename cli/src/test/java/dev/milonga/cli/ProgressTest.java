package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final StringWriter err = new StringWriter();
  private long now = Long.MAX_VALUE - 1; // the clock may overflow

  @Test
  void quickTask_printsNothing() {
    try (Progress progress = screen(true).progress("Loading", "rows", 100)) {
      after(Duration.ofMillis(1_900));
      progress.done(99);
    }

    assertThat(err.toString()).isEmpty();
  }

  @Test
  void withoutATerminal_aLineNowAndThen() {
    Progress progress = screen(false).progress("Loading", "rows", 4_000);

    for (int second = 1; second <= 4; second++) {
      after(Duration.ofSeconds(1));
      progress.done(second * 1_000L);
    }
    progress.close();

    assertThat(err.toString().lines())
        .containsExactly(
            "Loading: 2,000 of 4,000 rows (50 %), 1,000/s, 2 s left",
            "Loading: 4,000 of 4,000 rows (100 %), 1,000/s");
  }

  @Test
  void onATerminal_theBarIsRedrawnInPlaceAndTakenAway() {
    Progress progress = screen(true).progress("Loading", "rows", 4_000);

    after(Duration.ofSeconds(2));
    progress.done(2_000);
    after(Duration.ofMillis(50));
    progress.done(2_001);
    after(Duration.ofMillis(1_950));
    progress.done(4_000);
    String bars = err.toString();
    progress.close();

    String half =
        "\rLoading [############------------] 2,000 of 4,000 rows (50 %), 1,000/s, 2 s left";
    String full = "\rLoading [########################] 4,000 of 4,000 rows (100 %), 1,000/s";
    String padded = full + " ".repeat(half.length() - full.length());
    assertThat(bars).isEqualTo(half + padded);
    assertThat(err.toString()).isEqualTo(bars + '\r' + " ".repeat(full.length() - 1) + '\r');
  }

  private void after(Duration time) {
    now += time.toNanos();
  }

  private Screen screen(boolean terminal) {
    return new Screen(
        new PrintWriter(new StringWriter()), new PrintWriter(err), terminal, () -> now);
  }
}
