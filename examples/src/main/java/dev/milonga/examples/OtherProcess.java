package dev.milonga.examples;

import dev.milonga.Milonga;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A further JVM that runs a class of the examples, and ends with this one. */
final class OtherProcess implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 90;

  private final String name;
  private final Process process;
  private final Writer input;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> passedOver = new ArrayList<>(); // used by who waits, alone

  private OtherProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "output of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts the main method of that class; the first argument is its name. */
  static OtherProcess start(Class<?> main, String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1"); // it will not live long
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), name));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new OtherProcess(name, process);
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("(no more can be read: " + e.getMessage() + ")");
    }
  }

  /**
   * Waits until it has said something that begins like that, and says it again here. What it has
   * said besides can still be waited for.
   */
  void await(String beginning) throws InterruptedException {
    for (String line : passedOver) {
      if (line.startsWith(beginning)) {
        passedOver.remove(line);
        System.out.println("  " + name + ": " + line);
        return;
      }
    }
    String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new IllegalStateException(
          name + " has not said \"" + beginning + "\", but: " + String.join("\n", passedOver));
    }
    passedOver.add(line);
    await(beginning);
  }

  /** Tells it something. */
  void tell(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  /** Ends it at once, as a crash does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly();
    input.close();
  }

  /** In the other process: a store of that server, which may take its time on a busy machine. */
  static Milonga connect(String server) {
    return Milonga.builder().connect(server).connectTimeout(Duration.ofMinutes(1)).open();
  }

  /** In the other process: ends it when the one that has started it is gone. */
  static void endWithTheFirst() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException e) {
                System.err.println("the first process is gone: " + e);
              }
              System.exit(0);
            },
            "end with the first process");
    watch.setDaemon(true);
    watch.start();
  }
}
