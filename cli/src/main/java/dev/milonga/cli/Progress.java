package dev.milonga.cli;

import java.util.Locale;

/**
 * Tells how far a task is, if it takes longer than two seconds: on a terminal by a bar that is
 * redrawn in place, elsewhere by a line every two seconds.
 *
 * <p>Used by one thread at a time.
 */
final class Progress implements AutoCloseable {

  private static final long SECOND = 1_000_000_000L;
  private static final long LINE_EVERY = 2 * SECOND;
  private static final long REDRAW_EVERY = SECOND / 10;
  private static final int BAR = 24;

  private final Screen screen;
  private final String task;
  private final String unit;
  private final long total;
  private final long start;
  private long done; // 0 <= done <= total
  private long due; // when to print next
  private int drawn; // characters of the bar on the screen; 0 if there is none

  Progress(Screen screen, String task, String unit, long total) {
    this.screen = screen;
    this.task = task;
    this.unit = unit;
    this.total = total;
    this.start = screen.nanoTime().getAsLong();
    this.due = start + LINE_EVERY;
  }

  /** That many steps have been done since the task began. */
  void done(long steps) {
    done = Math.min(steps, total);
    long now = screen.nanoTime().getAsLong();
    if (now - due < 0) {
      return;
    }
    if (screen.terminal()) {
      String bar = bar(now);
      screen.err().print('\r' + bar + " ".repeat(Math.max(0, drawn - bar.length())));
      drawn = bar.length();
      due = now + REDRAW_EVERY;
    } else {
      screen.err().println(task + ": " + figures(now));
      due = now + LINE_EVERY;
    }
    screen.err().flush();
  }

  /** Takes the bar off the screen. */
  @Override
  public void close() {
    if (drawn > 0) {
      screen.err().print('\r' + " ".repeat(drawn) + '\r');
      screen.err().flush();
      drawn = 0;
    }
  }

  private String bar(long now) {
    int full = total == 0 ? BAR : (int) (BAR * done / total);
    return task + " [" + "#".repeat(full) + "-".repeat(BAR - full) + "] " + figures(now);
  }

  private String figures(long now) {
    double seconds = Math.max(1, now - start) / (double) SECOND;
    double rate = done / seconds;
    String left =
        done == 0 || done == total
            ? ""
            : String.format(Locale.ROOT, ", %.0f s left", Math.ceil((total - done) / rate));
    return String.format(
        Locale.ROOT,
        "%,d of %,d %s (%d %%), %,.0f/s%s",
        done,
        total,
        unit,
        total == 0 ? 100 : 100 * done / total,
        rate,
        left);
  }
}
