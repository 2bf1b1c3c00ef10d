package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Compares the index of one block of positions with its entries, in both directions: first all
 * entries are shown, then all rows.
 */
final class IndexCheck {

  private final long from;
  private final long to;
  private final Problems problems;
  private final Map<StreamId, Positions> expected = new HashMap<>();
  private final BitSet unknown = new BitSet(); // of no readable entry

  /** Positions of one stream, ascending, less {@code from}; the rows have them in that order. */
  private static final class Positions {
    private int[] at = new int[4];
    private int count;
    private int next; // the first that no row has had yet

    void add(int position) {
      if (count == at.length) {
        at = Arrays.copyOf(at, 2 * count);
      }
      at[count++] = position;
    }
  }

  /** A check of positions in {@code [from, to)}. */
  IndexCheck(long from, long to, Problems problems) {
    this.from = from;
    this.to = to;
    this.problems = problems;
  }

  void entry(LogEntry entry) {
    for (StreamKeys write : entry.writes()) {
      expected
          .computeIfAbsent(write.stream(), stream -> new Positions())
          .add((int) (entry.position().value() - from));
    }
  }

  /** In {@code [first, end)} it is not known which streams there should be. */
  void unknown(long first, long end) {
    unknown.set((int) (first - from), (int) (end - from));
  }

  void row(byte[] key, byte[] value) {
    if (key.length != StreamIndex.KEY_BYTES) {
      problems.add("an index row has a key of " + key.length + " bytes");
      return;
    }
    StreamId stream = StreamIndex.stream(key);
    long[] positions;
    try {
      positions = StreamIndex.positions(key, value);
    } catch (BufferUnderflowException e) {
      problems.add(
          "the index row of stream "
              + stream
              + " at position "
              + StreamIndex.lastPosition(key)
              + " cannot be read");
      return;
    }
    for (long position : positions) {
      if (position < from) {
        continue; // trimmed, or checked with the positions before
      }
      if (position >= to) {
        problems.add("the index has stream " + stream + " at " + position + ", beyond the tail");
      } else if (!unknown.get((int) (position - from))) {
        rowHas(stream, (int) (position - from));
      }
    }
  }

  private void rowHas(StreamId stream, int position) {
    Positions left = expected.get(stream);
    while (left != null && left.next < left.count && left.at[left.next] < position) {
      lacks(stream, left.at[left.next++]);
    }
    if (left != null && left.next < left.count && left.at[left.next] == position) {
      left.next++;
    } else {
      problems.add(
          "the index has stream "
              + stream
              + " at position "
              + (from + position)
              + ", where no entry of it is, or has it twice or out of order");
    }
  }

  private void lacks(StreamId stream, int position) {
    problems.add("the index lacks position " + (from + position) + " of stream " + stream);
  }

  /** All rows were shown: what is left has none. */
  void end() {
    expected.forEach(
        (stream, left) -> {
          while (left.next < left.count) {
            lacks(stream, left.at[left.next++]);
          }
        });
  }
}
