package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/** Random commands against {@link LogModel}: every outcome, and every delivery, is the model's. */
final class InMemoryLogModelTest {

  private static final List<StreamId> STREAMS =
      List.of(new StreamId(0, 0), new StreamId(0, 1), new StreamId(0, 2), new StreamId(0, 3));
  private static final Duration TIMEOUT = Duration.ofSeconds(100);
  private static final int ENTRY_BYTES_MAX = 300;

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void log_doesWhatTheModelDoes(@ForAll("commands") List<Command> commands) {
    Run run = new Run();

    for (Command command : commands) {
      String outcome = command.onLog(run);
      assertThat(outcome).as("outcome of %s", command).isEqualTo(command.onModel(run));
      Statistics.label("kind of outcome").collect(outcome.split(" ")[0].replaceAll("[0-9]+", "n"));
      run.checkStanding();
    }
    new Deliver().onLog(run);
    run.subscribers.forEach(Subscriber::check);
    Statistics.label("kind of outcome")
        .coverage(
            kinds ->
                List.of("at", "too", "conflict", "expired", "mismatch", "trimmed", "refused")
                    .forEach(kind -> kinds.check(kind).count(count -> count > 20)));
  }

  /** A log and its model side by side. Listeners are called only by {@link Deliver}. */
  private static final class Run {
    final SettableClock clock = new SettableClock(Instant.EPOCH);
    final Queue<Runnable> deliveries = new ArrayDeque<>();
    final InMemoryLog log =
        InMemoryLog.builder()
            .clock(clock)
            .sessionTimeout(TIMEOUT)
            .entryBytesMax(ENTRY_BYTES_MAX)
            .deliverOn(deliveries::add)
            .build();
    final LogModel model = new LogModel(TIMEOUT.toNanos() / 1_000, ENTRY_BYTES_MAX);
    final List<SessionId> sessions = new ArrayList<>(List.of(new SessionId(1_000))); // never opened
    final List<AppendRequest> sent = new ArrayList<>();
    final List<Subscriber> subscribers =
        List.of(
            new Subscriber(this, Set.of(STREAMS.get(0))),
            new Subscriber(this, Set.of(STREAMS.get(1), STREAMS.get(2))),
            new Subscriber(this, Set.of()));

    String send(AppendRequest request) {
      sent.add(request);
      try {
        return "at " + log.append(request).join();
      } catch (CompletionException e) {
        return describe(e.getCause());
      }
    }

    AppendRequest lastSent() {
      return sent.get(sent.size() - 1);
    }

    private static String describe(Throwable refused) {
      if (refused instanceof ConflictException conflict) {
        return LogModel.conflict(
            conflict.stream(), conflict.keyHash(), conflict.winner().orElseThrow());
      }
      return refused instanceof RequestMismatchException
          ? "mismatch"
          : refused instanceof SessionExpiredException
              ? "expired"
              : refused instanceof EntryTooLargeException ? "too large" : refused.toString();
    }

    long now() {
      return clock.instant().toEpochMilli() * 1_000;
    }

    void checkStanding() {
      LocalTails tails = log.localTails().orElseThrow();
      assertThat(tails.tail()).isEqualTo(model.tail());
      assertThat(Outcome.of(log.tail())).isEqualTo(new LogPosition(model.tail()));
      assertThat(Outcome.of(log.trimMark())).isEqualTo(new LogPosition(model.trimMark()));
      Map<StreamId, LogPosition> streamTails = Outcome.of(log.tail(STREAMS));
      for (StreamId stream : STREAMS) {
        assertThat(streamTails.get(stream)).isEqualTo(new LogPosition(model.tail(stream)));
        assertThat(tails.of(stream).value()).isGreaterThanOrEqualTo(model.tail(stream));
      }
    }
  }

  /** A subscriber from the start, and what the model says it should have been told. */
  private static final class Subscriber implements EntryListener {
    private final Run run;
    private final Predicate<LogEntry> wanted;
    private final List<LogEntry> got = new ArrayList<>();
    private final List<LogEntry> expected = new ArrayList<>();
    private Optional<Throwable> end = Optional.empty();
    private boolean expectEnd;

