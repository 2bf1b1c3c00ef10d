package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.KeyEncoder;
import dev.milonga.runtime.TypeToken;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Equal conflict keys are encoded alike, or a conflict would pass unseen. */
class KeyEncoderTest {

  private final CborCodec codec = new CborCodec();

  @Property(tries = 300)
  void setsAndMapsThatAreEqual_areEncodedAlike(@ForAll @Size(max = 12) Set<String> elements) {
    KeyEncoder sets = codec.keys(new TypeToken<Set<String>>() {}.type());
    KeyEncoder maps = codec.keys(new TypeToken<Map<String, Set<String>>>() {}.type());
    List<String> backwards = new ArrayList<>(elements);
    Collections.reverse(backwards);
    Map<String, Set<String>> map = new LinkedHashMap<>();
    Map<String, Set<String>> reversed = new LinkedHashMap<>();
    elements.forEach(each -> map.put(each, elements));
    backwards.forEach(each -> reversed.put(each, new LinkedHashSet<>(backwards)));

    assertThat(sets.encode(new LinkedHashSet<>(backwards)))
        .isEqualTo(sets.encode(new LinkedHashSet<>(elements)))
        .isEqualTo(sets.encode(new HashSet<>(elements)));
    assertThat(maps.encode(reversed)).isEqualTo(maps.encode(map));
  }

  @Test
  void valuesThatAreEqualByEqualsOrByOrder_areEncodedAlike() {
    alike(BigDecimal.class, new BigDecimal("1.0"), new BigDecimal("1.00"));
    alike(BigDecimal.class, new BigDecimal("0E+9"), new BigDecimal("0.0"));
    alike(double.class, 0.0, -0.0);
    alike(float.class, 0.0f, -0.0f);
    alike(double.class, Double.NaN, Double.longBitsToDouble(0x7ff8_0000_0000_0001L));
    alike(URI.class, URI.create("HTTP://Example.org/%c3"), URI.create("http://example.org/%C3"));
    alike(
        new TypeToken<List<String>>() {}.type(),
        new LinkedList<>(List.of("a")),
        Collections.unmodifiableList(new ArrayList<>(List.of("a"))));
    alike(Price.class, new Price(new BigDecimal("2")), new Price(new BigDecimal("2.0")));
  }

  record Price(BigDecimal amount) {}

  @Property(tries = 300)
  void textKeys_areEncodedAsTextWithinOtherValues(@ForAll String key) {
    byte[] tuple = codec.tuple(List.of(String.class)).encode(key);

    byte[] encoded = codec.keys(String.class).encode(key);

    assertThat(encoded).isEqualTo(Arrays.copyOfRange(tuple, 1, tuple.length)); // behind its head
  }

  @Test
  void keysThatDiffer_areEncodedDifferently() {
    KeyEncoder strings = codec.keys(String.class);
    KeyEncoder lists = codec.keys(new TypeToken<List<String>>() {}.type());
    KeyEncoder optionals = codec.keys(new TypeToken<Optional<String>>() {}.type());

    assertThat(strings.encode("a")).isNotEqualTo(strings.encode("b"));
    assertThat(strings.encode(null)).isNotEqualTo(strings.encode("null"));
    assertThat(strings.encode("\ud800")).isNotEqualTo(strings.encode("?"));
    assertThat(lists.encode(List.of("a", "b"))).isNotEqualTo(lists.encode(List.of("b", "a")));
    assertThat(lists.encode(List.of("ab"))).isNotEqualTo(lists.encode(List.of("a", "b")));
    assertThat(optionals.encode(Optional.empty())).isNotEqualTo(optionals.encode(null));
  }

  @Test
  void integersOfAllTypes_areEncodedAlike() {
    assertThat(codec.keys(int.class).encode(7)).isEqualTo(codec.keys(Long.class).encode(7L));
  }

  @Test
  void classWithItsOwnIdeaOfEquality_isAProblem() {
    assertThat(codec.keyProblems(new TypeToken<List<ById>>() {}.type()))
        .singleElement()
        .asString()
        .contains("ById", "record");
    assertThatThrownBy(() -> codec.keys(ById.class)).isInstanceOf(IllegalArgumentException.class);
    assertThat(codec.problems(ById.class)).isEmpty();
    assertThat(codec.keyProblems(Object.class)).hasSize(1);
    assertThat(codec.keyProblems(Price.class)).isEmpty();
  }

  static class ById {
    int id;
    String note = "";

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ById that && id == that.id;
    }

    @Override
    public int hashCode() {
      return id;
    }
  }

  @Test
  void keyThatCannotBeCarried_isRefused() {
    KeyEncoder keys = codec.keys(BigDecimal.class);

    assertThatThrownBy(() -> keys.encode(new BigDecimal("1") {}))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("conflict key");
  }

  private void alike(java.lang.reflect.Type type, Object one, Object other) {
    KeyEncoder keys = codec.keys(type);

    assertThat(keys.encode(one)).isEqualTo(keys.encode(other));
  }
}
