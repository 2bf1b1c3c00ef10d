package dev.milonga.bench;

/** Whether a figure reaches its goal. */
public enum Verdict {
  /** It does. */
  MET("met"),
  /** It does not. */
  MISSED("missed"),
  /** There is no goal. */
  NO_GOAL("n.a.");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
