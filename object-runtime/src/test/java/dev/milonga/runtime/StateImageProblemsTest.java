package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.Snapshots;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StateImageProblemsTest {

  static class Inner {
    private @Nullable Runnable callback;
    private @Nullable Object anything;
  }

  static class Unfit {
    private final Lock lock = new ReentrantLock();
    private final Map<String, List<Inner>> inners = new LinkedHashMap<>();
    private @Nullable ConcurrentHashMap<String, String> map;
    private int fine;

    @SuppressWarnings("rawtypes")
    private @Nullable List raw;
  }

  @Test
  void everyFieldThatCannotBeCarried_isListedWithItsPathAndARemedy() {
    List<String> problems = problems(Unfit::new);

    assertThat(problems)
        .hasSize(5)
        .allMatch(problem -> problem.endsWith("; or let the class implement Snapshots"))
        .anySatisfy(each -> assertThat(each).startsWith("Unfit.lock: ").contains("transient"))
        .anySatisfy(
            each ->
                assertThat(each)
                    .startsWith("Unfit.inners[value][*].callback: ")
                    .contains("code is not a value"))
        .anySatisfy(
            each ->
                assertThat(each)
                    .startsWith("Unfit.inners[value][*].anything: ")
                    .contains("sealed interface"))
        .anySatisfy(
            each -> assertThat(each).startsWith("Unfit.map: ").contains("use LinkedHashMap"))
        .anySatisfy(each -> assertThat(each).startsWith("Unfit.raw: ").contains("write List<…>"));
  }

  static class UnfitInstances {
    private final Map<String, String> concurrent = new ConcurrentHashMap<>();
    private final Map<String, String> byAccess = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Integer> filled = new HashMap<>(Map.of("a", 1));
    private final List<String> view = Collections.unmodifiableList(new ArrayList<>());
    private final List<String> ofArray = Arrays.asList("x", "y");
    private final Set<String> random = Set.of("x", "y");
    private final TreeSet<Integer> descending =
        (TreeSet<Integer>) new TreeSet<Integer>().descendingSet();
    private TreeMap<Integer, String> ordered = new TreeMap<>(Comparator.comparing(i -> -i));
    private final TreeMap<Integer, String> fine = new TreeMap<>(Comparator.comparing(i -> -i));
    private TreeMap<Integer, String> alsoFine = new TreeMap<>(Comparator.reverseOrder());
  }

  @Test
  void whatTheConstructorMakesAndHasAHiddenPast_isFoundWhenTheClassIsOpened() {
    assertThat(problems(UnfitInstances::new))
        .satisfiesExactlyInAnyOrder(
            each ->
                assertThat(each)
                    .startsWith("UnfitInstances.concurrent: ")
                    .contains("LinkedHashMap"),
            each ->
                assertThat(each).startsWith("UnfitInstances.byAccess: ").contains("accessOrder"),
            each ->
                assertThat(each).startsWith("UnfitInstances.filled: ").contains("LinkedHashMap"),
            each -> assertThat(each).startsWith("UnfitInstances.view: ").contains("List.of"),
            each -> assertThat(each).startsWith("UnfitInstances.ofArray: ").contains("List.of"),
            each ->
                assertThat(each).startsWith("UnfitInstances.random: ").contains("LinkedHashSet"),
            each ->
                assertThat(each).startsWith("UnfitInstances.descending: ").contains("new TreeSet"),
            each ->
                assertThat(each).startsWith("UnfitInstances.ordered: ").contains("final field"));
  }

  static class WithHelper {
    private final Map<String, Integer> stock = new HashMap<>();
    private final transient Iterable<String> keys = stock.keySet();
  }

  @Test
  void aHashMapThatAHiddenPartMayReferTo_isNotReplacedButRefused() {
    assertThat(problems(WithHelper::new))
        .singleElement()
        .asString()
        .startsWith("WithHelper.stock: it is a java.util.HashMap")
        .contains("LinkedHashMap");
  }

  static class Streaming implements Snapshots<Runnable> {
    private final Set<String> names = new HashSet<>();

    @Override
    public Iterator<Runnable> snapshot() {
      return Collections.emptyIterator();
    }

    @Override
    public void restore(Iterator<Runnable> elements) {}
  }

  @Test
  void elementsThatCannotBeCarried_andHashOrder_areProblemsOfAStreamingClass() {
    assertThat(problems(Streaming::new))
        .satisfiesExactlyInAnyOrder(
            each -> assertThat(each).contains("element type of its Snapshots").contains("Runnable"),
            each -> assertThat(each).startsWith("Streaming.names: ").contains("LinkedHashSet"));
  }

  @Test
  void theDirectory_hasNone() {
    assertThat(problems(Directory::new)).isEmpty();
  }

  @Test
  void anImageWithProblems_takesNoStates() {
    StateImage<Unfit> image = StateImageTest.image(Unfit.class, Unfit::new);

    assertThatThrownBy(() -> image.copy(new Unfit()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Unfit.lock");
  }

  // What only shows later

  static class Party implements Comparable<Party> {
    private String name = "";
    private @Nullable Party partner;
    private Set<String> tags = new LinkedHashSet<>();

    @Override
    public int compareTo(Party other) {
      return name.compareTo(other.name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Party that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }
  }

  static class Parties {
    private final Map<String, Party> byName = new LinkedHashMap<>();
    private final Set<Party> all = new LinkedHashSet<>();
    private final TreeSet<Party> sorted = new TreeSet<>();
    private final PriorityQueue<Party> queue = new PriorityQueue<>();
    private final List<Map<DayOfWeek, Integer>> calendar = new ArrayList<>();
  }

  @Test
  void aCircle_isRefusedWithItsPath() {
    StateImage<Parties> image = StateImageTest.image(Parties.class, Parties::new);
    Parties state = image.fresh();
    Party one = new Party();
    Party other = new Party();
    one.partner = other;
    other.partner = one;
    state.byName.put("one", one);

    assertRefused(image, state, "Parties.byName{one}.partner.partner: it refers back to a Party");
  }

  @Test
  void aHashSetMadeLater_isRefusedWithItsPath() {
    StateImage<Parties> image = StateImageTest.image(Parties.class, Parties::new);
    Parties state = image.fresh();
    state.calendar.add(new LinkedHashMap<>());
    state.calendar.add(new HashMap<>());

    assertRefused(image, state, "Parties.calendar[1]: it is a java.util.HashMap");
  }

  @Test
  void aSubclassOfAPart_isRefusedWithItsPath() {
    StateImage<Parties> image = StateImageTest.image(Parties.class, Parties::new);
    Parties state = image.fresh();
    Party special = new Party() {};
    state.byName.put("x", special);

    assertRefused(image, state, "Parties.byName{x}: declared as");
  }

  @Test
  void aChainTooDeepForAnyReader_isRefused() {
    StateImage<Parties> image = StateImageTest.image(Parties.class, Parties::new);
    Parties state = image.fresh();
    Party last = new Party();
    state.byName.put("x", last);
    for (int i = 0; i < 100_000; i++) {
      last.partner = new Party();
      last = last.partner;
    }

    assertRefused(image, state, "nested deeper than 500 levels");
  }

  @Test
  void elementsThatWereChangedWhileInASet_areRefused() {
    StateImage<Parties> image = StateImageTest.image(Parties.class, Parties::new);

    Parties hashed = image.fresh();
    hashed.all.add(party("a"));
    hashed.all.iterator().next().name = "b";
    assertRefused(image, hashed, "Parties.all: an element was changed");

    Parties merged = image.fresh();
    merged.all.add(party("a"));
    merged.all.add(party("b"));
    merged.all.iterator().next().name = "b";
    assertRefused(image, merged, "Parties.all: an element was changed");

    Parties sorted = image.fresh();
    sorted.sorted.add(party("a"));
    sorted.sorted.add(party("b"));
    sorted.sorted.first().name = "c";
    assertRefused(image, sorted, "Parties.sorted: an element was changed");

    Parties queued = image.fresh();
    queued.queue.add(party("a"));
    queued.queue.add(party("b"));
    queued.queue.peek().name = "c";
    assertRefused(image, queued, "Parties.queue: an element was changed");
  }

  private static Party party(String name) {
    Party party = new Party();
    party.name = name;
    return party;
  }

  private static <T> void assertRefused(StateImage<T> image, T state, String message) {
    assertThatThrownBy(() -> image.copy(state))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> image.write(state, chunk -> {}))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining(message);
  }

  @SuppressWarnings("unchecked") // what a supplier of T makes has the class of T
  private static <T> List<String> problems(Supplier<T> fresh) {
    return StateImageTest.image((Class<T>) fresh.get().getClass(), fresh).problems();
  }
}
