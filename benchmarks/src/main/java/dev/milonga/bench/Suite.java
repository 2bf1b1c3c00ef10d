package dev.milonga.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Measures works one after the other, each in a directory of its own, which is removed afterwards.
 */
public final class Suite {

  private final Settings settings;
  private final Path directory;
  private final InstantSource clock;

  /**
   * A suite.
   *
   * @param directory an empty one, on the disk to measure
   * @param clock what day it is
   */
  public Suite(Settings settings, Path directory, InstantSource clock) {
    this.settings = settings;
    this.directory = directory;
    this.clock = clock;
  }

  /**
   * Measures the works.
   *
   * @param command how this was started, to be kept with the figures
   * @param measured is called after each measurement
   * @throws BenchmarkException if an operation fails, ours or that of what we are compared with
   */
  public Run run(List<Work> works, String command, Runnable measured)
      throws BenchmarkException, IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    List<Curve> curves = new ArrayList<>();
    for (Work work : works) {
      Path own = Files.createDirectory(directory.resolve(work.name()));
      try (Bench bench = new Bench(settings, own, measured)) {
        work.run(bench);
        rows.addAll(bench.rows());
        curves.addAll(bench.curves());
      } catch (InterruptedException | BenchmarkException e) {
        throw e;
      } catch (NoClassDefFoundError e) {
        throw new BenchmarkException(
            work.name()
                + " needs JMH or the peers, and they are not on the class path ("
                + e.getMessage()
                + "); run it by bin/milonga bench",
            e);
      } catch (Exception e) {
        Throwable cause =
            e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        throw new BenchmarkException(work.name() + " failed: " + cause, cause);
      }
      remove(own);
    }
    return Run.of(
        clock.instant().atOffset(ZoneOffset.UTC).toLocalDate().toString(),
        command,
        Machine.of(directory),
        settings,
        rows,
        curves);
  }

  private static void remove(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
