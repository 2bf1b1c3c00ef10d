package dev.milonga.log;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PrincipalTest {

  @Test
  void namesOfAnyScript_upToTheLimit() {
    for (String name :
        List.of("a", "CN=ann,O=Example", "\u00e9\u20ac\ud83d\ude00", "x".repeat(256))) {
      Principal principal = new Principal(name);
      byte[] bytes = principal.utf8();
      assertThat(Principal.ofUtf8(bytes, 0, bytes.length)).isEqualTo(principal);
      assertThat(principal).hasToString(name);
    }
  }

  @Test
  void namesOverTheLimit_areRefusedWithTheirSizeInBytes() {
    for (String name :
        List.of(
            "x".repeat(257),
            "\u00e9".repeat(129),
            "\u20ac".repeat(86),
            "\ud83d\ude00".repeat(65))) {
      assertThatThrownBy(() -> new Principal(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(name.getBytes(UTF_8).length + " bytes");
    }
  }

  @Test
  void namesThatCannotBeShownInALine_areRefused() {
    assertThatThrownBy(() -> new Principal("")).hasMessageContaining("empty");
    assertThatThrownBy(() -> new Principal("ann\nbob")).hasMessageContaining("U+000A at 3");
    assertThatThrownBy(() -> new Principal("ann\u009b")).hasMessageContaining("U+009B");
    assertThatThrownBy(() -> new Principal("ann\ud83d"))
        .hasMessageContaining("surrogate pair at 3");
    assertThatThrownBy(() -> new Principal("\ude00ann"))
        .hasMessageContaining("surrogate pair at 0");
  }

  /** Two names with one encoding would be one principal on disk and two in memory. */
  @Property
  void anyBytes_giveTheirOwnPrincipalOrAreRefused(@ForAll byte[] bytes) {
    try {
      assertThat(Principal.ofUtf8(bytes, 0, bytes.length).utf8()).isEqualTo(bytes);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("principal");
    }
  }

  @Property
  void anyText_comesBackFromItsBytesOrIsRefused(@ForAll byte[] units) {
    String text = new String(units, 0, units.length & ~1, UTF_16BE);
    try {
      Principal principal = new Principal(text);
      byte[] bytes = principal.utf8();
      assertThat(Principal.ofUtf8(bytes, 0, bytes.length).name()).isEqualTo(text);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("principal");
    }
  }
}