    Subscriber(Run run, Set<StreamId> streams) {
      this.run = run;
      this.wanted = entry -> streams.isEmpty() || streams.stream().anyMatch(entry::isIn);
      if (streams.isEmpty()) {
        run.log.subscribeAll(LogPosition.FIRST, this);
      } else {
        run.log.subscribe(streams, LogPosition.FIRST, this);
      }
    }

    @Override
    public void onEntries(List<LogEntry> entries) {
      assertThat(entries).isNotEmpty();
      got.addAll(entries);
    }

    @Override
    public void onEnd(Throwable cause) {
      assertThat(end).isEmpty();
      end = Optional.of(cause);
    }

    void expectDelivery() {
      long next = expected.isEmpty() ? 0 : expected.get(expected.size() - 1).position().value() + 1;
      List<LogEntry> fresh = run.model.from(next, wanted);
      expectEnd |= fresh.stream().anyMatch(e -> e.position().value() < run.model.trimMark());
      if (!expectEnd) {
        expected.addAll(fresh);
      }
    }

    void check() {
      expectDelivery();
      assertThat(LogModel.describe(got)).isEqualTo(LogModel.describe(expected));
      assertThat(end.isPresent()).isEqualTo(expectEnd);
      end.ifPresent(cause -> assertThat(cause).isInstanceOf(TrimmedException.class));
    }
  }

  private interface Command {
    String onLog(Run run);

    String onModel(Run run);
  }

  private record Append(
      List<StreamKeys> writes,
      int payloadSize,
      Optional<Condition> condition,
      Optional<Numbered> numbered)
      implements Command {

    /** A snapshot that far below the tail, and what was read at it. */
    record Condition(int back, List<StreamKeys> reads) {}

    /** A request number in one of the run's sessions. */
    record Numbered(int session, int sequence, int learntBelow) {}

    @Override
    public String onLog(Run run) {
      return run.send(request(run));
    }

    @Override
    public String onModel(Run run) {
      return run.model.append(run.lastSent(), run.now());
    }

    private AppendRequest request(Run run) {
      AppendRequest.Builder builder = AppendRequest.builder(Payload.wrap(new byte[payloadSize]));
      Set<StreamId> seen = new HashSet<>();
      writes.stream().filter(write -> seen.add(write.stream())).forEach(builder::write);
      condition.ifPresent(
          c ->
              builder.condition(
                  new AppendCondition(
                      new LogPosition(Math.max(0, run.model.tail() - c.back())), c.reads())));
      numbered.ifPresent(
          n ->
              builder.requestId(
                  new RequestId(
                      run.sessions.get(n.session() % run.sessions.size()),
                      n.sequence(),
                      Math.min(n.learntBelow(), n.sequence()))));
      return builder.build();
    }
  }

  /** Sends one of the latest requests again, as it was. */
  private record Retry(int back) implements Command {
    @Override
    public String onLog(Run run) {
      int index = run.sent.size() - 1 - back;
      return index < 0 ? "" : run.send(run.sent.get(index));
    }

    @Override
    public String onModel(Run run) {
      // The log has sent one more since it looked.
      return run.sent.size() - 2 - back < 0 ? "" : run.model.append(run.lastSent(), run.now());
    }
  }

  private record OpenSession() implements Command {
    @Override
    public String onLog(Run run) {
      SessionId opened = run.log.openSession().join();
      assertThat(run.sessions).doesNotContain(opened);
      run.sessions.add(opened);
      return "opened";
    }

    @Override
    public String onModel(Run run) {
      run.model.opened(run.sessions.get(run.sessions.size() - 1), run.now());
      return "opened";
    }
  }

  private record Trim(int beyondMark) implements Command {
    @Override
    public String onLog(Run run) {
      LogPosition before = new LogPosition(before(run));
      return run.log
          .trim(before)
          .handle((mark, refused) -> refused == null ? "mark " + mark : "refused")
          .join();
    }

    @Override
    public String onModel(Run run) {
      return run.model.trim(before(run));
    }

    private long before(Run run) {
      return Math.max(0, run.model.trimMark() + beyondMark);
    }
  }

