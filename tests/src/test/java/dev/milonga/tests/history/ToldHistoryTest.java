package dev.milonga.tests.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.LogUnavailableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToldHistoryTest {

  private final List<String> lines = new ArrayList<>();
  private final ToldHistory.Client client = new ToldHistory(7, lines::add).client();

  private List<Operation> operations() {
    return ToldHistory.operations(lines);
  }

  @Test
  void whatIsTold_isReadAgain() {
    List<Action> actions =
        List.of(
            new Action.Append("l", 1L),
            new Action.ListRead("l", List.of(1L, 2L)),
            new Action.SizeRead("l", 2),
            new Action.Write("r", 3L),
            new Action.Read("r", 3L),
            new Action.Read("q", null));

    client.call("transact", "", actions, () -> null);
    client.call("replace", "k", Arrays.asList(null, 5L), () -> true);
    client.call("get", "k", null, () -> "text");

    assertThat(operations())
        .extracting(Operation::process, Operation::f, Operation::key, Operation::argument)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(7, "transact", "", actions),
            org.assertj.core.groups.Tuple.tuple(7, "replace", "k", Arrays.asList(null, 5L)),
            org.assertj.core.groups.Tuple.tuple(7, "get", "k", null));
    assertThat(operations())
        .extracting(operation -> operation.ok().orElseThrow().result())
        .containsExactly(null, true, "text");
  }

  @Test
  void callThatWasNotEnded_isUnknown_withWhatItIntendedLast() {
    List<Action> first = List.of(new Action.Write("r", 1L));
    List<Action> second = List.of(new Action.Write("r", 2L));
    client.call(
        "transact",
        "",
        List.of(),
        () -> {
          client.intended(first);
          client.intended(second);
          return null;
        });
    lines.remove(lines.size() - 1); // it was killed before it could tell

    assertThat(operations())
        .singleElement()
        .satisfies(operation -> assertThat(operation.argument()).isEqualTo(second))
        .satisfies(
            operation -> assertThat(operation.outcome()).isInstanceOf(Operation.Unknown.class));
  }

  @Test
  void callsThatFail_endAsInAHistory() {
    client.call(
        "put",
        "a",
        1L,
        () -> {
          throw new LogUnavailableException("gone", null);
        });
    client.call(
        "put",
        "a",
        2L,
        () -> {
          throw new History.Abandoned();
        });

    assertThat(operations()).extracting(Operation::process).containsExactly(7, 8);
    assertThat(operations().get(0).outcome()).isInstanceOf(Operation.Unknown.class);
    assertThat(operations().get(1).outcome()).isInstanceOf(Operation.Failed.class);
  }

  @Test
  void lineOutOfTurn_isRefused() {
    client.call("get", "a", null, () -> null);
    lines.remove(0);

    assertThatThrownBy(this::operations)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("out of turn");
  }
}
