package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ReplicatedListTest {

  private final ReplicatedList<Integer> list = new ReplicatedList<>();

  @Test
  void sort_runsAgainOnTheNewerList() {
    list.addAll(List.of(3, 1));
    boolean[] interfered = {false};

    list.sort(
        (a, b) -> {
          if (!interfered[0]) {
            interfered[0] = true;
            list.add(2); // another writer comes between
          }
          return a.compareTo(b);
        });

    assertThat(list).containsExactly(1, 2, 3);
  }

  @Test
  void replaceAll_runsAgainOnTheNewerList() {
    list.addAll(List.of(1, 2));

    list.replaceAll(
        value -> {
          if (value == 2 && list.size() == 2) {
            list.add(0, 5); // another writer comes between
          }
          return value * 10;
        });

    assertThat(list).containsExactly(50, 10, 20);
  }

  @Test
  void removeOfASubList_removesNothingElse_whenIndicesShift() {
    list.addAll(List.of(1, 2, 3, 4));
    List<Integer> tail = list.subList(2, 4);
    boolean[] interfered = {false};

    boolean removed =
        tail.removeIf(
            value -> {
              if (!interfered[0]) {
                interfered[0] = true;
                list.remove(0); // another writer comes between
                list.add(5);
              }
              return value == 3;
            });

    assertThat(removed).isFalse();
    assertThat(list).containsExactly(2, 3, 4, 5);
  }

  @Test
  void aSubListOfASubList_growsAndShrinksBoth() {
    list.addAll(List.of(0, 1, 2, 3, 4, 5));
    List<Integer> outer = list.subList(1, 5);
    List<Integer> inner = outer.subList(1, 3);

    inner.add(9);
    inner.add(8);
    inner.remove(Integer.valueOf(3));

    assertThat(inner).containsExactly(2, 9, 8);
    assertThat(outer).containsExactly(1, 2, 9, 8, 4);
    assertThat(list).containsExactly(0, 1, 2, 9, 8, 4, 5);
  }

  @Test
  void anIterator_runsOverOneMoment_andCannotChangeTheList() {
    list.addAll(List.of(1, 2));
    Iterator<Integer> elements = list.iterator();
    Iterator<Integer> copied = list.listIterator();

    list.clear();

    assertThat(elements.next()).isEqualTo(1);
    assertThatThrownBy(elements::remove).isInstanceOf(UnsupportedOperationException.class);
    assertThat(elements.next()).isEqualTo(2);
    assertThat(copied).toIterable().containsExactly(1, 2);
  }

  @Test
  void ends_areReadAndRemovedAsDequesDo() {
    list.addAll(List.of(1, 2, 3));

    assertThat(list.getFirst()).isEqualTo(1);
    assertThat(list.getLast()).isEqualTo(3);
    assertThat(list.removeFirst()).isEqualTo(1);
    assertThat(list.removeLast()).isEqualTo(3);
    list.clear();
    assertThatThrownBy(list::getFirst).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(list::getLast).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(list::removeFirst).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(list::removeLast).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void nulls_areRefusedAndChangeNothing() {
    list.add(1);

    assertThatThrownBy(() -> list.add(null)).hasMessageContaining("null element");
    assertThatThrownBy(() -> list.add(0, null)).hasMessageContaining("null element");
    assertThatThrownBy(() -> list.set(0, null)).hasMessageContaining("null element");
    assertThatThrownBy(() -> list.addAll(Arrays.asList(2, null)))
        .hasMessageContaining("null element");
    assertThatThrownBy(() -> list.replaceAll(value -> null)).hasMessageContaining("null element");
    assertThat(list).containsExactly(1);
  }

  @Test
  void anIndexOutOfRange_changesNothing() {
    list.add(1);

    assertThatThrownBy(() -> list.add(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> list.remove(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> list.set(-1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(list).containsExactly(1);
  }

  @Test
  void anElementOfAnotherClass_isNotThere() {
    list.add(1);
    Object text = "1";

    assertThat(list.contains(text)).isFalse();
    assertThat(list.remove(text)).isFalse();
    assertThat(list.containsAll(List.of(text))).isFalse();
  }
}
