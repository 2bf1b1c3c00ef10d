package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class EntryQueueTest {

  /** A positive step adds that many entries with gaps between them, a negative one removes. */
  @Property(tries = 500)
  void queue_isAList(@ForAll @Size(max = 60) List<@IntRange(min = -30, max = 40) Integer> steps) {
    EntryQueue queue = new EntryQueue();
    List<LogEntry> list = new ArrayList<>();
    long position = 0;

    for (int step : steps) {
      for (int i = 0; i < step; i++) {
        LogEntry entry = entry(position += 1 + i % 3);
        queue.add(entry);
        list.add(entry);
      }
      for (int i = 0; i > step && !list.isEmpty(); i--) {
        assertThat(queue.removeFirst()).isSameAs(list.remove(0));
      }
      assertThat(queue.size()).isEqualTo(list.size());
      for (int i = 0; i < list.size(); i++) {
        assertThat(queue.get(i)).isSameAs(list.get(i));
      }
      for (long from = position - 100; from <= position + 1; from++) {
        long below = from;
        assertThat(queue.indexFrom(from))
            .isEqualTo((int) list.stream().filter(e -> e.position().value() < below).count());
      }
    }
  }

  @Test
  void indexBeyondTheEnd_isABrokenInvariant() {
    EntryQueue queue = new EntryQueue();
    queue.add(entry(3));

    assertThatThrownBy(() -> queue.get(1)).isInstanceOf(AssertionError.class);
    queue.removeFirst();
    assertThatThrownBy(queue::removeFirst).isInstanceOf(AssertionError.class);
  }

  private static LogEntry entry(long position) {
    return new LogEntry(
        new LogPosition(position),
        0,
        List.of(StreamKeys.whole(new StreamId(0, 0))),
        Payload.wrap(new byte[0]),
        null);
  }
}
