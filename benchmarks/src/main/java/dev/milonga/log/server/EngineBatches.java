package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Batches of 100 appends decided by the engine, which is all but the disk. */
@State(Scope.Benchmark)
public class EngineBatches {

  private static final int BATCH = 100;
  private static final StreamId STREAM = StreamId.named("map");

  private final Payload payload = Payload.wrap(new byte[150]);
  private final SplittableRandom random = new SplittableRandom(1);
  private StoreDirectory directory;
  private LogEngine engine;
  private SessionId session;
  private long sequence;

  /** Opens an engine over an empty store. */
  @Setup
  public void open() throws IOException {
    Path parent =
        Path.of(
            System.getProperty(
                dev.milonga.bench.jmh.Accessors.DIRECTORY, System.getProperty("java.io.tmpdir")));
    directory =
        StoreDirectory.open(
            Files.createTempDirectory(parent, "engine-"),
            StoreParts.FILES,
            EngineParameters.DEFAULT,
            Instant.EPOCH);
    engine = LogEngine.open(directory.store());
    Outcome opened = engine.apply(1, List.of(new LogCommand.OpenSession())).outcomes().get(0);
    session = ((Outcome.SessionOpened) opened).session();
  }

  /** Closes it. */
  @TearDown
  public void close() {
    directory.close();
  }

  /** A hundred appends of one key each, with request numbers. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Object apply() {
    List<LogCommand> commands = new ArrayList<>(BATCH);
    for (int i = 0; i < BATCH; i++) {
      long number = ++sequence;
      commands.add(
          new LogCommand.Append(
              AppendRequest.builder(payload)
                  .write(StreamKeys.keys(STREAM, random.nextInt(10_000)))
                  .requestId(new RequestId(session, number, number))
                  .build()));
    }
    return engine.apply(sequence, commands);
  }
}
