package dev.milonga.tests;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * A Java process of our own, which tells line by line what it does ({@link ChildPipe}) until it is
 * killed. Everything it had told when it died is known afterwards. Used by one thread; closing it
 * kills it.
 */
final class Child implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(240);

  private final Process process;
  private final Path errors;
  private final Thread reader;
  private final List<String> lines = new ArrayList<>(); // guarded by itself
  private boolean ended; // guarded by lines: nothing more comes
  private IOException broken; // guarded by lines

  private Child(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.reader = new Thread(this::read, "child-" + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts that main class on the class path of this process. It waits for {@link #go}. */
  static Child start(Class<?> main, Object... arguments) {
    return start(List.of(), main, arguments);
  }

  /** Likewise, under another command, such as {@code strace} and its options. */
  static Child start(List<String> under, Class<?> main, Object... arguments) {
    List<String> command = new ArrayList<>(under);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // It lives for a second or so: what matters is how soon it does its work.
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx512m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      Path errors = Files.createTempFile("milonga-child", ".err");
      return new Child(new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (InputStream in = new BufferedInputStream(process.getInputStream(), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) { // drops a last line that is cut off
        if (next != '\n') {
          line.write(next);
          continue;
        }
        synchronized (lines) {
          lines.add(line.toString(StandardCharsets.UTF_8));
          lines.notifyAll();
        }
        line.reset();
      }
    } catch (IOException e) {
      synchronized (lines) {
        broken = e;
      }
    } finally {
      synchronized (lines) {
        ended = true;
        lines.notifyAll();
      }
    }
  }

  /** Lets it begin, or go on if it waits to ({@link ChildPipe#awaitGo}). */
  void go() {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new AssertionError("the child did not wait to begin: " + errors(), e);
    }
  }

  /** Waits until it has told such a line. */
  void await(Predicate<String> wanted) {
    await(1, wanted);
  }

  /** Waits until it has told so many such lines. */
  void await(int count, Predicate<String> wanted) {
    if (!isToldUnlessItEnds(count, wanted)) {
      synchronized (lines) {
        throw new AssertionError(
            "the child ended by itself, after " + lastLines() + ": " + errors());
      }
    }
  }

  /** Waits until it has told so many such lines, or has ended. Returns whether it has told them. */
  boolean isToldUnlessItEnds(int count, Predicate<String> wanted) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int seen = 0;
    int found = 0;
    synchronized (lines) {
      while (true) {
        for (; seen < lines.size(); seen++) {
          if (wanted.test(lines.get(seen)) && ++found == count) {
            return true;
          }
        }
        if (ended) {
          return false;
        }
        waitUntil(deadline);
      }
    }
  }

  private List<String> lastLines() { // holding the monitor of lines
    return lines.subList(Math.max(0, lines.size() - 10), lines.size());
  }

  private void waitUntil(long deadline) { // holding the monitor of lines
    long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (millis <= 0) {
      throw new AssertionError(
          "the child says nothing more, after " + lastLines() + ": " + errors());
    }
    try {
      lines.wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the child", e);
    }
  }

  /** The line that it has told last. */
  String lastLine() {
    synchronized (lines) {
      return lines.get(lines.size() - 1);
    }
  }

  /** How many such lines it has told so far. */
  int count(Predicate<String> wanted) {
    synchronized (lines) {
      return (int) lines.stream().filter(wanted).count();
    }
  }

  /** Sends it a signal, such as STOP. */
  void signal(String name) {
    Tools.run("kill", "-" + name, pid());
  }

  /** Kills it at once. Returns every whole line that it had told before it died. */
  List<String> kill() {
    // Process.destroyForcibly would also close the pipe, which may still hold lines.
    process.toHandle().destroyForcibly();
    return awaitEnd();
  }

  /** Waits for so long until it ends by itself. Returns whether it has. */
  boolean endsWithin(Duration patience) {
    try {
      return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the child", e);
    }
  }

  /** Waits until it ends by itself. Returns every line that it has told. */
  List<String> awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException("the child is still alive after " + PATIENCE);
      }
      reader.join(PATIENCE.toMillis());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("the child did not end: " + errors(), e);
    }
    synchronized (lines) {
      if (broken != null || !ended) {
        throw new AssertionError("what the child told could not be read", broken);
      }
      return List.copyOf(lines);
    }
  }

  /** How it ended; 137 if it was killed, from within or from outside. */
  int exitCode() {
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it wrote to its standard error. */
  String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return "its messages cannot be read: " + e;
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
    try {
      Files.deleteIfExists(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
