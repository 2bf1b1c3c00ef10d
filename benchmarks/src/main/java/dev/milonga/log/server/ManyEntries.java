package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A log of many small entries, written by the engine itself, and synced once. */
public final class ManyEntries {

  private static final int BATCH = 4_096;
  private static final int PAYLOAD_BYTES = 16;
  private static final int STREAMS = 1_000;

  private ManyEntries() {}

  /** Writes so many entries of 16 bytes in a thousand streams to a new log. */
  public static void write(Path directory, int entries, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    try (StoreDirectory opened =
        StoreDirectory.open(directory, StoreParts.FILES, EngineParameters.DEFAULT, Instant.EPOCH)) {
      LogEngine engine = LogEngine.open(opened.store());
      for (int written = 0; written < entries; ) {
        List<LogCommand> batch = new ArrayList<>(BATCH);
        for (; batch.size() < BATCH && written < entries; written++) {
          byte[] payload = new byte[PAYLOAD_BYTES];
          random.nextBytes(payload);
          StreamId stream = new StreamId(0, random.nextInt(STREAMS));
          batch.add(new LogCommand.Append(AppendRequest.of(stream, Payload.wrap(payload))));
        }
        opened.store().write(engine.apply(written, batch).writes(), written == entries);
      }
    }
  }
}
