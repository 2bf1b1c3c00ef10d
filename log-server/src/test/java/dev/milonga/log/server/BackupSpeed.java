package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * What a backup does to writers: durable appends of 16 threads without one and while one is made,
 * in turns: {@code java dev.milonga.log.server.BackupSpeed EMPTY_DIRECTORY [ENTRIES]}.
 */
final class BackupSpeed {

  private static final int THREADS = 16;
  private static final int PAYLOAD_BYTES = 116;
  private static final int IN_FLIGHT = 1_024;
  private static final int ROUNDS = 3;

  private BackupSpeed() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int entries = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2_000_000;
    Files.createDirectories(directory);
    try (EmbeddedLog log = EmbeddedLog.open(directory.resolve("data"))) {
      Random random = new Random(1);
      for (int i = 0; i < entries; i++) {
        CompletableFuture<?> last = log.append(append(random));
        if (i % IN_FLIGHT == 0) {
          last.join();
        }
      }
      for (int round = 0; round < ROUNDS; round++) {
        Path file = directory.resolve(round + ".backup");
        CompletableFuture<Backup> backup = CompletableFuture.supplyAsync(() -> log.backupTo(file));
        long start = System.nanoTime();
        String during = appendWhile(log, () -> !backup.isDone());
        long nanos = System.nanoTime() - start;
        long end = System.nanoTime() + nanos;
        String without = appendWhile(log, () -> System.nanoTime() < end);
        System.out.printf(
            "backup of %,d bytes in %s%n  appends meanwhile: %s%n  appends without:   %s%n",
            backup.join().bytes(), Duration.ofNanos(nanos), during, without);
      }
      long start = System.nanoTime();
      Backup.restore(directory.resolve("0.backup"), directory.resolve("restored"));
      System.out.printf("restored in %s%n", Duration.ofNanos(System.nanoTime() - start));
    }
    long start = System.nanoTime();
    StoreReport report = StoreCheck.check(directory.resolve("data"));
    System.out.printf(
        "verified %,d entries in %s: %s%n",
        report.entries(), Duration.ofNanos(System.nanoTime() - start), report.problems());
  }

  private static String appendWhile(EmbeddedLog log, BooleanSupplier goesOn) throws Exception {
    List<Long> micros = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(i);
      Thread thread =
          new Thread(
              () -> {
                while (goesOn.getAsBoolean()) {
                  long start = System.nanoTime();
                  log.append(append(random)).join();
                  micros.add((System.nanoTime() - start) / 1_000);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Collections.sort(micros);
    return String.format(
        "%,d/s, median %,d µs, 99 %% %,d µs, longest %,d µs",
        micros.size() * 1_000_000_000L / (System.nanoTime() - begin),
        micros.get(micros.size() / 2),
        micros.get(micros.size() * 99 / 100),
        micros.get(micros.size() - 1));
  }

  private static AppendRequest append(Random random) {
    byte[] payload = new byte[PAYLOAD_BYTES];
    random.nextBytes(payload);
    return AppendRequest.of(new StreamId(0, random.nextInt(100)), Payload.wrap(payload));
  }
}
