package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import java.util.HashMap;
import java.util.Map;

/** Checks {@link Tallies} against what was told of them by processes that were killed. */
final class TallyAudit {

  private final Map<String, Long> told = new HashMap<>();
  private int kills; // since the last check

  /** Takes a line of {@link Tallies#work}. */
  void told(String line) {
    String[] words = line.split(" ");
    told.merge(words[1], Long.parseLong(words[2]), Math::max);
  }

  void killed() {
    kills++;
  }

  /** With each kill at most one call of each was under way, which was done or not. */
  void check(SharedLog log) {
    try (Milonga store = Milonga.over(log)) {
      Map<String, Long> values = new Tallies(store).values();
      assertThat(values.get("right")).as("written in one block").isEqualTo(values.get("left"));
      values.forEach(
          (name, value) -> {
            long acknowledged = told.getOrDefault(name, 0L);
            if (!name.equals("right")) { // nobody is told of it
              assertThat(value).as(name).isBetween(acknowledged, acknowledged + kills);
            }
          });
      told.putAll(values);
      kills = 0;
    }
  }
}
