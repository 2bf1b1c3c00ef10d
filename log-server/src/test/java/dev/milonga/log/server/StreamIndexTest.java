package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class StreamIndexTest {

  @Property
  void everyPositionOfAStream_isInTheFirstRowAtOrAboveIt(@ForAll long seed) {
    Random random = new Random(seed);
    long start = (1L << StreamIndex.BUCKET_BITS) * (1 + random.nextInt(3)) - random.nextInt(2_000);
    List<AcceptedEntry> entries = new ArrayList<>();
    Map<StreamId, List<Long>> expected = new TreeMap<>();
    for (int i = 0; i < 1 + random.nextInt(2_000); i++) {
      StreamId stream = new StreamId(random.nextInt(3), -1);
      entries.add(entry(start + i, stream));
      expected.computeIfAbsent(stream, s -> new ArrayList<>()).add(start + i);
    }

    RowBatch rows = new RowBatch();
    StreamIndex.addRows(entries, rows);

    TreeMap<byte[], byte[]> stored = new TreeMap<>(Arrays::compareUnsigned);
    rows.rows().forEach(row -> stored.put(row.key(), row.value()));
    expected.forEach(
        (stream, positions) -> {
          for (long position : positions) {
            Map.Entry<byte[], byte[]> row = stored.ceilingEntry(StreamIndex.key(stream, position));
            assertThat(StreamIndex.stream(row.getKey())).isEqualTo(stream);
            assertThat(StreamIndex.positions(row.getKey(), row.getValue())).contains(position);
            byte[] last = stored.lowerKey(StreamIndex.keyAfter(stream, position));
            assertThat(Arrays.compareUnsigned(last, row.getKey())).isNotNegative();
          }
        });
    assertThat(
            stored.entrySet().stream()
                .mapToInt(row -> StreamIndex.positions(row.getKey(), row.getValue()).length)
                .sum())
        .isEqualTo(entries.size());
  }

  private static AcceptedEntry entry(long position, StreamId stream) {
    LogEntry entry =
        new LogEntry(
            new LogPosition(position),
            0,
            List.of(StreamKeys.whole(stream)),
            Payload.wrap(new byte[0]),
            null);
    return new AcceptedEntry(entry, new byte[0], new long[] {-1});
  }
}
