package dev.milonga.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * F15, at the number of an ordinary build: every decoder gives a value or a typed error, and takes
 * no more memory than its input can justify. {@link FuzzedDecodersTest} looks for longer.
 */
class DecodersTest {

  private static final int RUNS = 1_000;
  private static final int RUNS_OF_LOGS = 10; // each opens a store
  private static final long SEED = 15;

  /** What was once found; a file for each input, below the decoder's name. */
  private static final Path FOUND = Path.of("src", "test", "resources", "fuzz");

  @TestFactory
  Stream<DynamicTest> f15_mutatedBytes_giveAValueOrATypedError() {
    return Decoders.all().stream()
        .map(
            decoder ->
                dynamicTest(
                    decoder.name(),
                    () -> {
                      DecoderRun run = new DecoderRun(decoder);
                      decoder.samples().forEach(run::run);
                      assertThat(run.values()).isPositive();
                      assertThat(run.refusals()).as("samples refused").isZero();
                      Mutations mutations = new Mutations(decoder.samples(), new Random(SEED));
                      int runs = decoder.name().equals("log") ? RUNS_OF_LOGS : RUNS;
                      for (int i = 0; i < runs; i++) {
                        run.run(mutations.next());
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> f15_whatWasOnceFound_isNotFoundAgain() throws IOException {
    try (Stream<Path> files = Files.walk(FOUND)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getParent().equals(FOUND))
          .map(
              file ->
                  dynamicTest(
                      FOUND.relativize(file).toString(),
                      () ->
                          new DecoderRun(Decoders.named(file.getParent().getFileName().toString()))
                              .run(Files.readAllBytes(file))))
          .toList()
          .stream();
    }
  }

  @Test
  void f15_entryOfALargePayload_takesAtMostTwiceItsBytes() {
    LogPosition position = new LogPosition(7);
    byte[] entry =
        EntryFormat.encode(
            new LogEntry(
                position,
                5,
                List.of(StreamKeys.whole(StreamId.named("sampled"))),
                Payload.wrap(new byte[4 << 20]),
                null));
    Decoder decoder =
        new Decoder("large", List.of(), 2, bytes -> EntryFormat.decode(position, bytes));

    DecoderRun run = new DecoderRun(decoder);
    run.run(entry);

    assertThat(run.refusals()).isZero();
  }

  @Test
  void f15_decoderThatThrowsOrAllocates_isFound() {
    byte[] input = {1, 2, 3};
    Decoder throwing = new Decoder("throwing", List.of(), 2, bytes -> bytes[bytes.length] = 1);
    Decoder greedy = new Decoder("greedy", List.of(), 2, bytes -> kept = new byte[100_000]);
    Decoder modest = new Decoder("modest", List.of(), 2, bytes -> kept = new byte[10_000]);

    assertThatThrownBy(() -> new DecoderRun(throwing).run(input))
        .hasMessageContaining("ArrayIndexOutOfBounds")
        .hasMessageContaining("010203");
    assertThatThrownBy(() -> new DecoderRun(greedy).run(input)).hasMessageContaining("allocates");
    new DecoderRun(modest).run(input);
  }

  @SuppressWarnings("unused") // so that the allocation is not left out
  private byte[] kept;
}
