package dev.milonga.bench;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.ManyEntries;
import java.nio.file.Path;
import java.util.Locale;

/** How long a trim of a whole log takes until it is acknowledged; once, since it is empty then. */
final class TrimWork {

  private TrimWork() {}

  static Work work(String name, String group, int entries) {
    String description =
        String.format(Locale.ROOT, "trim of %,d entries, until acknowledged", entries);
    return Work.of(
        name,
        group,
        description,
        settings -> 2,
        bench -> {
          Path directory = bench.newDirectory();
          ManyEntries.write(directory, entries, bench.settings().seed());
          bench.measured();
          try (SharedLog log = EmbeddedLog.open(directory)) {
            append(log, bench.settings().warmUp().toNanos());
            LogPosition tail = log.tail().join();
            long start = System.nanoTime();
            log.trim(tail).join();
            double millis = (System.nanoTime() - start) / 1e6;
            requireTrimmed(log, tail, entries);
            bench.measured();
            bench.add(
                Row.of(name, description, Figure.of(millis, Unit.MILLISECONDS), Goal.atMost(100)));
          }
        });
  }

  private static void append(SharedLog log, long nanos) {
    AppendRequest request = AppendRequest.of(StreamId.named("warm-up"), Payload.wrap(new byte[16]));
    for (long begun = System.nanoTime(); System.nanoTime() - begun < nanos; ) {
      log.append(request).join();
    }
  }

  private static void requireTrimmed(SharedLog log, LogPosition tail, int entries)
      throws BenchmarkException {
    LogPosition mark = log.trimMark().join();
    if (!mark.equals(tail) || tail.value() < entries) {
      throw new BenchmarkException(
          "the trim mark is " + mark + " where " + tail + " was asked for, after " + entries);
    }
  }
}
