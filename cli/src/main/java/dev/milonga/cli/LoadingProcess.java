package dev.milonga.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/**
 * A process of its own that loads records and acknowledges each as soon as it is durable ({@link
 * Acknowledgement}), until it is killed. Used by one thread.
 */
final class LoadingProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader lines;
  private final BitSet acknowledged = new BitSet();

  private LoadingProcess(Process process) {
    this.process = process;
    this.lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8), 1 << 16);
  }

  /**
   * Starts a Java process like this one: the same Java, options and class path.
   *
   * @param arguments the main class and its arguments
   */
  static LoadingProcess start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-agentlib:") && !option.startsWith("-javaagent:")) {
        command.add(option); // agents belong to one process: a port, a file
      }
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(arguments);
    return new LoadingProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  long pid() {
    return process.pid();
  }

  /**
   * Waits until that many records have been acknowledged.
   *
   * @param progress is told now and then how many have been
   * @throws CommandFailedException if the process ends before
   */
  void awaitAcknowledged(int records, IntConsumer progress) throws IOException {
    int count = acknowledged.cardinality();
    while (count < records) {
      String line = lines.readLine();
      if (line == null) {
        throw new CommandFailedException(
            "the loading process ended by itself after "
                + count
                + " acknowledged records; its messages above say why");
      }
      count += note(line) ? 1 : 0;
      progress.accept(count);
    }
  }

  /** Kills the process at once, and returns every record it had acknowledged before it died. */
  BitSet kill() throws IOException, InterruptedException {
    // Process.destroyForcibly would also close the pipe, which still holds acknowledgements.
    process.toHandle().destroyForcibly();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      note(line); // what it had written to the pipe by then
    }
    process.waitFor();
    return (BitSet) acknowledged.clone();
  }

  /** Lets the process see the end of its standard input, as it does when this process ends. */
  void closeStandardInput() throws IOException {
    process.getOutputStream().close();
  }

  private boolean note(String line) {
    OptionalInt record = Acknowledgement.record(line);
    if (record.isEmpty() || acknowledged.get(record.getAsInt())) {
      return false;
    }
    acknowledged.set(record.getAsInt());
    return true;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    lines.close();
  }
}
