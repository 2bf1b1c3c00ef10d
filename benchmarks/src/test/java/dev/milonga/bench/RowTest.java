package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class RowTest {

  @Test
  void goals_compareFigureAndBaseline() {
    assertThat(verdict(90, 100, Goal.ratioAtLeast(0.9))).isEqualTo(Verdict.MET);
    assertThat(verdict(89, 100, Goal.ratioAtLeast(0.9))).isEqualTo(Verdict.MISSED);
    assertThat(verdict(200, 100, Goal.ratioAtMost(2))).isEqualTo(Verdict.MET);
    assertThat(verdict(201, 100, Goal.ratioAtMost(2))).isEqualTo(Verdict.MISSED);
    assertThat(verdict(110, 100, Goal.moreAtMost(10))).isEqualTo(Verdict.MET);
    assertThat(verdict(111, 100, Goal.moreAtMost(10))).isEqualTo(Verdict.MISSED);
    assertThat(verdict(99, 0, Goal.atLeast(99))).isEqualTo(Verdict.MET);
    assertThat(verdict(98.9, 0, Goal.atLeast(99))).isEqualTo(Verdict.MISSED);
    assertThat(verdict(1, 100, Goal.atMost(0))).isEqualTo(Verdict.MISSED);
    assertThat(verdict(0, 100, Goal.atMost(0))).isEqualTo(Verdict.MET);
    assertThat(verdict(1, 100, Goal.NONE)).isEqualTo(Verdict.NO_GOAL);
  }

  @Test
  void goalOfARatio_isMissedWithoutABaseline_andWithoutAFigure() {
    Row alone = Row.of("x", "x", figure(1), Goal.ratioAtLeast(0));

    assertThat(alone.verdict()).isEqualTo(Verdict.MISSED);
    assertThat(alone.ratio()).isEmpty();
    assertThat(verdict(Double.NaN, 1, Goal.ratioAtMost(1_000))).isEqualTo(Verdict.MISSED);
    assertThat(verdict(1, 0, Goal.moreAtMost(10))).isEqualTo(Verdict.MET);
  }

  @Test
  void cells_areForPeople() {
    Figure timed =
        new Figure(23_827.4, Unit.PER_SECOND, Optional.of(new Figure.Latency(612.3, 12_345)));

    assertThat(
            Row.of("put", "map.put", timed, "RocksDB", figure(21_063), Goal.ratioAtLeast(1.3))
                .cells())
        .containsExactly(
            "put",
            "map.put",
            "23,827/s",
            "612 µs",
            "12 ms",
            "21,063/s",
            "1.13",
            "≥ 1.3 ×",
            "missed",
            "RocksDB");
    assertThat(Row.of("a", "b", Figure.of(0, Unit.PERCENT), Goal.atMost(1)).cells())
        .containsExactly("a", "b", "0.00 %", "–", "–", "–", "–", "≤ 1 %", "met", "–");
    assertThat(Row.of("a", "b", nanos(3.14), "direct", nanos(0.7), Goal.moreAtMost(10)).cells())
        .containsSubsequence("3.1 ns", "0.7 ns", "4.49", "≤ 10 ns more", "met");
  }

  @Test
  void bytes_areShownInMebibytesIfMany() {
    assertThat(Unit.BYTES.format(145.2)).isEqualTo("145 B");
    assertThat(Unit.BYTES.format(18_000_000)).isEqualTo("17.2 MiB");
  }

  private static Figure nanos(double value) {
    return Figure.of(value, Unit.NANOSECONDS);
  }

  private static Figure figure(double value) {
    return Figure.of(value, Unit.PER_SECOND);
  }

  private static Verdict verdict(double value, double baseline, Goal goal) {
    return Row.of("x", "x", figure(value), "y", figure(baseline), goal).verdict();
  }
}
