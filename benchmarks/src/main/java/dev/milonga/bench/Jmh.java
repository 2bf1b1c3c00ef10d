package dev.milonga.bench;

import dev.milonga.bench.jmh.Accessors;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs one method of a JMH benchmark in a process of its own. */
final class Jmh {

  private static final String ALLOCATED = "gc.alloc.rate.norm";
  private static final int ITERATIONS = 5;

  /** A method that JMH measures. */
  record Method(Class<?> type, String name) {}

  /** Its time per operation in nanoseconds, and the bytes that it allocates. */
  record Cost(double nanos, double bytes) {}

  private Jmh() {}

  static Cost measure(Bench bench, Method method) throws Exception {
    Path directory = bench.newDirectory();
    TimeValue iteration =
        TimeValue.nanoseconds(Math.max(1, bench.settings().measured().toNanos() / ITERATIONS));
    Options options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(method.type().getName() + "." + method.name()) + "$")
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(1)
            .warmupIterations(ITERATIONS)
            .warmupTime(iteration)
            .measurementIterations(ITERATIONS)
            .measurementTime(iteration)
            .addProfiler(GCProfiler.class)
            .jvmArgs(ChildJvm.options().toArray(String[]::new))
            .jvmArgsAppend("-D" + Accessors.DIRECTORY + "=" + directory)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    Collection<RunResult> results;
    try {
      results = new Runner(options).run();
    } catch (RunnerException e) {
      throw new BenchmarkException("JMH could not measure " + method.name() + ": " + e, e);
    }
    if (results.size() != 1) {
      throw new BenchmarkException(
          "JMH found " + results.size() + " methods for " + method.name() + ", not 1");
    }
    RunResult result = results.iterator().next();
    Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
    if (allocated == null) {
      throw new BenchmarkException(
          "JMH did not tell " + ALLOCATED + ", only " + result.getSecondaryResults().keySet());
    }
    return new Cost(result.getPrimaryResult().getScore(), allocated.getScore());
  }
}
