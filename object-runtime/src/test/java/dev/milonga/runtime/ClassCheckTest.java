package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Transactional;
import dev.milonga.annotations.Versioned;
import dev.milonga.runtime.cbor.CborCodec;
import dev.milonga.runtime.elsewhere.Hidden;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The check at open: what it refuses, in which words, and what it lets pass (O9). */
class ClassCheckTest {

  static final class Everything {
    private final Map<String, Integer> stock = new LinkedHashMap<>();
    int sold;

    Everything(int size) {
      sold = size;
    }

    @Mutator
    public void restock(String sku, int n) {
      stock.merge(sku, n, Integer::sum);
    }

    @Mutator
    public void restock(String sku) {
      stock.merge(sku, 1, Integer::sum);
    }

    @Mutator
    private void forget(String sku) {
      stock.remove(sku);
    }

    @Mutator
    public void run(Runnable job) {
      job.run();
    }

    @Mutator
    public long stamp() {
      return System.currentTimeMillis();
    }

    public int total() {
      forget("");
      return stock.size();
    }
  }

  @Test
  void classWithEightMistakes_oneMessageListsAllEight() {
    TypeToken<Everything> type = TypeToken.of(Everything.class);

    assertThatThrownBy(() -> ReplicatedType.of(type, new CborCodec(), false))
        .isInstanceOfSatisfying(
            IncompatibleTypeException.class,
            refused -> {
              assertThat(refused.problems()).hasSize(8);
              assertThat(refused.problems().get(0))
                  .contains("class Everything")
                  .endsWith("remove 'final'");
              assertThat(refused.problems().get(1)).contains("no constructor without parameters");
              assertThat(refused.problems().get(2)).contains("field 'sold'", "make it private");
              assertThat(refused.problems().get(3))
                  .contains("forget(String)", "is private", "remove 'private'");
              assertThat(refused.problems().get(4))
                  .contains(
                      "parameter 'job' of mutator",
                      "run(Runnable)",
                      "java.lang.Runnable cannot be carried");
              assertThat(refused.problems().get(5))
                  .contains("restock(String, int)", "restock(String)", "share the name 'restock'");
              assertThat(refused.problems().get(6))
                  .contains("total()", "reads 'stock'", "@Accessor");
              assertThat(refused.problems().get(7))
                  .contains("'stamp'", "reads the clock", "Deterministic.now()");
            })
        .hasMessageContainingAll(
            "1. class",
            "2. class",
            "3. field",
            "4. mutator",
            "5. parameter",
            "6. mutator",
            "7. method",
            "8. mutator");
  }

  final class FinalAndInner {
    @Mutator
    public void touch() {}
  }

  static class Unreachable {
    private int count;

    @Mutator
    public final void fixed() {
      count++;
    }

    @Mutator
    public static void shared() {}

    @Mutator
    private void hidden() {
      count++;
    }

    @Accessor
    public int count() {
      hidden();
      return count;
    }
  }

  @Test
  void finalStaticAndPrivateAnnotatedMethods_refusedAtOpen_allListed() {
    List<String> problems = Checked.problems(Unreachable.class);

    assertThat(problems).anyMatch(p -> p.contains("fixed()") && p.contains("is final"));
    assertThat(problems).anyMatch(p -> p.contains("shared()") && p.contains("is static"));
    assertThat(problems).anyMatch(p -> p.contains("hidden()") && p.contains("is private"));
    assertThat(problems).anyMatch(p -> p.contains("'count' calls mutator 'hidden'"));
    assertThat(problems).hasSize(4);
  }

  @Test
  void finalInnerClass_bothSaid() {
    assertThat(Checked.problems(FinalAndInner.class))
        .satisfiesExactly(
            p -> assertThat(p).contains("FinalAndInner", "remove 'final'"),
            p -> assertThat(p).contains("inner class", "ClassCheckTest", "declare it static"));
  }

  @Test
  void localAndAnonymousClasses_refused() {
    class Local {
      @Mutator
      public void touch() {}
    }
    Object anonymous =
        new Object() {
          @Mutator
          public void touch() {}
        };

    assertThat(Checked.problems(Local.class)).anyMatch(p -> p.contains("inside a method"));
    assertThat(Checked.problems(anonymous.getClass())).anyMatch(p -> p.contains("inside a method"));
  }

  enum Light {
    RED;

    @Accessor
    public int code() {
      return 1;
    }
  }

  record Point(int x) {
    @Accessor
    public int twice() {
      return 2 * x;
    }
  }

  @Test
  void enumsAndRecords_refusedAsWhatTheyAre() {
    assertThat(Checked.problems(Light.class)).anyMatch(p -> p.contains("is an enum"));
    assertThat(Checked.problems(Point.class)).anyMatch(p -> p.contains("is a record"));
    assertThat(Checked.problems(int[].class)).singleElement().asString().contains("not a class");
  }

