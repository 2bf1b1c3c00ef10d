package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.milonga.Milonga;
import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import dev.milonga.log.LogPosition;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.Difference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each way in which a class can differ from replica to replica is found, where it shows first. */
class DeterminismTest {

  private static Finding findingOf(Trial<?> trial) {
    NondeterminismError error = catchThrowableOfType(NondeterminismError.class, trial::check);
    assertThat(error).as("the error that check() throws").isNotNull();
    assertThat(error).hasMessageContaining(error.finding().kind().advice());
    return error.finding();
  }

  private static void assertFirst(Finding finding, Finding.Kind kind, String call) {
    assertThat(finding.kind()).isEqualTo(kind);
    assertThat(finding.call().map(Change::call)).contains(call);
  }

  /** As it should be, with everything that is allowed. */
  public static class Diary {
    private final Map<String, List<String>> pages = new HashMap<>();
    private long drawn;

    @Mutator
    public int write(String page, String text) {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("nothing to write on " + page);
      }
      List<String> lines = pages.computeIfAbsent(page, key -> new ArrayList<>());
      lines.add(Deterministic.now() + " " + text);
      return lines.size();
    }

    @Mutator
    public long draw() {
      drawn += Deterministic.random().nextInt(100);
      pages.keySet().removeIf(page -> page.length() < drawn % 3);
      return drawn;
    }
  }

  @Test
  void classThatDependsOnStateAndArgumentsAlone_passes() {
    assertThatCode(
            () ->
                Determinism.of(Diary.class)
                    .call(diary -> diary.write("a", "one"))
                    .call(diary -> diary.write("b", ""))
                    .call(Diary::draw)
                    .randomCalls(200)
                    .seed(7)
                    .check())
        .doesNotThrowAnyException();
  }

  public static class Tickets {
    private final List<Integer> numbers = new ArrayList<>();

    @Mutator
    public void issue(String holder) {
      numbers.add(new Object().hashCode());
    }
  }

  @Test
  void identityHash_isFoundWithTheCallAndTheField() {
    Finding finding = findingOf(Determinism.of(Tickets.class).call(each -> each.issue("ada")));

    assertFirst(finding, Finding.Kind.REPLAYS_DIFFER, "issue(holder: ada)");
    assertThat(finding.parts()).extracting(Difference.Part::path).containsExactly(".numbers[0]");
    assertThat(finding.toString()).contains("Tickets \"trial\", at position ", ".numbers[0]: ");
  }

  public static class Counted {
    private static final int[] CALLS = {0};
    private long last;

    @Mutator
    public void call() {
      last = ++CALLS[0];
    }
  }

  @Test
  void staticCounter_isFound() {
    Finding finding = findingOf(Determinism.of(Counted.class).call(Counted::call));

    assertFirst(finding, Finding.Kind.REPLAYS_DIFFER, "call()");
    assertThat(finding.parts()).extracting(Difference.Part::path).containsExactly(".last");
  }

  public static class Draw {
    /** Has no hashCode of its own. */
    private static final class Ticket {
      final String holder;

      Ticket(String holder) {
        this.holder = holder;
      }
    }

    private final List<String> winners = new ArrayList<>();

    @Mutator
    public String draw(List<String> holders) {
      Set<Ticket> tickets = new HashSet<>();
      holders.forEach(holder -> tickets.add(new Ticket(holder)));
      String winner = tickets.iterator().next().holder;
      winners.add(winner);
      return winner;
    }
  }

  @Test
  void orderOfSetOfObjectsWithIdentityHash_isFound() {
    List<String> holders = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      holders.add("holder " + i);
    }

    // Of 50, two replicas draw the same in every 50th try.
    Trial<Draw> trial = Determinism.of(Draw.class);
    for (int i = 0; i < 40; i++) {
      trial.call(draw -> draw.draw(holders));
    }
    Finding finding = findingOf(trial);

    assertThat(finding.kind()).isEqualTo(Finding.Kind.REPLAYS_DIFFER);
    assertThat(finding.explanation()).contains("returned \"holder ");
  }

  public static class Moody {
    private static final Supplier<String> MOOD = () -> System.getProperty("milonga.test.mood", "");
    private String mood = "";

    @Mutator
    public void wake(int day) {
      mood = MOOD.get();
    }
  }

  @Test
  void systemPropertyThatHasChangedSince_isFoundByTheStateOfTheStore() {
    try (Milonga store = Milonga.inMemory()) {
      Moody moody = store.object(Moody.class, "moody");
      System.setProperty("milonga.test.mood", "bright");
      moody.wake(1);
      System.setProperty("milonga.test.mood", "dark");

      NondeterminismError error =
          catchThrowableOfType(NondeterminismError.class, () -> Determinism.check(moody));

      assertFirst(error.finding(), Finding.Kind.STORE_DIFFERS, "wake(day: 1)");
      assertThat(error.finding().parts().toString()).isEqualTo("[.mood: \"bright\" -> \"dark\"]");
    } finally {
      System.clearProperty("milonga.test.mood");
    }
  }

  @Test
  void trial_looksAtTheStoreAfterEachCall() {
    try {
      Finding finding =
          findingOf(
              Determinism.of(Moody.class)
                  .call(moody -> moody.wake(1))
                  .call(
                      moody -> {
                        System.setProperty("milonga.test.mood", "dark");
                        moody.wake(2);
                        System.clearProperty("milonga.test.mood");
                      })
                  .call(moody -> moody.wake(3)));

      assertFirst(finding, Finding.Kind.STORE_DIFFERS, "wake(day: 2)");
      assertThat(finding.parts().toString()).isEqualTo("[.mood: \"dark\" -> \"\"]");
    } finally {
      System.clearProperty("milonga.test.mood");
    }
  }

  public static class Careless {
    private final Map<String, Integer> stock = new LinkedHashMap<>();

    @Mutator
    public void take(String sku, int n) {
      int left = stock.merge(sku, -n, Integer::sum);
      if (left < 0) {
        throw new IllegalStateException("only " + (left + n) + " of " + sku);
      }
    }
  }

  @Test
  void mutatorThatThrowsAndLeavesTheStateChanged_isFound() {
    Finding finding =
        findingOf(
            Determinism.of(Careless.class)
                .call(each -> each.take("tea", 0))
                .call(each -> each.take("tea", 2)));

    assertFirst(finding, Finding.Kind.CHANGED_AND_THREW, "take(sku: tea, n: 2)");
    assertThat(finding.toString())
        .isEqualTo(
            """
            Careless "trial", at position 2, take(sku: tea, n: 2):
              the mutator threw java.lang.IllegalStateException: only 0 of tea
              and has left the state changed:
                .stock{"tea"}: 0 -> -2
            A mutator that throws leaves the state as it was: check the arguments first and \
            change the state afterwards, or let the class implement Versioned.""");
  }

  public static class Lazy {
    private final List<String> names = new ArrayList<>();
    private transient Set<String> index;

    // An index that is not there is made whole, but one that has begun is believed.
    @Mutator
    public boolean add(String name) {
      if (index == null) {
        index = new LinkedHashSet<>();
      }
      names.add(name);
      return index.add(name);
    }

    @Mutator
    public boolean removeAll(String name) {
      if (index == null) {
        index = new LinkedHashSet<>(names);
      }
      return index.remove(name) && names.removeIf(name::equals);
    }
  }

  @Test
  void transientIndexThatIsMadeAnewInPart_isFoundOnReplicaRestoredSomeCallsEarlier() {
    Finding finding =
        findingOf(
            Determinism.of(Lazy.class)
                .call(each -> each.add("a"))
                .call(each -> each.add("b"))
                .call(each -> each.removeAll("a")));

    assertFirst(finding, Finding.Kind.RESTORED_DIFFERS, "removeAll(name: a)");
    assertThat(finding.explanation())
        .contains("returned true", "restored from a checkpoint after position", "returned false");
  }

  /** Gives less of its state than it has. */
  public static class Forgetful implements Versioned<Forgetful>, Snapshots<String> {
    private List<String> names = List.of();
    private int calls;

    @Override
    public Forgetful fork() {
      Forgetful fork = new Forgetful();
      fork.names = names;
      fork.calls = calls;
      return fork;
    }

    @Override
    public Iterator<String> snapshot() {
      return names.iterator();
    }

    @Override
    public void restore(Iterator<String> elements) {
      List<String> restored = new ArrayList<>();
      elements.forEachRemaining(restored::add);
      names = restored;
    }

    @Mutator
    public void every2nd(String name) {
      calls++;
      if (calls % 2 == 0) {
        List<String> longer = new ArrayList<>(names);
        longer.add(name);
        names = longer;
      }
    }
  }

  @Test
  void fieldThatSnapshotsLeaveOut_isFoundByWhatFollowsFromIt() {
    Finding finding =
        findingOf(
            Determinism.of(Forgetful.class)
                .call(each -> each.every2nd("a"))
                .call(each -> each.every2nd("b")));

    assertFirst(finding, Finding.Kind.RESTORED_DIFFERS, "every2nd(name: b)");
    assertThat(finding.parts().toString()).isEqualTo("[[0]: \"b\" -> (none)]");
  }

  public static class Shared implements Versioned<Shared> {
    private List<String> names = new ArrayList<>();

    @Override
    public Shared fork() {
      Shared fork = new Shared();
      fork.names = names;
      return fork;
    }

    @Mutator
    public void add(String name) {
      names.add(name);
    }
  }

  @Test
  void mutatorThatChangesTheVersionBefore_isFound() {
    Finding finding = findingOf(Determinism.of(Shared.class).call(each -> each.add("a")));

    assertFirst(finding, Finding.Kind.EARLIER_VERSION_CHANGED, "add(name: a)");
    assertThat(finding.parts().toString()).isEqualTo("[.names[0]: (none) -> \"a\"]");
  }

  public static class Halved implements Versioned<Halved> {
    private long left;
    private long right;

    @Override
    public Halved fork() {
      Halved fork = new Halved();
      fork.left = left;
      return fork;
    }

    @Mutator
    public void move(long n) {
      left -= n;
      right += n;
    }

    @Accessor
    public long sum() {
      return left + right;
    }
  }

  @Test
  void forkThatForgetsAField_isFound() {
    Finding finding = findingOf(Determinism.of(Halved.class).call(each -> each.move(3)));

    assertFirst(finding, Finding.Kind.FORK_DIFFERS, "move(n: 3)");
    assertThat(finding.parts().toString()).isEqualTo("[.right: 3 -> 0]");
  }

  public static class Keeper {
    record Note(String title, List<String> lines) {}

    private final Map<String, List<String>> lines = new LinkedHashMap<>();

    @Mutator
    public void copy(String title, List<String> of) {
      lines.put(title, new ArrayList<>(of));
    }

    @Mutator
    public void keep(Note note) {
      lines.put(note.title(), note.lines());
    }
  }

  @Test
  void keptArgument_isFoundIfThatIsRefused() {
    Supplier<Trial<Keeper>> trial =
        () ->
            Determinism.of(Keeper.class)
                .call(each -> each.copy("a", List.of("one")))
                .call(each -> each.keep(new Keeper.Note("b", List.of("two"))));

    assertThatCode(() -> trial.get().check()).doesNotThrowAnyException();
    Finding finding = findingOf(trial.get().refuseKeptArguments());

    assertFirst(finding, Finding.Kind.KEPT_ARGUMENT, "keep(note: Note[title=b, lines=[two]])");
    assertThat(finding.explanation()).endsWith(": note");
  }

  public static class Hashed {
    private Map<String, Integer> counts = new LinkedHashMap<>();

    @Mutator
    public void count(String name) {
      Map<String, Integer> copy = new HashMap<>(counts);
      copy.merge(name, 1, Integer::sum);
      counts = copy;
    }
  }

  @Test
  void stateThatNoCheckpointCanHold_isFoundWithThePath() {
    Finding finding = findingOf(Determinism.of(Hashed.class).call(each -> each.count("a")));

    assertFirst(finding, Finding.Kind.NO_CHECKPOINT, "count(name: a)");
    assertThat(finding.explanation()).contains("counts", "HashMap");
  }

  @Test
  void randomCalls_printTheSeedThatRepeatsThem() {
    Trial<Careless> trial = Determinism.of(Careless.class).randomCalls(100);
    AssertionError first = catchThrowableOfType(AssertionError.class, trial::check);
    String seed = first.getMessage().replaceAll("(?s).*seed\\((-?\\d+)L\\).*", "$1");

    Trial<Careless> again =
        Determinism.of(Careless.class).randomCalls(100).seed(Long.parseLong(seed));

    assertThatThrownBy(again::check).hasMessage(first.getMessage());
  }

  @Test
  void callsOfATransaction_areCheckedOneByOne() {
    try (Milonga store = Milonga.inMemory()) {
      Tickets tickets = store.object(Tickets.class, "tickets");
      Diary diary = store.object(Diary.class, "diary");
      store.transact(
          () -> {
            diary.write("a", "before");
            tickets.issue("ada");
            diary.draw();
          });
      LogPosition committed = store.position().orElseThrow();

      assertThatCode(() -> Determinism.check(diary)).doesNotThrowAnyException();
      NondeterminismError error =
          catchThrowableOfType(NondeterminismError.class, () -> Determinism.check(tickets));
      assertThat(error.finding().call().map(Change::position)).contains(committed);
    }
  }

  @Test
  void callThatIsRefused_isNoOutcome() {
    Trial<Diary> trial =
        Determinism.of(Diary.class)
            .call(
                diary -> {
                  throw new IllegalStateException("a mistake of the test");
                });

    assertThatThrownBy(trial::check).hasMessage("a mistake of the test");
  }

  @Test
  void trialWithoutCalls_isRefused() {
    assertThatThrownBy(() -> Determinism.of(Diary.class).check())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("add call(…) or randomCalls(n)");
  }

  @Test
  void whatIsNoReplicatedObject_isRefused() {
    assertThatThrownBy(() -> Determinism.check(new Diary()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a replicated object is needed");
  }

  @Test
  void trimmedHistory_isRefused() {
    try (Milonga store = Milonga.inMemory()) {
      Diary diary = store.object(Diary.class, "diary");
      diary.write("a", "one");
      store.checkpointer().checkpoint();
      store.checkpointer().trim();
      diary.write("a", "two");

      assertThatThrownBy(() -> Determinism.check(diary))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Check it on a store that keeps all of its history");
    }
  }
}
