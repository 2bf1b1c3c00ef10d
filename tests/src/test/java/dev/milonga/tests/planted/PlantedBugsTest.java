package dev.milonga.tests.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Plants each bug into a copy of its class, which is put before the product's own on the class path
 * of another JVM, and runs the test that is to find it there: it has to pass without the bug, and
 * to fail with it. A bug whose place in the source is gone fails as well: it has to be planted
 * elsewhere, or be given up.
 */
@EnabledIfSystemProperty(named = "milonga.planted-bugs", matches = ".+")
class PlantedBugsTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path COPIES = Path.of("target", "planted-bugs").toAbsolutePath();
  private static final List<String> MODULES = List.of("log-client", "log-server", "object-runtime");
  private static final long SECONDS_MAX = 300;

  @TestFactory
  Stream<DynamicTest> eachPlantedBug_isFoundByItsTest() throws IOException {
    Pattern which = Pattern.compile(System.getProperty("milonga.planted-bugs"));
    Files.createDirectories(COPIES);
    return PlantedBug.all().stream()
        .filter(bug -> which.matcher(bug.name()).find())
        .map(bug -> dynamicTest(bug.name(), () -> plant(bug)));
  }

  private static void plant(PlantedBug bug) throws Exception {
    Path copy = COPIES.resolve(bug.name().replaceAll("[^a-z]+", "-"));
    compile(bug, copy);

    Run without = run(bug.finder(), classPath());
    Run with = run(bug.finder(), copy + File.pathSeparator + classPath());

    System.out.printf(
        Locale.ROOT,
        "planted: %s%n  %s: %s, without it %s%n",
        bug.name(),
        bug.finder(),
        with,
        without);
    assertThat(without.exitCode())
        .as("%s without the bug:%n%s", bug.finder(), without.output)
        .isZero();
    assertThat(with.found()).as("%s does not find it:%n%s", bug.finder(), with.output).isTrue();
  }

  private static void compile(PlantedBug bug, Path copy) throws IOException {
    String source = Files.readString(ROOT.resolve(bug.source().path()));
    assertThat(source.split(Pattern.quote(bug.right()), -1))
        .as("%s has to contain exactly once:%n%s", bug.source().path(), bug.right())
        .hasSize(2);
    Path changed = copy.resolve(bug.source().type().replace('.', '/') + ".java");
    Files.createDirectories(changed.getParent());
    Files.writeString(changed, source.replace(bug.right(), bug.wrong()));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter problems = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  problems,
                  files,
                  null,
                  List.of(
                      "-cp", classPath(), "-d", copy.toString(), "-parameters", "--release", "17"),
                  null,
                  files.getJavaFileObjects(changed))
              .call();
      assertThat(compiled).as("the planted bug has to compile:%n%s", problems).isTrue();
    }
  }

  // The tests of other modules run from here as well.
  private static String classPath() {
    List<String> path = new ArrayList<>();
    path.add(System.getProperty("java.class.path"));
    MODULES.forEach(module -> path.add(ROOT.resolve(module + "/target/test-classes").toString()));
    return String.join(File.pathSeparator, path);
  }

  /**
   * What a run of a test came to.
   *
   * @param exitCode of {@link OneTest}; below 0 if it did not end
   */
  private record Run(int exitCode, double seconds, String output) {

    /** Whether a test has failed, or has waited for ever. */
    boolean found() {
      return exitCode == OneTest.FAILED || exitCode < 0;
    }

    @Override
    public String toString() {
      String outcome =
          switch (exitCode) {
            case OneTest.PASSED -> "passed";
            case OneTest.FAILED -> "failed";
            default -> exitCode < 0 ? "did not end" : "broke with exit code " + exitCode;
          };
      return String.format(Locale.ROOT, "%s in %.1f s", outcome, seconds);
    }
  }

  private static Run run(String test, String classPath) throws IOException, InterruptedException {
    Path output = Files.createTempFile(COPIES, "run", ".txt");
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+EnableDynamicAgentLoading",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dmilonga.soak=2",
                "-Dmilonga.lincheck=4",
                "-cp",
                classPath,
                OneTest.class.getName(),
                test)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .directory(COPIES.toFile())
            .start();
    boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    String printed = Files.readString(output);
    Files.delete(output);
    String tail = printed.substring(Math.max(0, printed.length() - 4_000));
    return new Run(ended ? process.exitValue() : -1, (System.nanoTime() - begun) / 1e9, tail);
  }
}
