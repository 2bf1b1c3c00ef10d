package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicatedSetAndQueueTest {

  private final ReplicatedSet<String> set = new ReplicatedSet<>();
  private final ReplicatedQueue<String> queue = new ReplicatedQueue<>();

  @Test
  void aSet_refusesNullsAndWhatNoCopyCouldEqual() {
    ReplicatedSet<int[]> arrays = new ReplicatedSet<>();

    assertThatThrownBy(() -> set.add(null)).hasMessageContaining("null element");
    assertThatThrownBy(() -> set.addAll(Arrays.asList("a", null)))
        .hasMessageContaining("null element");
    assertThatThrownBy(() -> arrays.add(new int[1])).isInstanceOf(IllegalArgumentException.class);
    assertThat(set).isEmpty();
    assertThat(arrays).isEmpty();
  }

  @Test
  void aSet_doesNotHoldAnElementOfAnotherClass() {
    set.add("1");

    assertThat(set.contains(1)).isFalse();
    assertThat(set.remove((Object) 1)).isFalse();
    assertThat(set.containsAll(List.of("1", 1))).isFalse();
    assertThat(set.containsAll(Arrays.asList("1", null))).isFalse();
  }

  @Test
  void aSetsIterator_runsOverOneMoment_andRemovesFromTheSet() {
    set.addAll(List.of("a", "b", "c"));
    Iterator<String> elements = set.iterator();
    elements.next();

    set.remove("b");
    set.add("d");
    elements.remove();

    assertThat(elements).toIterable().containsExactly("b", "c");
    assertThat(set).containsExactly("c", "d");
  }

  @Test
  void aQueue_handsOutEachElementOnce_inOrder() {
    queue.offer("a");
    queue.addAll(List.of("b", "c"));
    queue.add("d");

    assertThat(queue.poll()).isEqualTo("a");
    assertThat(queue.remove()).isEqualTo("b");
    assertThat(queue.peek()).isEqualTo("c");
    assertThat(queue).containsExactly("c", "d").hasToString("[c, d]");
  }

  @Test
  void aQueuesIterator_cannotRemove() {
    queue.offer("a");
    Iterator<String> elements = queue.iterator();
    elements.next();

    assertThatThrownBy(elements::remove).isInstanceOf(UnsupportedOperationException.class);
    assertThat(queue).containsExactly("a");
  }

  @Test
  void aQueue_refusesNulls() {
    assertThatThrownBy(() -> queue.offer(null)).hasMessageContaining("null element");
    assertThatThrownBy(() -> queue.addAll(Arrays.asList("a", null)))
        .hasMessageContaining("null element");
    assertThat(queue).isEmpty();
  }
}
