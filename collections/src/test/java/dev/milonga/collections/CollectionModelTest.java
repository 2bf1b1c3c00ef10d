package dev.milonga.collections;

import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Each collection against its model of the JDK: after any calls, both hold the same in the same
 * order. Before each call a version is forked off, which must be as it was at the end; after some,
 * the collection is replaced by one restored from its snapshot.
 */
class CollectionModelTest {

  @Provide
  Arbitrary<List<Step<Map<String, Integer>>>> mapSteps() {
    return CollectionSteps.map();
  }

  @Property(tries = 500)
  void mapEqualsItsModel(
      @ForAll("mapSteps") List<Step<Map<String, Integer>>> steps,
      @ForAll @IntRange(min = 1, max = 60) int period) {
    ReplicatedMap<String, Integer> map = new ReplicatedMap<>();
    Map<String, Integer> model = new LinkedHashMap<>();
    List<Runnable> past = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      ReplicatedMap<String, Integer> version = map.fork();
      Map<String, Integer> then = new LinkedHashMap<>(model);
      past.add(() -> Step.checkContent(version, then));

      steps.get(i).check(map, model);

      Step.checkContent(map, model);
      map = i % period == 0 ? restored(map, ReplicatedMap::new) : map;
    }
    past.forEach(Runnable::run);
  }

  @Provide
  Arbitrary<List<Step<NavigableMap<String, Integer>>>> sortedMapSteps() {
    return CollectionSteps.sortedMap();
  }

  @Property(tries = 500)
  void sortedMapEqualsItsModel(
      @ForAll("sortedMapSteps") List<Step<NavigableMap<String, Integer>>> steps,
      @ForAll @IntRange(min = 1, max = 60) int period) {
    ReplicatedSortedMap<String, Integer> map = new ReplicatedSortedMap<>();
    NavigableMap<String, Integer> model = new TreeMap<>();
    List<Runnable> past = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      ReplicatedSortedMap<String, Integer> version = map.fork();
      Map<String, Integer> then = new TreeMap<>(model);
      past.add(() -> Step.checkContent(version, then));

      steps.get(i).check(map, model);

      Step.checkContent(map, model);
      Step.checkContent(map.descendingMap(), model.descendingMap());
      map = i % period == 0 ? restored(map, ReplicatedSortedMap::new) : map;
    }
    past.forEach(Runnable::run);
  }

  @Provide
  Arbitrary<List<Step<Set<String>>>> setSteps() {
    return CollectionSteps.set();
  }

  @Property(tries = 500)
  void setEqualsItsModel(
      @ForAll("setSteps") List<Step<Set<String>>> steps,
      @ForAll @IntRange(min = 1, max = 60) int period) {
    checkCollection(
        steps, new ReplicatedSet<>(), new LinkedHashSet<>(), ReplicatedSet::new, period);
  }

  @Provide
  Arbitrary<List<Step<List<Integer>>>> listSteps() {
    return CollectionSteps.list();
  }

  @Property(tries = 500)
  void listEqualsItsModel(
      @ForAll("listSteps") List<Step<List<Integer>>> steps,
      @ForAll @IntRange(min = 1, max = 60) int period) {
    checkCollection(steps, new ReplicatedList<>(), new ArrayList<>(), ReplicatedList::new, period);
  }

  @Provide
  Arbitrary<List<Step<Queue<Integer>>>> queueSteps() {
    return CollectionSteps.queue();
  }

  @Property(tries = 500)
  void queueEqualsItsModel(
      @ForAll("queueSteps") List<Step<Queue<Integer>>> steps,
      @ForAll @IntRange(min = 1, max = 60) int period) {
    checkCollection(
        steps, new ReplicatedQueue<>(), new ArrayDeque<>(), ReplicatedQueue::new, period);
  }

  private static <E, C extends Collection<E>, S extends Collection<E> & Versioned<S> & Snapshots<E>>
      void checkCollection(List<Step<C>> steps, S empty, C model, Supplier<S> fresh, int period) {
    S subject = empty;
    List<Runnable> past = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      S version = subject.fork();
      List<E> then = new ArrayList<>(model);
      past.add(() -> Step.checkContent(new ArrayList<>(version), then));

      @SuppressWarnings("unchecked") // every caller's collection is of its model's kind
      C same = (C) subject;
      steps.get(i).check(same, model);

      Step.checkContent(subject, model);
      subject = i % period == 0 ? restored(subject, fresh) : subject;
    }
    past.forEach(Runnable::run);
  }

  private static <E, S extends Snapshots<E>> S restored(S object, Supplier<S> fresh) {
    S copy = fresh.get();
    copy.restore(object.snapshot());
    return copy;
  }
}
