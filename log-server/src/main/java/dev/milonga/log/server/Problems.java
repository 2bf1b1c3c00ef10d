package dev.milonga.log.server;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, up to a number that a reader can still take in. */
final class Problems {

  private static final int SHOWN_MAX = 50;

  private final List<String> shown = new ArrayList<>();
  private long more;

  void add(String problem) {
    if (shown.size() < SHOWN_MAX) {
      shown.add(problem);
    } else {
      more++;
    }
  }

  List<String> all() {
    List<String> all = new ArrayList<>(shown);
    if (more > 0) {
      all.add("and " + more + " more");
    }
    return all;
  }
}
