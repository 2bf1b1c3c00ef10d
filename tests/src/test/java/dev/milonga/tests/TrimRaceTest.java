package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.Consistency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;

/** L12: the log is trimmed under readers, subscribers and snapshots, wherever they are. */
@Timeout(1_800)
class TrimRaceTest {

  private static final int STREAMS = 3;
  private static final int ENTRIES = 60;
  private static final int ROUNDS = Numbers.of("milonga.l12.rounds", 3, 100);

  @EveryLog
  @DisplayName("L12: trim to every position, with somebody at every position")
  void l12_everyPositionAndEveryTrim_goesOnOrIsTold(LogKind kind) {
    for (int mark = 0; mark <= ENTRIES; mark += 7) {
      try (Logs logs = Logs.openWithoutSync(kind)) {
        append(logs.log(), ENTRIES);
        List<Subscriber> before = subscribers(logs.log());
        logs.log().trim(new LogPosition(mark)).join();
        append(logs.log(), 1);
        List<Subscriber> after = subscribers(logs.log());

        for (int from = 0; from <= ENTRIES; from++) {
          assertReads(logs.log(), from, mark, ENTRIES + 1);
        }
        for (Subscriber subscriber : before) {
          subscriber.assertWholeOrTold(mark, ENTRIES + 1);
        }
        for (Subscriber subscriber : after) {
          subscriber.assertWholeOrTold(mark, ENTRIES + 1);
          if (subscriber.from < mark) {
            assertThat(subscriber.end).isInstanceOf(TrimmedException.class);
          }
        }
        before.forEach(Subscriber::close);
        after.forEach(Subscriber::close);
      }
    }
  }

