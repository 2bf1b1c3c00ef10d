package dev.milonga.tests;

/**
 * How much of a test of faults is run: the number in {@code -DNAME=…} if it is given, else that of
 * the soak profile ({@code -Dmilonga.faults=soak}), else that of an ordinary build.
 */
final class Numbers {

  private Numbers() {}

  static boolean soak() {
    return "soak".equals(System.getProperty("milonga.faults"));
  }

  static int of(String name, int ordinary, int soak) {
    String given = System.getProperty(name, "");
    return given.isEmpty() ? (soak() ? soak : ordinary) : Integer.parseInt(given);
  }

  /** The seed of this run: {@code -Dmilonga.seed=…}, or a new one. */
  static long seed() {
    String given = System.getProperty("milonga.seed", "");
    return given.isEmpty() ? new java.util.Random().nextLong() : Long.parseLong(given);
  }
}
