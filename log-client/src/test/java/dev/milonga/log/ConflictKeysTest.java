package dev.milonga.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class ConflictKeysTest {

  @Test
  void keys_areSortedAndDistinct() {
    long[] given = {3, -1, 3, Long.MAX_VALUE, -1};

    ConflictKeys keys = ConflictKeys.of(given);
    given[0] = 99;

    assertThat(hashes(keys)).containsExactly(-1L, 3L, Long.MAX_VALUE);
    assertThat(keys).isEqualTo(ConflictKeys.of(Long.MAX_VALUE, -1, 3));
    assertThat(keys).hasSameHashCodeAs(ConflictKeys.of(Long.MAX_VALUE, -1, 3));
    assertThat(keys.isWholeObject()).isFalse();
  }

  @Test
  void oneKey_isACopyOfTheArgument() {
    long[] given = {3};

    ConflictKeys keys = ConflictKeys.of(given);
    given[0] = 99;

    assertThat(keys).isEqualTo(ConflictKeys.of(3));
  }

  @Test
  void noKeys_areRefused() {
    assertThatThrownBy(ConflictKeys::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("WHOLE_OBJECT");
    assertThatThrownBy(() -> ConflictKeys.union(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wholeObject_swallowsKeysAndIsNoSetOfKeys() {
    ConflictKeys whole = ConflictKeys.WHOLE_OBJECT;

    assertThat(whole.isWholeObject()).isTrue();
    assertThat(whole.size()).isZero();
    assertThat(whole.union(ConflictKeys.of(1))).isSameAs(whole);
    assertThat(ConflictKeys.of(1).union(whole)).isSameAs(whole);
    assertThat(ConflictKeys.union(List.of(ConflictKeys.of(1), whole, ConflictKeys.of(2))))
        .isSameAs(whole);
    assertThat(whole).isNotEqualTo(ConflictKeys.of(0));
  }

  @Property
  void union_isThatOfSets(
      @ForAll @Size(min = 1, max = 20) List<@Size(min = 1, max = 5) Set<Long>> sets) {
    List<ConflictKeys> keys = sets.stream().map(ConflictKeysTest::keys).toList();
    Set<Long> expected = new TreeSet<>();
    sets.forEach(expected::addAll);

    assertThat(hashes(ConflictKeys.union(keys))).containsExactlyElementsOf(expected);
    assertThat(keys.stream().reduce(ConflictKeys::union)).contains(keys(expected));
  }

  @Test
  void hash_isFixedForEver() {
    // Logs on disk hold these: they may never change.
    assertThat(ConflictKeys.hash(new byte[0])).isEqualTo(0xf52a15e9a9b5e89bL);
    assertThat(ConflictKeys.hash("sku-1".getBytes(UTF_8))).isEqualTo(0xf6ba4edd272e0924L);
  }

  @Test
  void hashesOfManyShortKeys_differ() {
    Set<Long> hashes = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      hashes.add(ConflictKeys.hash(Integer.toString(i).getBytes(UTF_8)));
    }

    assertThat(hashes).hasSize(200_000);
  }

  private static ConflictKeys keys(Set<Long> hashes) {
    return ConflictKeys.of(hashes.stream().mapToLong(Long::longValue).toArray());
  }

  private static List<Long> hashes(ConflictKeys keys) {
    return LongStream.range(0, keys.size()).map(i -> keys.hashAt((int) i)).boxed().toList();
  }
}
