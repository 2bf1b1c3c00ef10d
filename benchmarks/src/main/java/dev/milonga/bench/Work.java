package dev.milonga.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is measured: one kind of call, by a number of threads. */
public enum Work {
  /** Durable puts, each waited for, by one thread. */
  PUT_1("map.put, 1 thread", 1),
  /** Durable puts, each waited for, by 16 threads. */
  PUT_16("map.put, 16 threads", 16),
  /** Reads by one thread. */
  GET_1("map.get, 1 thread", 1),
  /** Reads by 16 threads. */
  GET_16("map.get, 16 threads", 16),
  /** Durable puts by one thread with 1,024 under way; for the baseline, batches of 1,000. */
  PUT_ASYNC("asynchronous map.put, 1,024 under way", 1);

  private final String description;
  private final int threads;

  Work(String description, int threads) {
    this.description = description;
    this.threads = threads;
  }

  /** The work of that {@linkplain #label label}, if there is one. */
  public static Optional<Work> labelled(String label) {
    return Arrays.stream(values()).filter(work -> work.label().equals(label)).findFirst();
  }

  /** The name to ask for it by, such as {@code put-1}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What is done, by how many threads. */
  public String description() {
    return description;
  }

  int threads() {
    return threads;
  }
}