  @EveryLog
  @DisplayName("L12: trims while others read, subscribe and look at snapshots")
  void l12_trimWhileOthersAreAtIt_eachGoesOnOrIsTold(LogKind kind) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (Logs logs = Logs.openWithoutSync(kind)) {
        race(logs, new Random(Numbers.seed() + round));
      }
    }
  }

  private static void race(Logs logs, Random seeds) throws Exception {
    SharedLog log = logs.log();
    append(log, ENTRIES);
    AtomicBoolean done = new AtomicBoolean();
    ConcurrentLinkedQueue<Subscriber> subscribers = new ConcurrentLinkedQueue<>();
    List<Callable<Long>> threads = new ArrayList<>();
    threads.add(
        () -> {
          try {
            for (int i = 0; i < 40; i++) {
              append(log, 5);
              long mark = log.trimMark().join().value();
              long tail = log.tail().join().value();
              log.trim(new LogPosition(mark + (tail - mark) / 3)).join();
            }
            return log.tail().join().value();
          } finally {
            done.set(true);
          }
        });
    for (int i = 0; i < 2; i++) {
      Random random = new Random(seeds.nextLong());
      threads.add(
          () -> {
            long reads = 0;
            for (; !done.get() || reads == 0; reads++) {
              long mark = log.trimMark().join().value();
              long tail = log.tail().join().value();
              long from = Math.max(0, mark - 5) + random.nextInt((int) (tail - mark) + 6);
              read(log, from, random.nextInt(STREAMS + 1));
            }
            return reads;
          });
    }
    Random random = new Random(seeds.nextLong());
    threads.add(
        () -> {
          while (!done.get() && subscribers.size() < 200) {
            long tail = log.tail().join().value();
            subscribers.add(new Subscriber(log, random.nextInt((int) tail + 1), random.nextInt(4)));
          }
          return (long) subscribers.size();
        });
    long tail = Together.call(threads).get(0);

    for (Subscriber subscriber : subscribers) {
      subscriber.assertWholeOrTold(log.trimMark().join().value(), tail);
      subscriber.close();
    }
  }

  @EveryLog
  @DisplayName("L12: an object at any position when its entries are trimmed")
  void l12_objectsAndSnapshotsUnderATrim_goOnOrAreTold(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga ahead = logs.client();
      Ledger written = ahead.object(Ledger.class, "ledger");
      written.add(1);
      Milonga behind = logs.client();
      Ledger read = behind.object(Ledger.class, "ledger");
      assertThat(read.total()).isEqualTo(1);
      for (int i = 0; i < 20; i++) {
        written.add(1);
      }

      long seen =
          ahead.snapshot(
              () -> {
                logs.log().trim(logs.tail()).join();
                return written.total();
              });
      assertThat(seen).isEqualTo(21);
      assertThat(written.add(1)).isEqualTo(22);
      assertThat(ahead.<Long>snapshot(written::total)).isEqualTo(22);

      // Behind the mark: told so at once, each time, and what it had stays readable.
      for (int i = 0; i < 3; i++) {
        assertThat(failure(read::total)).isInstanceOf(TrimmedException.class);
        assertThat(failure(() -> behind.snapshot(read::total)))
            .isInstanceOf(TrimmedException.class);
        assertThat(failure(() -> read.add(1))).isNotNull();
      }
      assertThat(behind.<Long>read(Consistency.local(), read::total)).isEqualTo(1);
    }
  }

  private static Throwable failure(Callable<?> call) {
    try {
      call.call();
      return null;
    } catch (Exception e) {
      return e;
    }
  }

  private static StreamId stream(long position) {
    return new StreamId(7, position % STREAMS);
  }

  private static void append(SharedLog log, int count) {
    for (int i = 0; i < count; i++) {
      long at = log.tail().join().value(); // nobody else appends
      log.append(AppendRequest.of(stream(at), Payload.wrap(("" + at).getBytes()))).join();
    }
  }

  private static List<Subscriber> subscribers(SharedLog log) {
    List<Subscriber> subscribers = new ArrayList<>();
    for (int from = 0; from <= ENTRIES; from += 3) {
      for (int which = 0; which <= STREAMS; which++) {
        subscribers.add(new Subscriber(log, from, which));
      }
    }
    return subscribers;
  }

  private static void assertReads(SharedLog log, long from, long mark, long tail) {
    for (int which = 0; which <= STREAMS; which++) {
      List<Long> expected = new ArrayList<>();
      for (long at = from; at < tail; at++) {
        if (which == STREAMS || at % STREAMS == which) {
          expected.add(at);
        }
      }
      List<Long> found = read(log, from, which);
      assertThat(found).isEqualTo(from < mark ? List.of(-mark) : expected);
    }
  }

  /** All that there is from there on in one call; minus the mark if it was trimmed. */
  private static List<Long> read(SharedLog log, long from, int which) {
    try {
      LogPosition at = new LogPosition(from);
      ReadBatch batch =
          (which == STREAMS
                  ? log.readAll(at, ReadLimit.DEFAULT)
                  : log.read(stream(which), at, ReadLimit.DEFAULT))
              .orTimeout(60, TimeUnit.SECONDS)
              .join();
      List<Long> positions = new ArrayList<>();
      for (LogEntry entry : batch.entries()) {
        long position = entry.position().value();
        assertThat(new String(entry.payload().toByteArray())).isEqualTo("" + position);
        assertThat(position).isGreaterThanOrEqualTo(from);
        if (!positions.isEmpty()) {
          long step = which == STREAMS ? 1 : STREAMS;
          assertThat(position).isEqualTo(positions.get(positions.size() - 1) + step);
        }
        positions.add(position);
      }
      return positions;
    } catch (CompletionException e) {
      if (e.getCause() instanceof TrimmedException trimmed) {
        assertThat(trimmed.trimMark().value()).isGreaterThan(from);
        return List.of(-trimmed.trimMark().value());
      }
      throw e;
    }
  }

  /** To one stream, or to all. */
  private static final class Subscriber implements EntryListener {

    final long from;
    final int which;
    volatile Throwable end;
    private final List<Long> received = new ArrayList<>(); // guarded by this
    private final Subscription subscription;

    Subscriber(SharedLog log, long from, int which) {
      this.from = from;
      this.which = which;
      this.subscription =
          which == STREAMS
              ? log.subscribeAll(new LogPosition(from), this)
              : log.subscribe(Set.of(stream(which)), new LogPosition(from), this);
    }

    @Override
    public synchronized void onEntries(List<LogEntry> entries) {
      entries.forEach(entry -> received.add(entry.position().value()));
    }

    @Override
    public void onEnd(Throwable cause) {
      end = cause;
    }

    /** It got all there was, in order and without a gap, or a part of that and then the error. */
    void assertWholeOrTold(long mark, long tail) {
      List<Long> whole = new ArrayList<>();
      for (long at = from; at < tail; at++) {
        if (which == STREAMS || at % STREAMS == which) {
          whole.add(at);
        }
      }
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> end != null || received().size() == whole.size());
      if (end != null) {
        assertThat(end).isInstanceOf(TrimmedException.class);
        assertThat(((TrimmedException) end).trimMark().value()).isLessThanOrEqualTo(mark);
        assertThat(received()).isEqualTo(whole.subList(0, received().size()));
      } else {
        assertThat(received()).isEqualTo(whole);
      }
    }

    private synchronized List<Long> received() {
      return List.copyOf(received);
    }

    void close() {
      subscription.close();
    }
  }
}
