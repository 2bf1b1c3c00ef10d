package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorksTest {

  @Test
  void names_areUnique_andNoneIsAGroup() {
    List<String> names = Works.all().stream().map(Work::name).toList();

    assertThat(names).doesNotHaveDuplicates();
    assertThat(names).doesNotContainAnyElementsOf(Works.all().stream().map(Work::group).toList());
  }

  @Test
  void whatIsNamed_isANameAGroupABeginningOrAPattern() {
    assertThat(named("put-1")).containsExactly("put-1");
    assertThat(named("put")).containsExactly("put-1", "put-16", "put-async");
    assertThat(named("peers")).hasSize(8).allMatch(name -> name.startsWith("peers-"));
    assertThat(named("*-hot-*")).containsExactly("tx-hot-16", "peers-tx-hot-1", "peers-tx-hot-16");
    assertThat(named("get-1?")).containsExactly("get-16");
    assertThat(named("tx-16", "put-1", "put-1")).containsExactly("put-1", "tx-16");
    assertThat(Works.named(List.of("all"))).hasSameSizeAs(Works.all());
  }

  @Test
  void unknownName_isRefusedWithTheNearest() {
    assertThatThrownBy(() -> Works.named(List.of("put-1", "transacions")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no measurement 'transacions'; did you mean 'transactions'?");
    assertThatThrownBy(() -> Works.named(List.of("xyzzy")))
        .hasMessageContaining("there are all, nanos, ");
  }

  @Test
  void usualWorks_takeLessThanAMinuteAndAHalf() {
    Settings settings = new Settings(3, Duration.ofMillis(500), Duration.ofSeconds(1), 1);

    double seconds =
        Works.usual().stream().mapToInt(work -> work.measurements(settings)).sum() * 1.5;

    assertThat(seconds).isBetween(30.0, 75.0); // the rest is for opening and closing
  }

  @Test
  void rows_areInTheOrderOfTheirWorks() {
    List<String> names = Works.all().stream().map(Work::name).toList();

    assertThat(Works.place("tx-16-aborts")).isEqualTo(names.indexOf("tx-16"));
    assertThat(Works.place("get-16-writing")).isEqualTo(names.indexOf("get-16-writing"));
    assertThat(Works.place("peers-tx-1-h2")).isEqualTo(names.indexOf("peers-tx-1"));
    assertThat(Works.place("something")).isEqualTo(names.size());
  }

  @Test
  void distance_countsChangesOfLetters() {
    assertThat(Works.distance("put-1", "put-1")).isZero();
    assertThat(Works.distance("", "abc")).isEqualTo(3);
    assertThat(Works.distance("kitten", "sitting")).isEqualTo(3);
  }

  private static List<String> named(String... names) {
    return Works.named(List.of(names)).stream().map(Work::name).toList();
  }
}
