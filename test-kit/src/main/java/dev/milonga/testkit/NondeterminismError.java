package dev.milonga.testkit;

/** A class does not do the same on every replica: {@link #finding()} says where it shows first. */
public final class NondeterminismError extends AssertionError {

  private final transient Finding finding;

  NondeterminismError(Finding finding, String origin) {
    super(origin.isEmpty() ? finding.toString() : finding + "\n" + origin);
    this.finding = finding;
  }

  /** Where it shows first. */
  public Finding finding() {
    return finding;
  }
}
