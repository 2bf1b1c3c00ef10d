package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RowsTest {

  private final StringWriter text = new StringWriter();

  @Test
  void table_alignsNumbersRightAndTextLeft() {
    try (Rows rows = rows(Format.TABLE, "name", "last_position", "note")) {
      rows.add("é", 7, "x");
      rows.add("longer", 1_234_567, null);
    }

    assertThat(text.toString().lines())
        .containsExactly(
            "name    last position  note", "é                   7  x", "longer        1234567");
  }

  @Test
  void json_isOneObjectALine_withNumbersAndJsonAsTheyAre() {
    try (Rows rows = rows(Format.JSON, "name", "position", "arguments", "principal")) {
      rows.add("a\"b\n", 7L, new RawJson("{\"n\":[1,2]}"), null);
    }

    assertThat(text.toString().lines())
        .containsExactly("{\"name\":\"a\\\"b\\n\",\"position\":7,\"arguments\":{\"n\":[1,2]}}");
  }

  @Test
  void table_escapesWhatWouldMoveTheCursor() {
    try (Rows rows = rows(Format.TABLE, "name")) {
      rows.add("a\u001b[2Jb\r\n\tc\u202Ed\u2028");
    }

    assertThat(text.toString().lines())
        .containsExactly("name", "a\\u001b[2Jb\\r\\n\\tc\\u202ed\\u2028");
  }

  @Test
  void table_ofManyPages_hasOneHeader() {
    try (Rows rows = rows(Format.TABLE, "n", "word")) {
      for (int i = 0; i < 1_001; i++) {
        rows.add(i, "x");
      }
    }

    assertThat(text.toString().lines()).hasSize(1_002).endsWith("1000  x");
    assertThat(text.toString().lines().filter(line -> line.contains("word"))).hasSize(1);
  }

  @Test
  void emptyTable_printsNothing() {
    rows(Format.TABLE, "n").close();

    assertThat(text.toString()).isEmpty();
  }

  @Test
  void rowOfAnotherWidth_isRefused() {
    Rows rows = rows(Format.TABLE, "a", "b");

    assertThatThrownBy(() -> rows.add("only one"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a, b]");
  }

  private Rows rows(Format format, String... columns) {
    return new Rows(new PrintWriter(text), format, columns);
  }
}
