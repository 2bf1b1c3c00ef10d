package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChildTest {

  private static final int LINES = 2_000;

  /** Tells more than a pipe holds, and then waits to be killed, or fails. */
  static final class Telling {
    public static void main(String[] arguments) throws Exception {
      ChildPipe pipe = ChildPipe.open();
      for (int i = 0; i < LINES; i++) {
        pipe.tell("line " + i + " " + "x".repeat(100));
      }
      if (arguments[0].equals("fail")) {
        throw new IllegalStateException("on purpose");
      }
      Thread.currentThread().join();
    }
  }

  @Test
  void everythingThatAChildHasTold_isKnownAfterItWasKilled() {
    try (Child child = Child.start(Telling.class, "wait")) {
      child.go();
      child.await(line -> line.startsWith("line 3 "));
      child.await(line -> line.startsWith("line " + (LINES - 1) + " "));
      List<String> lines = child.kill();

      assertThat(lines).hasSize(LINES);
      assertThat(lines.get(7)).startsWith("line 7 ");
      assertThat(child.exitCode()).isEqualTo(137);
    }
  }

  @Test
  void childThatEndsByItself_isNoticed_andItsMessagesAreShown() {
    try (Child child = Child.start(Telling.class, "fail")) {
      child.go();

      assertThatThrownBy(() -> child.await(line -> line.equals("never")))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("ended by itself")
          .hasMessageContaining("on purpose");
    }
  }

  @Test
  void childThatWasNeverLetGo_endsWhenItIsClosed() {
    Child child = Child.start(Telling.class, "wait");

    child.close();

    assertThat(child.isAlive()).isFalse();
  }
}
