package dev.milonga.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes records without waiting for each, with a bounded number of them under way.
 *
 * <p>All work is done on the calling thread: it starts writes as long as there is room, and
 * otherwise waits for a write to become durable. The threads that complete the writes only put a
 * note into a queue, which holds no more than there are writes under way.
 */
final class PipelinedLoad {

  private record Outcome(int record, @Nullable Throwable failure) {}

  private final PrimitiveIterator.OfInt records;
  private final int underWayMax;
  private final IntFunction<? extends CompletionStage<?>> write;
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

  /**
   * A load of those records.
   *
   * @param write starts the write of a record; the stage completes when the record is durable
   */
  PipelinedLoad(
      PrimitiveIterator.OfInt records,
      int underWayMax,
      IntFunction<? extends CompletionStage<?>> write) {
    if (underWayMax < 1) {
      throw new IllegalArgumentException("at least 1 write must be under way, was " + underWayMax);
    }
    this.records = records;
    this.underWayMax = underWayMax;
    this.write = write;
  }

  /**
   * Writes all records, and returns when all are durable.
   *
   * @param durable is told which records have become durable, each once, in batches of those that
   *     became it since the last time
   * @throws CommandFailedException if a write fails; others may still be under way then
   */
  void run(Consumer<List<Integer>> durable) throws InterruptedException {
    int underWay = 0;
    List<Integer> batch = new ArrayList<>();
    List<Outcome> arrived = new ArrayList<>();
    while (records.hasNext() || underWay > 0) {
      while (records.hasNext() && underWay < underWayMax) {
        start(records.nextInt());
        underWay++;
        if (!outcomes.isEmpty()) {
          break;
        }
      }
      if (underWay == underWayMax || !records.hasNext()) {
        arrived.add(outcomes.take());
      }
      outcomes.drainTo(arrived);
      for (Outcome outcome : arrived) {
        if (outcome.failure() != null) {
          throw new CommandFailedException(
              "record " + outcome.record() + " could not be written: " + outcome.failure(),
              outcome.failure());
        }
        batch.add(outcome.record());
      }
      underWay -= arrived.size();
      arrived.clear();
      if (!batch.isEmpty()) {
        durable.accept(List.copyOf(batch));
        batch.clear();
      }
    }
  }

  private void start(int record) {
    write
        .apply(record)
        .whenComplete((result, failure) -> outcomes.add(new Outcome(record, failure)));
  }
}
