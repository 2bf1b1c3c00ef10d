package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CsvReaderTest {

  @Test
  void quotedFields_holdSeparatorsLineBreaksAndQuotes() throws Exception {
    CsvTable table = read("a,b\n\"x,1\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",\"\"\n");

    assertThat(table.columns()).containsExactly("a", "b");
    assertThat(table.rows())
        .containsExactly(List.of("x,1", "say \"hi\""), List.of("two\r\nlines", ""));
  }

  @Test
  void everyLineEnding_endsARecord_andEmptyLinesAreSkipped() throws Exception {
    CsvTable table = read("\na,b\r\n1,2\n\n3,4\r5,6");

    assertThat(table.rows())
        .containsExactly(List.of("1", "2"), List.of("3", "4"), List.of("5", "6"));
  }

  @Test
  void oneColumn_anEmptyLineIsSkippedButAQuotedEmptyFieldIsARecord() throws Exception {
    CsvTable table = read("a\n\"\"\n\nx\n");

    assertThat(table.rows()).containsExactly(List.of(""), List.of("x"));
  }

  @Test
  void separator_isTheOneTheHeaderHasMostOf() throws Exception {
    assertThat(read("a;b;\"c,d,e,f\"\n1,5;2;3\n").rows()).containsExactly(List.of("1,5", "2", "3"));
    assertThat(read("a\tb\n1,5\t2\n").rows()).containsExactly(List.of("1,5", "2"));
  }

  @Test
  void byteOrderMark_isSkipped() throws Exception {
    assertThat(read("\uFEFFname\nZürich\n"))
        .isEqualTo(new CsvTable(List.of("name"), List.of(List.of("Zürich"))));
  }

  @Test
  void quoteInTheMiddleOfAField_isAnOrdinaryCharacter() throws Exception {
    assertThat(read("a,b\n5\" disk,x\n").rows()).containsExactly(List.of("5\" disk", "x"));
  }

  @Test
  void everyBadLine_isReportedInOneMessage() {
    CsvException refused =
        refusal(
            "a,b,c\n1,2\n\"x\"y,2,3\nok,ok,ok\n\"two\nlines\",2,3,4\n1,\"open,3\n",
            StandardCharsets.UTF_8);

    assertThat(refused.problems())
        .containsExactly(
            "line 2: has 2 fields, but the header has 3 fields",
            "line 3: field 1 goes on after its closing quote: double the quotes within a field",
            "line 5: has 4 fields, but the header has 3 fields",
            "line 7: field 2 opens a quote that is never closed");
    assertThat(refused).hasMessageStartingWith("test.csv cannot be read as CSV:\n  line 2: ");
  }

  @Test
  void header_mustNameEveryColumnOnce() {
    assertThat(refusal("a,,a\n1,2,3\n", StandardCharsets.UTF_8).problems())
        .containsExactly("line 1: column 2 has no name", "line 1: two columns are called 'a'");
    assertThat(refusal("", StandardCharsets.UTF_8).problems())
        .containsExactly("it is empty: its first line must name the columns");
  }

  @Test
  void otherEncodings_areRefusedWithTheLine() {
    assertThat(refusal("a,b\n1,2\nZürich,1\n", StandardCharsets.ISO_8859_1).problems())
        .containsExactly(
            "line 3: field 1 is not valid UTF-8: convert the file, for example by iconv");
    assertThat(refusal("a,b\n1,2\n", StandardCharsets.UTF_16).problems())
        .containsExactly("it is encoded in UTF-16: save it as UTF-8");
  }

  @Test
  void manyProblems_areCountedBeyondTheFirstHundred() {
    CsvException refused = refusal("a,b\n" + "1\n".repeat(130), StandardCharsets.UTF_8);

    assertThat(refused.problems()).hasSize(130);
    assertThat(refused).hasMessageEndingWith("\n  … and 30 more problems");
  }

  @Property
  void whatIsWrittenByTheRules_isReadBack(@ForAll("tables") List<List<String>> rows)
      throws Exception {
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < rows.get(0).size(); i++) {
      columns.add("column " + i);
    }
    StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
    for (List<String> row : rows) {
      text.append(String.join(",", row.stream().map(CsvReaderTest::quoted).toList()))
          .append("\r\n");
    }

    CsvTable table = read(text.toString());

    assertThat(table).isEqualTo(new CsvTable(columns, rows));
  }

  @Property
  void anyBytes_giveATableOrARefusal(@ForAll byte[] bytes) throws IOException {
    try {
      CsvTable table = CsvReader.read("bytes", new ByteArrayInputStream(bytes));
      assertThat(table.columns()).isNotEmpty();
    } catch (CsvException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  @Test
  void rowOfAnotherWidth_isNoTable() {
    assertThatThrownBy(() -> new CsvTable(List.of("a"), List.of(List.of("1", "2"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Provide
  Arbitrary<List<List<String>>> tables() {
    Arbitrary<String> field =
        Arbitraries.oneOf(
            Arbitraries.strings().withChars("ab\",;\r\n\té€").ofMaxLength(8),
            Arbitraries.strings().excludeChars(surrogates()).ofMaxLength(8));
    return Arbitraries.integers()
        .between(1, 4)
        .flatMap(width -> field.list().ofSize(width).list().ofMinSize(1).ofMaxSize(8));
  }

  private static char[] surrogates() {
    char[] all = new char[Character.MAX_LOW_SURROGATE - Character.MIN_HIGH_SURROGATE + 1];
    for (int i = 0; i < all.length; i++) {
      all[i] = (char) (Character.MIN_HIGH_SURROGATE + i);
    }
    return all;
  }

  private static String quoted(String field) {
    return '"' + field.replace("\"", "\"\"") + '"';
  }

  private static CsvTable read(String text) throws IOException, CsvException {
    return CsvReader.read(
        "test.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static CsvException refusal(String text, Charset charset) {
    return catchThrowableOfType(
        CsvException.class,
        () -> CsvReader.read("test.csv", new ByteArrayInputStream(text.getBytes(charset))));
  }
}
