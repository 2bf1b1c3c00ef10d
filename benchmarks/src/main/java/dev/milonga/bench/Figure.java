package dev.milonga.bench;

/**
 * How fast some work was done; medians of the rounds.
 *
 * @param store operations per second of the store
 * @param baseline operations per second of the baseline, in the same run
 */
public record Figure(Work work, double store, double baseline) {

  /** The store's rate in terms of the baseline's. */
  public double ratio() {
    return store / baseline;
  }
}
