package dev.milonga.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Everything that can be measured, and how it is asked for. */
public final class Works {

  /** The name for all of it. */
  public static final String ALL = "all";

  private static final Set<String> USUAL =
      Set.of("put-1", "put-16", "get-1", "get-16", "put-async", "counter-16", "tx-16");

  private Works() {}

  /** All works, in the order of the table. */
  public static List<Work> all() {
    return Stream.of(
            NanosecondWorks.all(),
            ObjectWorks.all(),
            ReopenWork.all(),
            TransactionWorks.all(),
            CheckpointWorks.all(),
            ServedWorks.all(),
            PeerWorks.all())
        .flatMap(List::stream)
        .toList();
  }

  /** Those that are measured if none is named. */
  public static List<Work> usual() {
    return all().stream().filter(work -> USUAL.contains(work.name())).toList();
  }

  /**
   * The works of those names, in the order of the table: names, groups, beginnings of names up to a
   * hyphen ({@code get} for {@code get-1} and {@code get-16}), or patterns with {@code *} and
   * {@code ?}.
   *
   * @throws IllegalArgumentException if there is nothing of one of these names; the message names
   *     it, and the nearest that there is
   */
  public static List<Work> named(List<String> names) {
    List<Work> all = all();
    Set<Work> wanted = new LinkedHashSet<>();
    for (String name : names) {
      List<Work> found = all.stream().filter(work -> isNamed(work, name, all)).toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(
            "there is no measurement '" + name + "'" + suggestion(name, all));
      }
      wanted.addAll(found);
    }
    return all.stream().filter(wanted::contains).toList();
  }

  private static boolean isNamed(Work work, String name, List<Work> all) {
    if (name.equals(ALL) || work.name().equals(name) || work.group().equals(name)) {
      return true;
    }
    if (name.contains("*") || name.contains("?")) {
      return glob(name).matcher(work.name()).matches();
    }
    boolean exact = all.stream().anyMatch(other -> other.name().equals(name));
    return !exact && work.name().startsWith(name + "-");
  }

  /** The place of the work that a row of that name is from; after all of them if it is unknown. */
  static int place(String row) {
    List<Work> all = all();
    int place = all.size();
    int longest = 0;
    for (int i = 0; i < all.size(); i++) {
      String name = all.get(i).name();
      if ((row + "-").startsWith(name + "-") && name.length() > longest) {
        place = i;
        longest = name.length();
      }
    }
    return place;
  }

  private static Pattern glob(String pattern) {
    StringBuilder expression = new StringBuilder();
    for (char c : pattern.toCharArray()) {
      expression.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(expression.toString());
  }

  private static String suggestion(String name, List<Work> all) {
    Set<String> known = new LinkedHashSet<>(List.of(ALL));
    all.forEach(work -> known.add(work.group()));
    all.forEach(work -> known.add(work.name()));
    Optional<String> nearest =
        known.stream()
            .filter(other -> distance(name, other) <= Math.max(1, name.length() / 3))
            .min(Comparator.comparingInt(other -> distance(name, other)));
    return nearest
        .map(other -> "; did you mean '" + other + "'?")
        .orElseGet(() -> "; there are " + String.join(", ", known));
  }

  /** How many letters have to be put in, taken out or changed. */
  static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }

  /** The names of all works and groups. */
  public static List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (Work work : all()) {
      names.add(work.group());
      names.add(work.name());
    }
    return new ArrayList<>(names);
  }
}
