package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.milonga.bench.Load.Attempts;
import java.util.List;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class MeasurementTest {

  @Test
  void median_ofAnOddNumber_isTheMiddleOne() {
    assertThat(medianOf(5, 1, 100)).isEqualTo(5);
    assertThat(medianOf(7)).isEqualTo(7);
  }

  @Test
  void median_ofAnEvenNumber_isHalfwayBetweenTheMiddleOnes() {
    assertThat(medianOf(4, 1, 100, 2)).isEqualTo(3);
  }

  @Test
  void rounds_areTheirMedianRate_andAllTheirLatencies() {
    List<Measurement> rounds =
        List.of(round(100, 1, 10, 0), round(300, 2, 10, 5), round(200, 90, 10, 4));

    Measurement all = Measurement.median(rounds);

    assertThat(all.perSecond()).isEqualTo(200);
    assertThat(all.latencies().getTotalCount()).isEqualTo(3);
    assertThat(all.abortedPercent()).isEqualTo(30);
    Figure.Latency latency = all.figure().latency().orElseThrow();
    assertThat(latency.p50Micros()).isCloseTo(2, within(0.01));
    assertThat(latency.p99Micros()).isCloseTo(90, within(0.1));
    assertThat(rounds.get(0).latencies().getTotalCount()).isEqualTo(1);
  }

  private static double medianOf(double... numbers) {
    return Measurement.median(DoubleStream.of(numbers).boxed().toList(), number -> number);
  }

  private static Measurement round(double rate, long micros, long attempts, long aborted) {
    Histogram latencies = ClosedLoop.histogram();
    latencies.recordValue(micros * 1_000);
    return new Measurement(rate, latencies, new Attempts(attempts, aborted));
  }
}