  static class Bare {
    private int count;

    public int count() {
      return count;
    }
  }

  @Test
  void classWithoutAnnotatedMethod_oneProblem() {
    assertThat(Checked.problems(Bare.class))
        .singleElement()
        .asString()
        .contains("no method is annotated", "@Mutator", "@Accessor");
  }

  interface Tally {
    @Mutator
    void add(int n);

    @Accessor
    int total();

    void forgotten();

    @Override
    boolean equals(Object other); // as java.util.List does; Object has the body
  }

  abstract static class PartTally implements Tally {
    @Override
    public void forgotten() {}
  }

  static class WholeTally extends PartTally {
    private int total;

    @Override
    public void add(int n) {
      total += n;
    }

    @Override
    public int total() {
      return total;
    }
  }

  @Test
  void interfacesAndAbstractClasses_needASupplier() {
    assertThat(Checked.problems(Tally.class))
        .anyMatch(p -> p.contains("interface Tally has no instances"))
        .anyMatch(p -> p.contains("forgotten()") && p.contains("has no body"));
    assertThat(Checked.problems(PartTally.class))
        .singleElement()
        .asString()
        .contains("abstract class PartTally", "pass a supplier");
    assertThat(Checked.problems(TypeToken.of(PartTally.class), true)).isEmpty();
    assertThat(Checked.problems(WholeTally.class)).isEmpty();
  }

  static class NeedsSize {
    private final int size;

    NeedsSize(int size) {
      this.size = size;
    }

    @Accessor
    public int size() {
      return size;
    }
  }

  static class PrivatelyMade {
    private PrivatelyMade() {}

    @Mutator
    public void touch() {}
  }

  @Test
  void constructorWithoutParameters_ofAnyVisibility_orASupplier() {
    assertThat(Checked.problems(NeedsSize.class))
        .singleElement()
        .asString()
        .contains("no constructor without parameters", "() -> new NeedsSize(…)");
    assertThat(Checked.problems(TypeToken.of(NeedsSize.class), true)).isEmpty();
    assertThat(Checked.problems(PrivatelyMade.class)).isEmpty();
  }

  static class Doubtful {
    private int count;

    @Mutator
    @Accessor
    public int both() {
      return ++count;
    }

    @Accessor
    public void nothing() {}

    @Transactional
    @Mutator
    public void twice() {
      count += 2;
    }

    @Accessor
    public Doubtful self() {
      return this;
    }

    @Mutator
    public void copy(Doubtful other) {}

    @Mutator
    public <X> void any(X value) {}

    @Accessor
    public Iterator<String> names() {
      return new ArrayList<String>().iterator();
    }

    public void idle(@ConflictKey String key) {}

    @Transactional
    final void block() {}
  }