  private record Read(Optional<Integer> stream, int beyondMark, ReadLimit limit)
      implements Command {
    @Override
    public String onLog(Run run) {
      LogPosition from = new LogPosition(from(run));
      try {
        ReadBatch batch =
            stream
                .map(index -> run.log.read(STREAMS.get(index), from, limit))
                .orElseGet(() -> run.log.readAll(from, limit))
                .join();
        LogPosition end = new LogPosition(Math.max(from.value(), run.model.tail()));
        assertThat(batch.next()).isLessThanOrEqualTo(end);
        if (batch.entries().isEmpty()) {
          assertThat(batch.next()).isEqualTo(end);
        }
        boolean more = !run.model.from(batch.next().value(), this::isWanted).isEmpty();
        return LogModel.describe(batch.entries()) + (more ? " and more" : "");
      } catch (CompletionException e) {
        return "trimmed to " + ((TrimmedException) e.getCause()).trimMark();
      }
    }

    @Override
    public String onModel(Run run) {
      return run.model.read(this::isWanted, from(run), limit);
    }

    private boolean isWanted(LogEntry entry) {
      return stream.isEmpty() || entry.isIn(STREAMS.get(stream.get()));
    }

    private long from(Run run) {
      return Math.max(0, run.model.trimMark() + beyondMark);
    }
  }

  private record Advance(int seconds) implements Command {
    @Override
    public String onLog(Run run) {
      run.clock.advance(Duration.ofSeconds(seconds));
      return "";
    }

    @Override
    public String onModel(Run run) {
      return "";
    }
  }

  private record Deliver() implements Command {
    @Override
    public String onLog(Run run) {
      while (!run.deliveries.isEmpty()) {
        run.deliveries.remove().run();
      }
      return "";
    }

    @Override
    public String onModel(Run run) {
      run.subscribers.forEach(Subscriber::check);
      return "";
    }
  }

  @Provide
  Arbitrary<List<Command>> commands() {
    Arbitrary<Integer> stream = Arbitraries.integers().between(0, STREAMS.size() - 1);
    Arbitrary<ConflictKeys> keys =
        Arbitraries.longs()
            .between(0, 3)
            .set()
            .ofMaxSize(3)
            .map(
                set ->
                    set.isEmpty()
                        ? ConflictKeys.WHOLE_OBJECT
                        : ConflictKeys.of(set.stream().mapToLong(Long::longValue).toArray()));
    Arbitrary<StreamKeys> part =
        Combinators.combine(stream.map(STREAMS::get), keys).as(StreamKeys::new);
    Arbitrary<Append.Condition> condition =
        Combinators.combine(Arbitraries.integers().between(0, 6), part.list().ofMaxSize(3))
            .as(Append.Condition::new);
    Arbitrary<Append.Numbered> numbered =
        Combinators.combine(
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(0, 4),
                Arbitraries.frequencyOf(
                    Tuple.of(4, Arbitraries.just(0)),
                    Tuple.of(1, Arbitraries.integers().between(0, 4))))
            .as(Append.Numbered::new);
    Arbitrary<Command> append =
        Combinators.combine(
                part.list().ofMinSize(1).ofMaxSize(3),
                Arbitraries.of(0, 1, 1, 1, 60, 2_000),
                condition.optional(0.4),
                numbered.optional(0.4))
            .as(Append::new);
    Arbitrary<Command> read =
        Combinators.combine(
                stream.optional(0.7),
                Arbitraries.integers().between(-2, 12),
                Combinators.combine(
                        Arbitraries.integers().between(1, 6), Arbitraries.longs().between(1, 200))
                    .as(ReadLimit::new))
            .as(Read::new);
    return Arbitraries.frequencyOf(
            Tuple.of(12, append),
            Tuple.of(3, Arbitraries.integers().between(0, 5).map(Retry::new)),
            Tuple.of(2, Arbitraries.of(new OpenSession())),
            Tuple.of(2, Arbitraries.integers().between(-2, 8).map(Trim::new)),
            Tuple.of(6, read),
            Tuple.of(3, Arbitraries.integers().between(-50, 120).map(Advance::new)),
            Tuple.of(3, Arbitraries.of(new Deliver())))
        .list()
        .ofMaxSize(60);
  }
}
