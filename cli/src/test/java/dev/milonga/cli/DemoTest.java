package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.cli.CommandLineUnderTest.Run;
import dev.milonga.cli.LoadedObjects.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DemoTest {

  private static final List<City> CITIES = Cities.read().subList(0, 40);

  @TempDir private Path directory;

  @Test
  void demoOfAFile_killsAProcessAndProvesThatNothingIsLost() throws Exception {
    Path file = csv(2_000);
    Path data = directory.resolve("store");

    Run run = milonga("demo", "--input", file, "--data", data);

    assertThat(run.err()).noneMatch(line -> line.startsWith("milonga:"));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .anyMatch(line -> line.matches("Killed process \\d+\\. It had acknowledged .* of 2,000 .*"))
        .anyMatch(line -> line.startsWith("Proved: each of the 1,"))
        .contains("Proved: all 2,000 records are there, each once.")
        .anyMatch(line -> line.endsWith("add(row: 0, fields: [0, name 0, a])"));
    assertThat(milonga("show", "rows", "--data", data).out()).hasSize(1 + 2_000);
  }

  @Test
  void demoOfOneRow_works() throws Exception {
    Run run = milonga("demo", "--input", csv(1), "--data", directory.resolve("store"));

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Proved: all 1 records are there, each once.");
  }

  @Test
  void whatCannotBeLoaded_isRefusedBeforeAnythingIsMade() throws Exception {
    Path empty = Files.writeString(directory.resolve("empty.csv"), "a,b\n");
    Path bad = Files.writeString(directory.resolve("bad.csv"), "a,b\n1\n2,3,4\n");
    Path data = directory.resolve("store");

    assertThat(milonga("demo", "--input", empty, "--data", data).err())
        .containsExactly(
            "milonga: "
                + empty
                + " has a header and no rows; the demo needs at least one row to load");
    assertThat(milonga("demo", "--input", bad, "--data", data).err())
        .hasSize(3)
        .first()
        .asString()
        .contains(bad.toString());
    assertThat(milonga("demo", "--input", directory.resolve("none.csv")).err())
        .singleElement()
        .asString()
        .contains("does not exist");
    assertThat(milonga("demo", "--data", directory).err())
        .singleElement()
        .asString()
        .contains("is not empty");
    assertThat(data).doesNotExist();
  }

  @Test
  void loadingProcess_endsWithTheOneThatStartedIt() throws Exception {
    Path file = csv(10);
    LoadingProcess process =
        LoadingProcess.start(
            List.of(
                LoadingMain.class.getName(),
                directory.resolve("store").toString(),
                "10",
                file.toString()));
    process.awaitAcknowledged(10, count -> {});
    ProcessHandle handle = ProcessHandle.of(process.pid()).orElseThrow();

    process.closeStandardInput();

    handle.onExit().join();
    assertThat(handle.isAlive()).isFalse();
    process.close();
  }

  @Test
  void comparison_countsThePrefixThatIsThere_andFindsEveryDifference() {
    Source source = LoadedCities.source(CITIES);
    try (Milonga store = Milonga.inMemory()) {
      LoadedObjects objects = source.open(store);
      load(objects, 0, 20);

      assertThat(held(objects)).containsExactly(20, 20, 20);

      City other = new City(CITIES.get(7).id(), "Elsewhere", "XX", "00", 1, 0, 0);
      store.map("cities", Integer.class, City.class).put(other.id(), other);
      store.object(Gazetteer.class, "gazetteer-" + CITIES.get(3).country()).add("Elsewhere", -1, 1);
      store.counter("inhabitants").add(1);
      for (LoadedObjects.Part part : objects.parts()) {
        assertThatThrownBy(part::compare)
            .as(part.label())
            .isInstanceOf(CommandFailedException.class);
      }
    }
  }

  @Test
  void lostRecord_andRecordOutOfOrder_areFound() {
    Source source = LoadedCities.source(CITIES);
    try (Milonga store = Milonga.inMemory()) {
      LoadedObjects objects = source.open(store);
      load(objects, 0, 5);
      load(objects, 6, 9);

      for (LoadedObjects.Part part : objects.parts()) {
        assertThatThrownBy(part::compare)
            .as(part.label())
            .isInstanceOf(CommandFailedException.class);
      }
    }
  }

  @Test
  void acknowledgedRecordThatIsNotThere_failsTheProof() {
    Source source = LoadedCities.source(CITIES);
    BitSet acknowledged = new BitSet();
    acknowledged.set(0, 21);
    try (Milonga store = Milonga.inMemory()) {
      LoadedObjects objects = source.open(store);
      load(objects, 0, 20);
      Demo demo = new Demo(screen(), source, directory, List.of());

      assertThatThrownBy(() -> demo.prove(objects, acknowledged))
          .isInstanceOf(CommandFailedException.class)
          .hasMessageContaining("record 20 was acknowledged and is lost");

      acknowledged.clear(20);
      assertThat(demo.prove(objects, acknowledged)).containsExactly(20, 20, 20);
    }
  }

  private static void load(LoadedObjects objects, int from, int to) {
    List<Integer> none = Collections.nCopies(objects.parts().size(), 0);
    IntStream.range(from, to)
        .forEach(record -> objects.write(record, none).toCompletableFuture().join());
  }

  private static List<Integer> held(LoadedObjects objects) {
    return objects.parts().stream().map(LoadedObjects.Part::compare).toList();
  }

  private static Screen screen() {
    PrintWriter nowhere = new PrintWriter(OutputStream.nullOutputStream());
    return new Screen(nowhere, nowhere, false, System::nanoTime);
  }

  private Path csv(int rows) throws IOException {
    StringBuilder text = new StringBuilder("number,name,kind\n");
    for (int i = 0; i < rows; i++) {
      text.append(i)
          .append(",\"name ")
          .append(i)
          .append("\",")
          .append(i % 2 == 0 ? "a" : "")
          .append('\n');
    }
    return Files.writeString(directory.resolve("rows.csv"), text);
  }
}
