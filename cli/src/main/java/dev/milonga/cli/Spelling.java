package dev.milonga.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a wrong name was probably to be. */
final class Spelling {

  private Spelling() {}

  /** The name that takes the fewest changes of a character, if that is not more than a third. */
  static Optional<String> nearest(String wrong, Collection<String> names) {
    return names.stream()
        .filter(name -> distance(wrong, name) <= Math.max(wrong.length(), name.length()) / 3)
        .min(Comparator.comparingInt(name -> distance(wrong, name)));
  }

  // Levenshtein's, by rows.
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
