package dev.milonga.tests.simulation;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What has happened in a simulation, step by step. Two runs of one seed have the same. */
public final class Trace {

  private static final int KEPT = 200;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final Optional<PrintStream> out;
  private final Deque<String> last = new ArrayDeque<>();
  private long hash = FNV_OFFSET;

  /** Keeps the last lines, and prints all of them if it is told where. */
  public Trace(Optional<PrintStream> out) {
    this.out = out;
  }

  void add(long step, long nanos, String who, String what) {
    String line = step + "  " + nanos / 1_000 + " us  " + who + "  " + what;
    for (int i = 0; i < line.length(); i++) {
      hash = (hash ^ line.charAt(i)) * FNV_PRIME;
    }
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(line);
    out.ifPresent(stream -> stream.println(line));
  }

  /** 64 bits of all that has happened so far. */
  public long hash() {
    return hash;
  }

  /** The last steps. */
  public List<String> tail() {
    return List.copyOf(last);
  }
}
