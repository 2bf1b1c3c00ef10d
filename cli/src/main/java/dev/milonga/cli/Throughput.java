package dev.milonga.cli;

import java.util.Locale;

/**
 * Prints how fast a load goes: a line for each tenth of the records, and one after two seconds
 * without. Used by one thread.
 */
final class Throughput {

  private static final long LINE_EVERY = 2_000_000_000L;

  private final Screen screen;
  private final int step;
  private boolean begun; // with the first record: what comes before it is no load
  private long start;
  private int printed; // records when the last line was printed
  private long printedAt;

  Throughput(Screen screen, int total) {
    this.screen = screen;
    this.step = Math.max(1, total / 10);
  }

  /** That many records have been acknowledged by now. */
  void reached(int records) {
    long now = screen.nanoTime().getAsLong();
    if (!begun) {
      begun = true;
      start = now;
      printed = records;
      printedAt = now;
      return;
    }
    if (records - printed < step && (now - printedAt < LINE_EVERY || records == printed)) {
      return;
    }
    screen
        .out()
        .println(
            String.format(
                Locale.ROOT,
                "  %,9d acknowledged  %6.1f s  %,9.0f records/s",
                records,
                (now - start) / 1e9,
                (records - printed) * 1e9 / Math.max(1, now - printedAt)));
    screen.out().flush();
    printed = records;
    printedAt = now;
  }
}
