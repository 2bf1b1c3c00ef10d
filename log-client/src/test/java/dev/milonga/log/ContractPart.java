package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The words that all parts of {@link SharedLogContract} are written in. */
interface ContractPart {

  StreamId A = StreamId.named("a");
  StreamId B = StreamId.named("b");
  StreamId C = StreamId.named("c");

  ReadLimit UNLIMITED = new ReadLimit(Integer.MAX_VALUE, Long.MAX_VALUE);

  /** The log under test. */
  LogFixture fixture();

  /** The log under test, as its first client sees it. */
  default SharedLog log() {
    return fixture().log();
  }

  static LogPosition at(long position) {
    return new LogPosition(position);
  }

  static List<LogPosition> positions(long from, long to) {
    return LongStream.range(from, to).mapToObj(LogPosition::new).toList();
  }

  static Payload payload(long number) {
    return Payload.wrap(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  static AppendRequest.Builder request(StreamKeys... writes) {
    AppendRequest.Builder builder = AppendRequest.builder(payload(0));
    for (StreamKeys write : writes) {
      builder.write(write);
    }
    return builder;
  }

  static AppendCondition unchanged(LogPosition snapshot, StreamKeys... reads) {
    return new AppendCondition(snapshot, List.of(reads));
  }

  default LogPosition append(AppendRequest request) {
    return Outcome.of(log().append(request));
  }

  default LogPosition append(AppendRequest.Builder request) {
    return append(request.build());
  }

  /** Appends an entry that writes the whole of each of those streams. */
  default LogPosition appendTo(StreamId... streams) {
    AppendRequest.Builder builder = request();
    for (StreamId stream : streams) {
      builder.write(StreamKeys.whole(stream));
    }
    return append(builder);
  }

  /** Appends that many entries to a stream, one by one, with payloads 0, 1, 2 …. */
  default List<LogPosition> appendMany(StreamId stream, int count) {
    List<CompletableFuture<LogPosition>> appends =
        IntStream.range(0, count)
            .mapToObj(i -> log().append(AppendRequest.of(stream, payload(i))))
            .toList();
    return appends.stream().map(Outcome::of).toList();
  }

  default LogPosition tail() {
    return Outcome.of(log().tail());
  }

  default LogPosition tail(StreamId stream) {
    return Outcome.of(log().tail(List.of(stream))).get(stream);
  }

  default LogPosition trim(long before) {
    return Outcome.of(log().trim(at(before)));
  }

  default ReadBatch read(StreamId stream, long from) {
    return Outcome.of(log().read(stream, at(from), UNLIMITED));
  }

  default ReadBatch readAll(long from) {
    return Outcome.of(log().readAll(at(from), UNLIMITED));
  }

  default List<LogPosition> positionsIn(StreamId stream) {
    long from = Outcome.of(log().trimMark()).value();
    return read(stream, from).entries().stream().map(LogEntry::position).toList();
  }

  default LogEntry entryAt(LogPosition position) {
    LogEntry entry = Outcome.of(log().readAll(position, ReadLimit.entries(1))).entries().get(0);
    assertThat(entry.position()).isEqualTo(position);
    return entry;
  }

  default SessionId openSession() {
    return Outcome.of(log().openSession());
  }

  /** What those tasks return, started at one moment in a thread each. */
  static <T> List<T> together(List<? extends Callable<T>> tasks) {
    CountDownLatch start = new CountDownLatch(1);
    List<FutureTask<T>> running = new ArrayList<>();
    for (Callable<T> task : tasks) {
      FutureTask<T> future =
          new FutureTask<>(
              () -> {
                start.await();
                return task.call();
              });
      Thread thread = new Thread(future, "contract-" + running.size());
      thread.setDaemon(true);
      thread.start();
      running.add(future);
    }
    start.countDown();
    try {
      return running.stream().map(Outcome::of).toList();
    } finally {
      running.forEach(task -> task.cancel(true)); // those that waited for one that failed
    }
  }

  /** What a task that is told its number, 0 to {@code count}, returns in as many threads. */
  static <T> List<T> together(int count, NumberedTask<T> task) {
    return together(
        IntStream.range(0, count).mapToObj(i -> (Callable<T>) () -> task.call(i)).toList());
  }

  /** A task that is one of several alike. */
  interface NumberedTask<T> {
    T call(int number) throws Exception;
  }
}
