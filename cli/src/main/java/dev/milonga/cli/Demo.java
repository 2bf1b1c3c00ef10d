package dev.milonga.cli;

import dev.milonga.Milonga;
import dev.milonga.cli.LoadedObjects.Part;
import dev.milonga.cli.LoadedObjects.Shown;
import dev.milonga.cli.LoadedObjects.Source;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.Registration;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Loads records in a process of its own, kills that process, and proves that what it had
 * acknowledged survived:
 *
 * <ol>
 *   <li>The loading process may write three quarters of the records, and is killed when it has
 *       acknowledged half of them, so that it never gets to the end of the source.
 *   <li>The store is opened in this process, which has never seen it. Everything in it is compared
 *       with the source: what is there must be the first records of the source, field by field, and
 *       all the acknowledged ones must be among them.
 *   <li>The rest is loaded, and everything is compared again.
 * </ol>
 *
 * Whatever is not as it must be ends the demo with an exception.
 */
final class Demo {

  private static final int HISTORY_SHOWN = 5;

  private final Screen screen;
  private final PrintWriter out;
  private final Source source;
  private final Path directory;
  private final List<String> file;

  /**
   * A demo.
   *
   * @param directory where the store is made
   * @param file the CSV file that the source was read from, or nothing for the cities
   */
  Demo(Screen screen, Source source, Path directory, List<String> file) {
    this.screen = screen;
    this.out = screen.out();
    this.source = source;
    this.directory = directory;
    this.file = file;
  }

  void run() throws IOException, InterruptedException {
    out.println(source.description() + ", into replicated objects in a durable store");
    BitSet acknowledged = loadAndKill();
    out.println();
    out.println("Opening the store again, and comparing it with the source, field by field.");
    try (Milonga store = Milonga.open(directory)) {
      LoadedObjects objects = source.open(store);
      checkNames(store, objects);
      List<Integer> held = prove(objects, acknowledged);
      complete(objects, held);
      out.println();
      out.println("Some questions:");
      objects.answerQueries(out);
      printHistory(store, objects.shown());
    }
    conclude(acknowledged.cardinality());
  }

  private BitSet loadAndKill() throws IOException, InterruptedException {
    int size = source.size();
    int killedAt = Math.max(1, size / 2);
    int limit = Math.max(killedAt, size / 2 + size / 4);
    List<String> command = new ArrayList<>();
    command.add(LoadingMain.class.getName());
    command.add(directory.toString());
    command.add(String.valueOf(limit));
    command.addAll(file);
    try (LoadingProcess process = LoadingProcess.start(command)) {
      out.println();
      out.println("Loading in process " + process.pid() + ", which says when a record is durable:");
      out.flush();
      Throughput throughput = new Throughput(screen, size);
      process.awaitAcknowledged(killedAt, throughput::reached);
      BitSet acknowledged = process.kill();
      print(
          "Killed process %d. It had acknowledged %,d of %,d records, and has closed nothing.",
          process.pid(), acknowledged.cardinality(), size);
      return acknowledged;
    }
  }

  private void checkNames(Milonga store, LoadedObjects objects) {
    Set<String> unknown = new TreeSet<>(store.objects().stream().map(Registration::name).toList());
    unknown.removeAll(objects.names());
    if (!unknown.isEmpty()) {
      throw new CommandFailedException("the store holds objects that nobody made: " + unknown);
    }
  }

  /**
   * Proves that the acknowledged records are there, and nothing that is not in the source.
   *
   * @return how many records each part holds
   * @throws CommandFailedException if it cannot be proved
   */
  List<Integer> prove(LoadedObjects objects, BitSet acknowledged) {
    List<Integer> held = compare(objects);
    int least = Collections.min(held);
    int most = Collections.max(held);
    if (acknowledged.length() > least) {
      throw new CommandFailedException(
          "record "
              + (acknowledged.length() - 1)
              + " was acknowledged and is lost: only the first "
              + least
              + " records are whole");
    }
    if (most - least > 1) {
      throw new CommandFailedException(
          "what is there is no prefix of what was written: the parts hold " + held + " records");
    }
    print(
        "Proved: each of the %,d acknowledged records is there, equal to the source in every"
            + " field.",
        acknowledged.cardinality());
    print(
        "Proved: nothing else is there. (%,d more were written and not yet acknowledged.)",
        least - acknowledged.cardinality());
    return held;
  }

  private List<Integer> compare(LoadedObjects objects) {
    List<Part> parts = objects.parts();
    List<Integer> held = new ArrayList<>();
    out.flush();
    try (Progress progress = screen.progress("Comparing", "kinds of objects", parts.size())) {
      for (Part part : parts) {
        held.add(part.compare());
        progress.done(held.size());
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      print("  %-36s holds the first %,d records", parts.get(i).label(), held.get(i));
    }
    return held;
  }

  private void complete(LoadedObjects objects, List<Integer> held) throws InterruptedException {
    int from = Collections.min(held);
    out.println();
    print("Loading the other %,d records in this process.", source.size() - from);
    out.flush();
    Throughput throughput = new Throughput(screen, source.size());
    int[] done = {0};
    new PipelinedLoad(
            IntStream.range(from, source.size()).iterator(),
            LoadingMain.UNDER_WAY_MAX,
            record -> objects.write(record, held))
        .run(
            records -> {
              done[0] += records.size();
              throughput.reached(done[0]);
            });
    for (int count : compare(objects)) {
      if (count != source.size()) {
        throw new CommandFailedException(
            "after loading all " + source.size() + " records, only " + count + " are there");
      }
    }
    print("Proved: all %,d records are there, each once.", source.size());
  }

  private void printHistory(Milonga store, Shown shown) {
    out.println();
    out.println("The history of \"" + shown.name() + "\": every call that made it what it is");
    try (Rows rows = new Rows(out, Format.TABLE, "position", "time", "call");
        Stream<Change> history = store.history(shown.replicated())) {
      history
          .limit(HISTORY_SHOWN)
          .forEach(change -> rows.add(change.position().value(), change.time(), change.call()));
    }
    long more = store.history(shown.replicated()).count() - HISTORY_SHOWN;
    if (more > 0) {
      print("… and %,d more", more);
    }
  }

  private void conclude(int acknowledged) {
    out.println();
    out.println("What you have just seen:");
    out.println("  - Plain Java objects, shared through one durable log. Every call is an entry.");
    print(
        "  - A process killed in mid-flight. All %,d records it had reported as durable survived,",
        acknowledged);
    out.println("    in order, and what it was writing ends at one point, with nothing beyond.");
    out.println("  - Another process that opened the same names and had the same objects.");
    if (!source.credit().isEmpty()) {
      out.println("Data: " + source.credit());
    }
    out.flush();
  }

  private void print(String line, Object... arguments) {
    out.println(String.format(Locale.ROOT, line, arguments));
  }
}
