package dev.milonga.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that serves a store: see {@link ServedStore}. For one thread. */
final class ServerProcess implements AutoCloseable {

  private static final long ENDING_SECONDS_MAX = 30;

  private final Process process;
  private final BufferedReader out;
  private final Writer in;
  private final int port;

  private ServerProcess(Process process) throws IOException {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.port = (int) number();
  }

  /** Starts one, and returns when it listens. */
  static ServerProcess start(Path directory, Path errors) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.options());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ServedStore.class.getName(),
            directory.toString()));
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try {
      return new ServerProcess(process);
    } catch (IOException e) {
      process.destroyForcibly();
      throw new IOException("the server has not started; see " + errors, e);
    }
  }

  /** Where it listens. */
  String target() {
    return "localhost:" + port;
  }

  int port() {
    return port;
  }

  /** The bytes of heap that it has in use. */
  long liveBytes() throws IOException {
    in.write("heap\n");
    in.flush();
    return number();
  }

  private long number() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the server has ended");
    }
    return Long.parseLong(line);
  }

  /** Ends it. An interrupt ends it hard. */
  @Override
  public void close() throws IOException {
    try {
      in.close();
      if (!process.waitFor(ENDING_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IOException("the server has not ended with its input");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
