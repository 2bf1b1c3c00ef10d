package dev.milonga.log.server;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Tasks handed to another thread, in the interleavings that Lincheck chooses. */
@EnabledForJreRange(max = JRE.JAVA_21) // Lincheck 3.7 cannot look into the classes of later ones
class CompletionsLincheckTest {

  @Test
  void tasksAndTheEnd_eachTaskRunsInOrderAndTheThreadEnds() {
    Interleavings.run(
        100,
        () -> {
          Completions completions = new Completions();
          List<String> done = new ArrayList<>(); // of the one thread, and read after it has ended
          Thread runner = new Thread(completions);
          runner.start();
          Thread adder =
              new Thread(
                  () -> {
                    completions.add(() -> done.add("first"));
                    completions.add(() -> done.add("second"));
                    completions.close();
                  });
          adder.start();
          join(adder);
          join(runner);
          if (!done.equals(
              List.of("first", "second"))) { // Lincheck does not get along with AssertJ
            throw new AssertionError("done was " + done);
          }
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
