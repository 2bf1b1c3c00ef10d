package dev.milonga.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.milonga.tests.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * F15: Jazzer, a fuzzer that is guided by which branches an input takes, on every decoder, each in
 * a process of its own: {@code mvn -Pfuzz test}, for {@code -Dmilonga.fuzz=60} seconds each, or on
 * those whose names contain {@code -Dmilonga.fuzz.decoder=…}. What it has found interesting it
 * keeps in {@code target/fuzz}, and begins with the next time.
 *
 * <p>An input that is a finding is left there as well. It belongs into {@code
 * src/test/resources/fuzz}, below the name of the decoder, once the decoder is mended.
 */
@EnabledIfSystemProperty(named = "milonga.fuzz", matches = "[0-9]+")
class FuzzedDecodersTest {

  private static final Path DIRECTORY = Path.of("target", "fuzz").toAbsolutePath();
  private static final int SECONDS = Integer.getInteger("milonga.fuzz", 0);
  private static final long PATIENCE_SECONDS = 120; // to begin, and to end
  private static final int INPUT_BYTES_MAX = 4_096;
  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");
  private static final int SHOWN_MAX = 8_000;

  @TestFactory
  Stream<DynamicTest> f15_anyBytes_giveAValueOrATypedError() {
    String part = System.getProperty("milonga.fuzz.decoder", "");
    return Decoders.all().stream()
        .filter(decoder -> decoder.name().contains(part))
        .map(decoder -> dynamicTest(decoder.name(), () -> fuzz(decoder)));
  }

  private static void fuzz(Decoder decoder) throws IOException, InterruptedException {
    String seeded = System.getProperty("milonga.seed", "");
    // Zero would be a seed of its own choice, and it takes 32 bits.
    long seed = seeded.isEmpty() ? 1 + new Random().nextInt(1 << 30) : Long.parseLong(seeded);
    Report report = new Report("f15-" + decoder.name(), seed);
    Path corpus = Files.createDirectories(DIRECTORY.resolve(decoder.name()).resolve("corpus"));
    for (int i = 0; i < decoder.samples().size(); i++) {
      Files.write(corpus.resolve("sample-" + i), decoder.samples().get(i));
    }
    Path output = corpus.resolveSibling("output.txt");
    Process process =
        new ProcessBuilder(command(decoder, corpus, seed))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(SECONDS + PATIENCE_SECONDS, TimeUnit.SECONDS);

      assertThat(ended).as("%s hangs:%n%s", decoder, end(output)).isTrue();
      assertThat(process.exitValue()).as("%s:%n%s", decoder, end(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
    Matcher done = DONE.matcher(end(output));
    assertThat(done.find()).as("%s tells of its end:%n%s", decoder, end(output)).isTrue();
    report
        .put("runs", Long.parseLong(done.group(1)))
        .put("inputsKept", runAgain(decoder, corpus))
        .put("findings", 0)
        .write();
  }

  /** Without Jazzer, which allocates as well. */
  private static int runAgain(Decoder decoder, Path corpus) throws IOException {
    DecoderRun run = new DecoderRun(decoder);
    try (Stream<Path> files = Files.list(corpus)) {
      List<Path> kept = files.sorted().toList();
      for (Path file : kept) {
        run.run(Files.readAllBytes(file));
      }
      return kept.size();
    }
  }

  private static List<String> command(Decoder decoder, Path corpus, long seed) {
    String artifacts = corpus.getParent() + "/";
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g", // a decoder that takes it all is found out
            "-XX:+EnableDynamicAgentLoading",
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + JazzerTarget.class.getName(),
            "--target_args=" + decoder.name(),
            "--instrumentation_includes=dev.milonga.**",
            "--instrumentation_excludes=dev.milonga.tests.**",
            "--reproducer_path=" + artifacts,
            "-artifact_prefix=" + artifacts,
            "-max_total_time=" + SECONDS,
            "-max_len=" + INPUT_BYTES_MAX,
            "-seed=" + seed,
            corpus.toString()));
  }

  private static String end(Path output) throws IOException {
    String all = Files.readString(output);
    return all.substring(Math.max(0, all.length() - SHOWN_MAX));
  }
}
