package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Snapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StateImageTest {

  // O8 of CONFORMANCE.md

  static class Queue {
    private final Map<String, Integer> entries = new HashMap<>();

    /** Takes the first in iteration order, and moves what it held to a name made of it. */
    String step(int n) {
      entries.merge(colliding(n), n, Integer::sum);
      if (n % 3 == 0) {
        String first = entries.keySet().iterator().next();
        int held = entries.remove(first);
        entries.merge(colliding(held), 1, Integer::sum);
        return first;
      }
      return "";
    }

    // All names of one length have few different hash codes: buckets become trees, and lists again.
    private static String colliding(int n) {
      StringBuilder name = new StringBuilder();
      for (int bit = 0; bit < 7; bit++) {
        name.append((n >> bit & 1) == 0 ? "Aa" : "BB");
      }
      return name.toString();
    }

    List<Map.Entry<String, Integer>> inOrder() {
      return List.copyOf(entries.entrySet());
    }
  }

  @Test
  void o8_hashMapState_restoredAndReplayed_equalAlsoAfterAThousandMoreOperations() {
    StateImage<Queue> image = image(Queue.class, Queue::new);
    Random random = new Random(8);
    Queue replayed = image.fresh();
    for (int i = 0; i < 500; i++) {
      replayed.step(random.nextInt(1000));
    }

    Queue restored = image.restore(written(image, replayed).iterator());
    Queue copied = image.copy(replayed);

    assertThat(restored.inOrder()).isEqualTo(replayed.inOrder());
    for (int i = 0; i < 1000; i++) {
      int n = random.nextInt(1000);
      String expected = replayed.step(n);
      assertThat(restored.step(n)).isEqualTo(expected);
      assertThat(copied.step(n)).isEqualTo(expected);
    }
    assertThat(restored.inOrder()).isEqualTo(replayed.inOrder());
    assertThat(copied.inOrder()).isEqualTo(replayed.inOrder());
    assertThat(image.digest(restored)).isEqualTo(image.digest(replayed));
  }

  @Test
  void everyKindOfField_goesOnLikeTheOriginal() {
    StateImage<Warehouse> image = image(Warehouse.class, Warehouse::new);
    assertThat(image.problems()).isEmpty();
    Warehouse original = image.fresh();
    for (int n = 0; n < 200; n++) {
      original.step(n);
    }

    Warehouse copy = image.copy(original);
    Warehouse restored = image.restore(written(image, original).iterator());

    for (int n = 200; n < 600; n++) {
      String expected = original.step(n);
      assertThat(copy.step(n)).isEqualTo(expected);
      assertThat(restored.step(n)).isEqualTo(expected);
    }
    assertThat(image.digest(copy)).isEqualTo(image.digest(original));
  }

  @Test
  void whatIsDoneToTheCopy_doesNotShowInTheOriginal() {
    StateImage<Warehouse> image = image(Warehouse.class, Warehouse::new);
    Warehouse original = image.fresh();
    for (int n = 0; n < 50; n++) {
      original.step(n);
    }
    String before = original.describe();

    Warehouse copy = image.copy(original);
    for (int n = 50; n < 100; n++) {
      copy.step(n);
    }

    assertThat(original.describe()).isEqualTo(before);
    assertThat(copy.describe()).isNotEqualTo(before);
  }

  @Test
  void objectsHeldTwice_areHeldTwiceByTheCopy() {
    StateImage<Warehouse> image = image(Warehouse.class, Warehouse::new);
    Warehouse original = image.fresh();
    original.step(1);

    Warehouse copy = image.copy(original);
    Warehouse restored = image.restore(written(image, original).iterator());

    assertThat(copy.firstWaiting()).isSameAs(copy.order("o1")).isNotSameAs(original.order("o1"));
    assertThat(restored.firstWaiting()).isNotNull().isSameAs(restored.order("o1"));
  }

  @Test
  void transientFields_areAsInANewObject() {
    StateImage<Warehouse> image = image(Warehouse.class, Warehouse::new);
    Warehouse original = image.fresh();
    original.step(1);

    assertThat(original.hasCache()).isTrue();
    assertThat(image.copy(original).hasCache()).isFalse();
    assertThat(image.restore(written(image, original).iterator()).hasCache()).isFalse();
  }

  static class Limited {
    private final int limit;
    private final List<Integer> taken = new ArrayList<>();

    Limited(int limit) {
      this.limit = limit;
    }
  }

  @Test
  void finalValues_areAsTheConstructorMakesThemNow() {
    StateImage<Limited> earlier = image(Limited.class, () -> new Limited(10));
    StateImage<Limited> later = image(Limited.class, () -> new Limited(20));
    Limited state = earlier.fresh();
    state.taken.add(7);

    Limited restored = later.restore(written(earlier, state).iterator());

    assertThat(restored.limit).isEqualTo(20);
    assertThat(restored.taken).containsExactly(7);
  }

  @Test
  void constructor_runsOncePerRestore() {
    AtomicInteger runs = new AtomicInteger();
    StateImage<Queue> image =
        image(
            Queue.class,
            () -> {
              runs.incrementAndGet();
              return new Queue();
            });
    List<byte[]> written = written(image, image.fresh());
    int before = runs.get();

    image.restore(written.iterator());

    assertThat(runs.get()).isEqualTo(before + 1);
  }

  /** Equal only to itself, and used as a key. */
  static final class Token {
    private final int id;

    Token(int id) {
      this.id = id;
    }
  }

  static class Tokens {
    private final Map<Token, String> owners = new LinkedHashMap<>();
    private @Nullable Token current;
  }

  @Test
  void keysFoundByIdentity_areFoundInTheCopy() {
    StateImage<Tokens> image = image(Tokens.class, Tokens::new);
    Tokens state = image.fresh();
    state.current = new Token(3);
    state.owners.put(state.current, "me");

    Tokens copy = image.copy(state);
    Tokens restored = image.restore(written(image, state).iterator());

    assertThat(copy.owners.get(copy.current)).isEqualTo("me");
    assertThat(restored.owners.get(restored.current)).isEqualTo("me");
    assertThat(Objects.requireNonNull(restored.current).id).isEqualTo(3);
  }

  // Size

  static class Big {
    private final Map<String, String> entries = new LinkedHashMap<>();
    private final List<byte[]> blobs = new ArrayList<>();
  }

  @Test
  void aLargeMap_isHandedOutInBoundedChunks() {
    StateImage<Big> image = image(Big.class, Big::new);
    Big state = image.fresh();
    for (int i = 0; i < 200_000; i++) {
      state.entries.put("key-" + i, "a value of a moderate length, number " + i);
    }
    state.blobs.add(new byte[5_000_000]);
    List<byte[]> chunks = new ArrayList<>();

    image.write(state, chunks::add);

    assertThat(chunks).hasSizeGreaterThan(40);
    assertThat(chunks).allMatch(chunk -> chunk.length <= StateImage.CHUNK_BYTES_MAX);
    Big restored = image.restore(chunks.iterator());
    assertThat(restored.entries).isEqualTo(state.entries);
    assertThat(restored.blobs.get(0)).isEqualTo(state.blobs.get(0));
  }

  @Test
  void whereChunksAreCut_doesNotMatter() {
    StateImage<Warehouse> image = image(Warehouse.class, Warehouse::new);
    Warehouse state = image.fresh();
    for (int n = 0; n < 40; n++) {
      state.step(n);
    }
    byte[] whole = joined(written(image, state));

    List<byte[]> single = new ArrayList<>();
    for (byte each : whole) {
      single.add(new byte[] {each});
    }

    assertThat(image.restore(single.iterator()).describe()).isEqualTo(state.describe());
  }

  @Test
  void whatTheSinkThrows_reachesTheCallerAsItIs() {
    StateImage<Big> image = image(Big.class, Big::new);
    Big state = image.fresh();
    state.blobs.add(new byte[1_000_000]);
    RuntimeException full = new IllegalStateException("disk full");

    assertThatThrownBy(
            () ->
                image.write(
                    state,
                    chunk -> {
                      throw full;
                    }))
        .isSameAs(full);
  }

  // Classes that stream their own state

  static class Own implements Snapshots<Map.Entry<String, List<Integer>>> {
    private final TreeMap<String, List<Integer>> entries = new TreeMap<>();
    private int taken;

    @Override
    public Iterator<Map.Entry<String, List<Integer>>> snapshot() {
      return entries.entrySet().iterator();
    }

    @Override
    public void restore(Iterator<Map.Entry<String, List<Integer>>> elements) {
      elements.forEachRemaining(
          entry -> {
            taken++;
            entries.put(entry.getKey(), entry.getValue());
          });
    }
  }

  @Test
  void aClassThatStreamsItsState_isCopiedAndRestoredByIts() {
    StateImage<Own> image = image(Own.class, Own::new);
    Own state = image.fresh();
    for (int i = 0; i < 1000; i++) {
      state.entries.put("k" + i, new ArrayList<>(List.of(i)));
    }

    Own copy = image.copy(state);
    Own restored = image.restore(written(image, state).iterator());
    state.entries.get("k7").add(8);

    assertThat(copy.entries).hasSize(1000).containsEntry("k7", List.of(7));
    assertThat(restored.entries).isEqualTo(copy.entries);
    assertThat(restored.taken).isEqualTo(1000);
    assertThat(image.digest(restored))
        .isEqualTo(image.digest(copy))
        .isNotEqualTo(image.digest(state));
  }

  static class Forgetful implements Snapshots<String> {
    @Override
    public Iterator<String> snapshot() {
      return List.of("one", "two").iterator();
    }

    @Override
    public void restore(Iterator<String> elements) {
      elements.next();
    }
  }

  @Test
  void aRestoreThatLeavesElements_isRefused() {
    StateImage<Forgetful> image = image(Forgetful.class, Forgetful::new);
    List<byte[]> written = written(image, new Forgetful());

    assertThatThrownBy(() -> image.restore(written.iterator()))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("did not take all the elements");
  }

  @Test
  void aVersionedClass_isForked() {
    StateImage<Tally> image = image(Tally.class, Tally::new);
    Tally state = new Tally();

    assertThat(image.problems()).isEmpty();
    assertThat(image.copy(state)).isNotSameAs(state);
  }

  // Classes that change

  @LogicalName("shop")
  static class ShopOfOld {
    record Line(String sku, int n) {}

    @LogicalName("Note")
    record Note(String text) {}

    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final List<Note> notes = new ArrayList<>();
    private List<List<String>> dropped = List.of();
    private String city = "";
    private int number;
  }

  @LogicalName("shop")
  static class ShopOfToday {
    record Line(String sku, long n, Optional<String> colour, @Nullable List<String> tags) {}

    @LogicalName("Note")
    static final class Note {
      private String text = "";
      private int likes = 1;
    }

    private final Map<String, Line> lines = new TreeMap<>();
    private final List<Note> notes = new ArrayList<>();

    @JsonAlias("city")
    private String town = "";

    private long number;
    private List<String> added = new ArrayList<>(List.of("new"));
  }

  @Test
  void fieldsGainedLostAndRenamed_followTheRulesOfTheCodec() {
    StateImage<ShopOfOld> earlier = image(ShopOfOld.class, ShopOfOld::new);
    StateImage<ShopOfToday> later = image(ShopOfToday.class, ShopOfToday::new);
    ShopOfOld old = earlier.fresh();
    old.lines.put("z", new ShopOfOld.Line("z", 1));
    old.lines.put("a", new ShopOfOld.Line("a", 2));
    old.notes.add(new ShopOfOld.Note("hello"));
    old.dropped = new ArrayList<>(List.of(new ArrayList<>(List.of("x"))));
    old.city = "Rosario";
    old.number = 5;

    ShopOfToday today = later.restore(written(earlier, old).iterator());

    assertThat(today.lines)
        .containsExactly(
            Map.entry("a", new ShopOfToday.Line("a", 2, Optional.empty(), null)),
            Map.entry("z", new ShopOfToday.Line("z", 1, Optional.empty(), null)));
    assertThat(today.notes).hasSize(1);
    assertThat(today.notes.get(0).text).isEqualTo("hello");
    assertThat(today.notes.get(0).likes).isEqualTo(1);
    assertThat(today.town).isEqualTo("Rosario");
    assertThat(today.number).isEqualTo(5);
    assertThat(today.added).containsExactly("new");
  }

  @Test
  void aPartThatBecameImmutable_isStillRead() {
    StateImage<ShopOfOld> immutable = image(ShopOfOld.class, ShopOfOld::new);
    StateImage<ShopOfToday> mutable = image(ShopOfToday.class, ShopOfToday::new);
    ShopOfToday state = mutable.fresh();
    state.notes.add(new ShopOfToday.Note());
    state.notes.get(0).text = "hello";
    state.lines.put("a", new ShopOfToday.Line("a", 2, Optional.of("red"), List.of("x")));

    ShopOfOld restored = immutable.restore(written(mutable, state).iterator());

    assertThat(restored.notes).containsExactly(new ShopOfOld.Note("hello"));
    assertThat(restored.lines).containsExactly(Map.entry("a", new ShopOfOld.Line("a", 2)));
  }

  // Bytes

  @Test
  void anyBytes_giveAStateOrADecodingException() {
    StateImage<Warehouse> image = image(Warehouse.class, Warehouse::new);
    Warehouse state = image.fresh();
    for (int n = 0; n < 30; n++) {
      state.step(n);
    }
    byte[] good = joined(written(image, state));
    Random random = new Random(15);

    int refused = 0;
    for (int i = 0; i < 4_000; i++) {
      byte[] bad = Arrays.copyOf(good, random.nextInt(good.length) + 1);
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        image.restore(List.of(bad).iterator());
      } catch (DecodingException e) {
        assertThat(e).hasMessageStartingWith("the state cannot be restored, at Warehouse");
        refused++;
      }
    }

    assertThat(refused).isGreaterThan(3_000);
  }

  @Test
  void stateOfAClassThatNowStreamsItself_isRefusedByName() {
    List<byte[]> fields = written(image(Tokens.class, Tokens::new), new Tokens());

    assertThatThrownBy(() -> image(Own.class, Own::new).restore(fields.iterator()))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("does not implement Snapshots");
  }

  static <T> StateImage<T> image(Class<T> type, Supplier<T> fresh) {
    return StateImage.of(TypeToken.of(type), Codec.standard(), fresh);
  }

  static <T> List<byte[]> written(StateImage<T> image, T state) {
    List<byte[]> chunks = new ArrayList<>();
    image.write(state, chunks::add);
    return chunks;
  }

  static byte[] joined(List<byte[]> chunks) {
    byte[] whole = {};
    for (byte[] chunk : chunks) {
      int length = whole.length;
      whole = Arrays.copyOf(whole, length + chunk.length);
      System.arraycopy(chunk, 0, whole, length, chunk.length);
    }
    return whole;
  }
}
