package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PipelinedLoadTest {

  @Test
  void everyRecord_isReportedOnce_andTheNumberUnderWayIsBounded() throws Exception {
    ExecutorService disk = Executors.newFixedThreadPool(2);
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Integer> durable = new ArrayList<>();

    PipelinedLoad load =
        new PipelinedLoad(
            IntStream.range(0, 10_000).iterator(),
            16,
            record -> {
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              return CompletableFuture.runAsync(underWay::decrementAndGet, disk);
            });
    load.run(durable::addAll);
    disk.shutdown();

    assertThat(durable).hasSize(10_000).doesNotHaveDuplicates();
    assertThat(most.get()).isLessThanOrEqualTo(16);
  }

  @Test
  void load_doesNotWaitForEachRecord() throws Exception {
    Deque<CompletableFuture<String>> writes = new ArrayDeque<>();
    List<Integer> durable = new ArrayList<>();

    PipelinedLoad load =
        new PipelinedLoad(
            IntStream.range(0, 8).iterator(),
            4,
            record -> {
              CompletableFuture<String> write = new CompletableFuture<>();
              writes.add(write);
              if (writes.size() == 4) { // complete only when the pipeline is full, last first
                while (!writes.isEmpty()) {
                  writes.removeLast().complete("done");
                }
              }
              return write;
            });
    load.run(durable::addAll);

    assertThat(durable).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void failedWrite_endsTheLoadAndNamesTheRecord() {
    PipelinedLoad load =
        new PipelinedLoad(
            IntStream.range(0, 8).iterator(),
            4,
            record ->
                record == 3
                    ? CompletableFuture.failedFuture(new IllegalStateException("disk full"))
                    : CompletableFuture.completedFuture("done"));

    assertThatThrownBy(() -> load.run(records -> {}))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining("record 3 could not be written")
        .hasMessageContaining("disk full");
  }
}
