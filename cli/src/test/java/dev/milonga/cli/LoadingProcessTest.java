package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintStream;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoadingProcessTest {

  @Test
  void killedProcess_isDead_andItsAcknowledgementsAreKnown() throws Exception {
    try (LoadingProcess process = LoadingProcess.start(List.of(Child.class.getName(), "100"))) {
      process.awaitAcknowledged(50, count -> {});
      BitSet acknowledged = process.kill();

      assertThat(ProcessHandle.of(process.pid()).filter(ProcessHandle::isAlive)).isEmpty();
      assertThat(acknowledged.cardinality()).isBetween(50, 100);
      assertThat(acknowledged.length()).isEqualTo(acknowledged.cardinality());
    }
  }

  @Test
  void processThatEndsByItself_isReported() throws Exception {
    try (LoadingProcess process =
        LoadingProcess.start(List.of(Child.class.getName(), "7", "end"))) {
      assertThatThrownBy(() -> process.awaitAcknowledged(8, count -> {}))
          .isInstanceOf(CommandFailedException.class)
          .hasMessageContaining("ended by itself after 7 acknowledged records");
    }
  }

  @Test
  void lineThatWasCutOff_acknowledgesNothing() {
    assertThat(Acknowledgement.record(Acknowledgement.line(123))).hasValue(123);
    assertThat(Acknowledgement.record("ACK 12")).isEmpty();
    assertThat(Acknowledgement.record("ACK 123.4")).isEmpty();
    assertThat(Acknowledgement.record("")).isEmpty();
  }

  /** Acknowledges a number of records, and then waits to be killed, or ends. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      PrintStream out = System.out;
      out.println("something else");
      for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
        out.println(Acknowledgement.line(i));
      }
      out.print("ACK 9"); // cut off
      out.flush();
      if (arguments.length == 1) {
        new CountDownLatch(1).await();
      }
    }
  }
}
