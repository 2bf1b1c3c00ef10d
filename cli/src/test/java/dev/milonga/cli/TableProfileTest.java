package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.cli.ColumnSummary.ValueCount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TableProfileTest {

  @Test
  void column_isSummarized() {
    TableProfile profile = new TableProfile();
    profile.add(0, List.of("red", "10"));
    profile.add(1, List.of("blue", "-2.5"));
    profile.add(2, List.of("red", ""));

    assertThat(profile.columns())
        .containsExactly(
            new ColumnSummary(
                3, 2, 0, 0, 0, List.of(new ValueCount("red", 2), new ValueCount("blue", 1))),
            new ColumnSummary(
                2, 2, 2, -2.5, 10, List.of(new ValueCount("-2.5", 1), new ValueCount("10", 1))));
  }

  @Test
  void addingARowAgain_changesNothing() {
    TableProfile profile = new TableProfile();
    assertThat(profile.add(7, List.of("x"))).isTrue();
    List<ColumnSummary> before = profile.columns();

    assertThat(profile.add(7, List.of("y"))).isFalse();

    assertThat(profile.columns()).isEqualTo(before);
    assertThat(profile.rows()).containsExactly(7);
  }

  @Property(tries = 20)
  void order_makesNoDifference(
      @ForAll @IntRange(min = 900, max = 1_100) int distinct, @ForAll long seed) {
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < distinct + 50; i++) {
      rows.add(i);
    }
    TableProfile inOrder = profile(rows, distinct);
    Collections.shuffle(rows, new Random(seed));
    TableProfile shuffled = profile(rows, distinct);

    assertThat(shuffled.columns()).isEqualTo(inOrder.columns());
    assertThat(shuffled.columns().get(0).distinct()).isEqualTo(distinct > 1_000 ? -1 : distinct);
  }

  private static TableProfile profile(List<Integer> rows, int distinct) {
    TableProfile profile = new TableProfile();
    rows.forEach(row -> profile.add(row, List.of(String.valueOf(row % distinct))));
    return profile;
  }
}
