package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamIdTest {

  @Test
  void namedStream_isTheStartOfTheNamesSha256_forEver() {
    // Logs on disk hold these: they may never change.
    assertThat(StreamId.named("")).hasToString("e3b0c44298fc1c149afbf4c8996fb924");
    assertThat(StreamId.named("abc")).hasToString("ba7816bf8f01cfea414140de5dae2223");
    assertThat(StreamId.named("Müller 🎵")).hasToString("09be61de21dabe0866a54fd6bb0153c1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud83c", "\udfb5", "a\ud83cb", "\udfb5\ud83c"})
  void nameWithHalfASurrogatePair_isRefused(String name) {
    assertThatThrownBy(() -> StreamId.named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
  }

  @Test
  void streams_areOrderedAsUnsignedNumbers() {
    List<StreamId> ascending =
        List.of(
            new StreamId(0, 0),
            new StreamId(0, 1),
            new StreamId(0, Long.MAX_VALUE),
            new StreamId(0, -1),
            new StreamId(1, 0),
            new StreamId(Long.MIN_VALUE, 0),
            new StreamId(-1, -1));

    assertThat(ascending).isSorted();
    assertThat(ascending).map(StreamId::toString).isSorted();
  }
}