  @Test
  void questionableMethods_eachSaysWhatToWrite() {
    List<String> problems = Checked.problems(Doubtful.class);

    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("both()", "is both @Mutator and @Accessor"),
            p -> assertThat(p).contains("nothing()", "returns nothing"),
            p -> assertThat(p).contains("twice()", "remove @Transactional"),
            p -> assertThat(p).contains("self()", "returns a Doubtful"),
            p -> assertThat(p).contains("copy(Doubtful)", "parameter 'other'", "cannot travel"),
            p -> assertThat(p).contains("any(Object)", "type parameter X"),
            p -> assertThat(p).contains("names()", "returns an Iterator", "return a List"),
            p -> assertThat(p).contains("idle(String)", "@ConflictKey", "no effect"),
            p -> assertThat(p).contains("block()", "remove 'final'"));
  }

  static class Renamed {
    private int count;

    @Mutator(
        value = "add",
        aliases = {"plus", " "})
    public void increase(int n) {
      count += n;
    }

    @Mutator(aliases = "add")
    public void plus(int n) {
      count += n;
    }
  }

  @Test
  void mutatorNamesAndAliases_clashIsReportedPerName() {
    assertThat(Checked.problems(Renamed.class))
        .satisfiesExactly(
            p -> assertThat(p).contains("increase(int)", "blank"),
            p -> assertThat(p).contains("increase(int)", "plus(int)", "share the name 'add'"),
            p -> assertThat(p).contains("increase(int)", "plus(int)", "share the name 'plus'"));
  }

  static class Sub extends Hidden {
    @Accessor
    public int one() {
      return 1;
    }
  }

  @Test
  void packagePrivateMutatorOfAnotherPackage_refused() {
    assertThat(Checked.problems(Sub.class))
        .singleElement()
        .asString()
        .contains("Hidden.add(int)", "package-private in dev.milonga.runtime.elsewhere");
  }

  static class Box<E> {
    private final List<E> elements = new ArrayList<>();

    @Mutator
    public void add(E element) {
      elements.add(element);
    }

    @Accessor
    public List<E> all() {
      return elements;
    }
  }

  static class Ranking<E> {
    private final List<E> elements = new ArrayList<>();

    @Mutator
    public void add(@ConflictKey E element) {
      elements.add(element);
    }

    @Accessor
    public boolean contains(@ConflictKey E element) {
      return elements.contains(element);
    }
  }

  static final class Named {
    private String name = "";

    @Override
    public boolean equals(Object other) {
      return other instanceof Named that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }
  }

  @Test
  void genericClass_needsItsTypeArguments() {
    assertThat(Checked.problems(Box.class)).anyMatch(p -> p.contains("new TypeToken<Box<E>>() {}"));
    assertThat(Checked.problems(new TypeToken<Box<?>>() {}, false))
        .anyMatch(p -> p.contains("type argument ?"));
    assertThat(Checked.problems(new TypeToken<Box<Thread>>() {}, false))
        .singleElement()
        .asString()
        .startsWith("type argument of Box: ")
        .contains("java.lang.Thread");
    assertThat(Checked.problems(new TypeToken<Ranking<Named>>() {}, false))
        .singleElement()
        .asString()
        .contains("cannot be a conflict key");
    assertThat(Checked.problems(new TypeToken<Box<String>>() {}, false)).isEmpty();
  }

  static class OpenFields {
    public final int limit = 10;
    static final List<String> NAMES = new ArrayList<>();
    protected final List<String> names = new ArrayList<>();

    @Mutator
    public void add(String name) {
      names.add(name);
    }
  }

  @Test
  void fieldsThatAreNotPrivate_refused_constantsAreNot() {
    assertThat(Checked.problems(OpenFields.class))
        .singleElement()
        .asString()
        .contains("field 'names' of OpenFields (ClassCheckTest.java)", "make it private");
  }

  static class Leaky {
    private int count;
    private String label = "";

    @Mutator
    public void add(int n) {
      bump(n);
    }

    @Accessor
    public int count() {
      return count;
    }

    private void bump(int n) {
      count += n;
    }

    public int direct() {
      return count;
    }

    public int throughHelper() {
      return helper();
    }

    private int helper() {
      return count;
    }

    public Supplier<String> throughLambda() {
      return () -> label;
    }

    public Iterator<Integer> throughInnerClass() {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return count > 0;
        }

        @Override
        public Integer next() {
          return 1;
        }
      };
    }

    void relabel(String newLabel) {
      label = newLabel;
    }

    public int twice() {
      return 2 * count();
    }

    @Override
    public String toString() {
      return "Leaky " + count;
    }

    @Override
    public int hashCode() {
      return count;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Leaky that && that.count() == count();
    }
  }

  @Test
  void unannotatedMethodsThatTouchFields_refused_howeverTheyReachThem() {
    List<String> problems = Checked.problems(Leaky.class);

    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("Leaky.direct()", "reads 'count'", "@Accessor"),
            p -> assertThat(p).contains("Leaky.throughHelper()", "reads 'count'"),
            p -> assertThat(p).contains("Leaky.throughLambda()", "reads 'label'"),
            p -> assertThat(p).contains("Leaky.throughInnerClass()", "reads 'count'"),
            p -> assertThat(p).contains("Leaky.relabel(String)", "assigns 'label'", "@Mutator"),
            p -> assertThat(p).contains("Leaky.toString()", "reads 'count'"),
            p -> assertThat(p).contains("Leaky.hashCode()", "reads 'count'"));
  }

  static class Parent {
    private int count;

    @Mutator
    public void add(int n) {
      count += n;
    }

    @Accessor
    public int count() {
      return count;
    }
  }

  static class BypassingChild extends Parent {
    public int direct() {
      return super.count();
    }
  }

  @Test
  void superCallOfAnAccessorFromUnannotatedCode_refused_sinceItRunsAtTheCaller() {
    assertThat(Checked.problems(BypassingChild.class))
        .singleElement()
        .asString()
        .contains("BypassingChild.direct()", "reads 'count'");
  }

  static class HalfMap extends AbstractMap<String, Integer> {
    private final Map<String, Integer> state = new LinkedHashMap<>();

    @Mutator("put")
    @Override
    public Integer put(String key, Integer value) {
      return state.put(key, value);
    }

    @Accessor
    public List<String> names() {
      return new ArrayList<>(state.keySet());
    }

    @Override
    public Set<Map.Entry<String, Integer>> entrySet() {
      Map<String, Integer> copy = new LinkedHashMap<>();
      names().forEach(name -> copy.put(name, 0));
      return copy.entrySet();
    }
  }

  @Test
  void methodsInheritedFromTheJdkThatTouchItsFields_refusedInOneSentence() {
    assertThat(Checked.problems(HalfMap.class))
        .singleElement()
        .asString()
        .contains("inherited from java.util.AbstractMap: keySet(), values() use its fields");
  }

  static class Restless {
    private int reads;
    private int value;

    @Accessor
    public int value() {
      reads++;
      return value;
    }

    @Accessor
    public int next() {
      set(value + 1);
      return value;
    }

    @Mutator
    public void set(int newValue) {
      value = newValue;
    }
  }

  @Test
  void accessorsThatChangeTheObject_refused() {
    assertThat(Checked.problems(Restless.class))
        .satisfiesExactly(
            p -> assertThat(p).contains("'value' assigns field 'reads'", "@Mutator"),
            p -> assertThat(p).contains("'next' calls mutator 'set'", "@Mutator"));
  }

  static class Forked implements Versioned<Forked>, Snapshots<String> {
    private List<String> names = new ArrayList<>();

    @Override
    public Forked fork() {
      Forked fork = new Forked();
      fork.names = new ArrayList<>(names);
      return fork;
    }

    @Override
    public Iterator<String> snapshot() {
      return names.iterator();
    }

    @Override
    public void restore(Iterator<String> elements) {
      elements.forEachRemaining(names::add);
    }

    @Mutator
    public void add(String name) {
      names.add(name);
    }

    @Accessor
    public Iterator<String> iterator() {
      return names.iterator();
    }

    @Accessor
    public Stream<Map.Entry<String, Integer>> entries() {
      return names.stream().map(name -> Map.entry(name, 1));
    }

    @Accessor
    public int wouldBe() {
      return fork().names.size();
    }
  }

  static class AnnotatedFork implements Versioned<AnnotatedFork> {
    @Accessor
    @Override
    public AnnotatedFork fork() {
      return new AnnotatedFork();
    }
  }

  @Test
  void versionedClass_forkAndSnapshotAreTheRuntimes_iteratorsAreAllowed() {
    assertThat(Checked.problems(Forked.class)).isEmpty();
    assertThat(Checked.problems(AnnotatedFork.class))
        .anyMatch(p -> p.contains("fork()") && p.contains("remove @Accessor"));
  }

  @LogicalName(" ")
  static class Nameless {
    @Mutator
    public void touch() {}
  }

  @Test
  void blankLogicalName_refused() {
    assertThat(Checked.problems(Nameless.class))
        .singleElement()
        .asString()
        .contains("@LogicalName of class Nameless");
  }

  static class Sneaky implements Versioned<Sneaky> {
    private int count;

    @Override
    public Sneaky fork() {
      Sneaky fork = new Sneaky();
      fork.count = count;
      return fork;
    }

    @Mutator
    public void add(int n) {
      count += n;
    }

    public Object copyAtTheCaller() {
      return fork();
    }

    public int throughStatic() {
      return countOf(this);
    }

    private static int countOf(Sneaky sneaky) {
      return sneaky.count;
    }

    public static int outside(Sneaky plain) {
      return plain.count;
    }

    @Accessor
    @SuppressWarnings("rawtypes")
    public Iterator raw() {
      return List.of().iterator();
    }
  }

  @Test
  void forkAndStaticHelpersUsedByUnannotatedMethods_areFollowed() {
    assertThat(Checked.problems(Sneaky.class))
        .satisfiesExactly(
            p -> assertThat(p).contains("an element of the result", "raw()", "java.lang.Object"),
            p ->
                assertThat(p)
                    .contains("Sneaky.copyAtTheCaller()", "reads 'count' and assigns 'count'"),
            p -> assertThat(p).contains("Sneaky.throughStatic()", "reads 'count'"));
  }

  static sealed class Closed permits Open {
    @Mutator
    public void touch() {}
  }

  static non-sealed class Open extends Closed {}

  @Test
  void sealedClass_refused_itsOpenSubclassIsNot() {
    assertThat(Checked.problems(Closed.class)).singleElement().asString().contains("is sealed");
    assertThat(Checked.problems(Open.class)).isEmpty();
  }

  static class CaselessName {
    private String name = "";

    @Override
    public boolean equals(Object other) {
      return other instanceof CaselessName that && that.name.equalsIgnoreCase(name);
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }

  static class Members {
    private final List<CaselessName> members = new ArrayList<>();

    @Mutator
    public void join(@ConflictKey CaselessName name, CaselessName sponsor) {
      members.add(name);
      members.add(sponsor);
    }
  }

  @Test
  void conflictKeyWhoseEqualValuesEncodeDifferently_refused() {
    assertThat(Checked.problems(Members.class))
        .singleElement()
        .asString()
        .contains("parameter 'name' of mutator", "cannot be a conflict key");
  }
}
