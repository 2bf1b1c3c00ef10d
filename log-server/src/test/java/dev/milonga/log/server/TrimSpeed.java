package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * How long a trim of a whole log takes until it is acknowledged, what that does to the appends
 * around it, and how soon the room is given back: {@code java dev.milonga.log.server.TrimSpeed
 * EMPTY_DIRECTORY [ENTRIES]}.
 */
final class TrimSpeed {

  private static final int BATCH = 4_096;
  private static final int PAYLOAD_BYTES = 16;
  private static final int STREAMS = 1_000;
  private static final long SETTLED_NANOS = 5_000_000_000L;

  private TrimSpeed() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int entries = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000_000;
    long start = System.nanoTime();
    fill(directory, entries);
    System.out.printf("%,d entries written in %,d ms%n", entries, millisSince(start));
    start = System.nanoTime();
    try (EmbeddedLog log = EmbeddedLog.open(directory)) {
      System.out.printf("opened in %,d ms, %,d bytes%n", millisSince(start), bytes(directory));
      trim(log, directory);
    }
  }

  private static void fill(Path directory, int entries) throws IOException {
    Random random = new Random(1);
    try (StoreDirectory opened =
        StoreDirectory.open(directory, StoreParts.FILES, EngineParameters.DEFAULT, Instant.EPOCH)) {
      LogEngine engine = LogEngine.open(opened.store());
      for (int written = 0; written < entries; ) {
        List<LogCommand> batch = new ArrayList<>(BATCH);
        for (; batch.size() < BATCH && written < entries; written++) {
          byte[] payload = new byte[PAYLOAD_BYTES];
          random.nextBytes(payload);
          batch.add(new LogCommand.Append(append(random.nextInt(STREAMS), payload)));
        }
        opened.store().write(engine.apply(written, batch).writes(), written >= entries);
      }
    }
  }

  private static void trim(EmbeddedLog log, Path directory) throws IOException {
    List<Long> before = appendFor(log, 1_000_000_000L);
    LogPosition tail = log.tail().join();
    long start = System.nanoTime();
    log.trim(tail).join();
    System.out.printf("trim of %s acknowledged in %,d µs%n", tail, micros(start));
    List<Long> after = new ArrayList<>();
    long smallest = bytes(directory);
    long smallestAt = System.nanoTime();
    while (System.nanoTime() - smallestAt < SETTLED_NANOS) {
      after.addAll(appendFor(log, 50_000_000L));
      long bytes = bytes(directory);
      if (bytes < smallest) {
        smallest = bytes;
        smallestAt = System.nanoTime();
      }
    }
    System.out.printf(
        "%,d bytes after %,d ms; appends before: %s; after: %s%n",
        smallest, (smallestAt - start) / 1_000_000, described(before), described(after));
  }

  /** Appends one after the other; how long each took, in microseconds. */
  private static List<Long> appendFor(EmbeddedLog log, long nanos) {
    List<Long> times = new ArrayList<>();
    for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
      long start = System.nanoTime();
      log.append(append(0, new byte[PAYLOAD_BYTES])).join();
      times.add(micros(start));
    }
    return times;
  }

  private static AppendRequest append(int stream, byte[] payload) {
    return AppendRequest.of(new StreamId(0, stream), Payload.wrap(payload));
  }

  private static String described(List<Long> times) {
    Collections.sort(times);
    return String.format(
        "%,d, median %,d µs, 99 %% %,d µs, longest %,d µs",
        times.size(),
        times.get(times.size() / 2),
        times.get(times.size() * 99 / 100),
        times.get(times.size() - 1));
  }

  private static long bytes(Path directory) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory.resolve("rocksdb"))) {
      for (Path file : files.toList()) {
        try {
          bytes += Files.size(file);
        } catch (NoSuchFileException gone) {
          bytes += 0; // just dropped
        }
      }
    }
    return bytes;
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static long micros(long start) {
    return (System.nanoTime() - start) / 1_000;
  }
}
