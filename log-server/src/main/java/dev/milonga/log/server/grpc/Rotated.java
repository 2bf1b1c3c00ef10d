package dev.milonga.log.server.grpc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are replaced while the server runs: looked at from time to time, and taken over when
 * their content has changed. What cannot be used is told in a warning, once, and what was in force
 * stays. Compared by content: files are small, and times of change too coarse.
 */
final class Rotated implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Rotated.class);

  private final ScheduledThreadPoolExecutor thread;
  private final Duration interval;

  Rotated(Duration interval) {
    this.interval = interval;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "log-server-files");
              made.setDaemon(true);
              return made;
            });
  }

  /** Takes over the content of files, in their order. */
  interface Use {
    /** Throws {@link IllegalArgumentException} if it cannot be used. */
    void accept(List<byte[]> contents);
  }

  /**
   * Takes over those files, now and whenever one has changed.
   *
   * @throws IllegalArgumentException if they cannot be used now
   */
  void follow(List<Path> files, Function<Path, byte[]> read, Use use) {
    Followed followed = new Followed(files, read, use);
    followed.takeOver();
    thread.scheduleWithFixedDelay(
        followed::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Some files that belong together. Used by one thread at a time. */
  private static final class Followed {
    private final List<Path> files;
    private final Function<Path, byte[]> read;
    private final Use use;
    private List<byte[]> inForce = List.of();
    private String problem = ""; // told already

    Followed(List<Path> files, Function<Path, byte[]> read, Use use) {
      this.files = files;
      this.read = read;
      this.use = use;
    }

    void takeOver() {
      List<byte[]> contents = new ArrayList<>();
      files.forEach(file -> contents.add(read.apply(file)));
      if (!isInForce(contents)) {
        use.accept(contents);
        inForce = contents;
      }
    }

    private boolean isInForce(List<byte[]> contents) {
      boolean same = contents.size() == inForce.size();
      for (int i = 0; same && i < contents.size(); i++) {
        same = Arrays.equals(contents.get(i), inForce.get(i));
      }
      return same;
    }

    void look() {
      List<byte[]> before = inForce;
      try {
        takeOver();
        problem = "";
        if (inForce != before) {
          LOG.info("took over {}", files);
        }
      } catch (RuntimeException e) {
        if (!problem.equals(e.getMessage())) {
          problem = String.valueOf(e.getMessage());
          LOG.warn("{} cannot be used, and what was in force stays: {}", files, problem);
        }
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
