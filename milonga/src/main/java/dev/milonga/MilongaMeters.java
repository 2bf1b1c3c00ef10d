package dev.milonga;

import dev.milonga.checkpoint.CheckpointProgress;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.checkpoint.Checkpointer;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.LogStatistics;
import dev.milonga.runtime.RuntimeStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows a store, or a log, to Micrometer: {@code new MilongaMeters(store).bindTo(registry)}. The
 * meters are listed in {@code docs/observability.md}.
 *
 * <p>The only class of Milonga that needs {@code io.micrometer:micrometer-core}, which an
 * application adds itself. The meters read what the store counts anyway when they are looked at,
 * and cost nothing until then. They do not keep the store from being collected, and go on telling
 * the last numbers when it is closed. Of several stores on one registry, each needs tags of its
 * own.
 */
public final class MilongaMeters implements MeterBinder {

  private final @Nullable Milonga store; // null if only the log is shown
  private final @Nullable EmbeddedLog log; // null if it is not in this process
  private final Iterable<Tag> tags;

  /** Meters of a store, and of its log if that is in a directory of this process. */
  public MilongaMeters(Milonga store) {
    this(store, Tags.empty());
  }

  /** Likewise, each with those tags as well. */
  public MilongaMeters(Milonga store, Iterable<Tag> tags) {
    this(store, store.log() instanceof EmbeddedLog embedded ? embedded : null, tags);
  }

  /** Meters of a log alone, each with those tags as well. */
  public MilongaMeters(EmbeddedLog log, Iterable<Tag> tags) {
    this(null, log, tags);
  }

  private MilongaMeters(@Nullable Milonga store, @Nullable EmbeddedLog log, Iterable<Tag> tags) {
    this.store = store;
    this.log = log;
    this.tags = tags;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    if (log != null) {
      bindLog(new Meters<>(registry, log.statistics(), tags));
    }
    if (store != null) {
      bindRuntime(new Meters<>(registry, store.runtimeStatistics(), tags));
      bindTransactions(new Meters<>(registry, store, tags));
      bindCheckpointer(new Meters<>(registry, store.checkpointer(), tags));
    }
  }

  private static void bindLog(Meters<LogStatistics> log) {
    log.counter("milonga.log.appends", "entries", "Entries appended", LogStatistics::appends);
    log.counter("milonga.log.appended", "bytes", "Bytes appended", LogStatistics::appendedBytes);
    log.counter("milonga.log.requests", "requests", "Requests decided", LogStatistics::requests);
    log.timer(
        "milonga.log.commits",
        "Batches of requests, and the time that writing and syncing them took",
        LogStatistics::batches,
        LogStatistics::commitNanos);
    for (Duration over : LogStatistics.slow()) {
      log.with("over", over.toMillis() + "ms")
          .counter(
              "milonga.log.commits.slow",
              "batches",
              "Batches whose writing took longer than that",
              each -> each.commitsOver(over));
    }
    rejected(log, "conflict", LogStatistics::conflicts);
    rejected(log, "session-expired", LogStatistics::sessionsExpired);
    rejected(log, "request-mismatch", LogStatistics::mismatches);
    rejected(log, "invalid", LogStatistics::invalid);
    rejected(log, "too-large", LogStatistics::tooLarge);
    rejected(log, "overloaded", LogStatistics::overloaded);
    rejected(log, "unavailable", LogStatistics::unavailable);
    log.gauge("milonga.log.waiting", "requests", "Requests that wait", LogStatistics::waiting);
    log.gauge(
        "milonga.log.waiting.size",
        "bytes",
        "Memory that waiting requests hold",
        LogStatistics::waitingBytes);
    log.gauge("milonga.log.tail", null, "First unwritten position", LogStatistics::tail);
    log.gauge("milonga.log.trim.mark", null, "First readable position", LogStatistics::trimMark);
    log.gauge("milonga.log.sessions", "sessions", "Open sessions", LogStatistics::sessions);
    log.gauge("milonga.log.streams", "streams", "Known streams", LogStatistics::streams);
    log.gauge(
        "milonga.log.subscriptions",
        "subscriptions",
        "Subscriptions that have not ended",
        LogStatistics::subscriptions);
    log.gauge(
        "milonga.log.disk.full", null, "1 while there is no room", each -> bit(each.isDiskFull()));
    log.gauge(
        "milonga.log.broken",
        null,
        "1 if nothing is accepted until the log is opened again",
        each -> bit(each.isBroken()));
    read(log, "memory", LogStatistics::readsFromMemory);
    read(log, "store", LogStatistics::readsFromStore);
  }

  private static void rejected(
      Meters<LogStatistics> log, String reason, ToDoubleFunction<LogStatistics> count) {
    log.with("reason", reason)
        .counter("milonga.log.rejected", "requests", "Requests refused or failed", count);
  }

  private static void read(
      Meters<LogStatistics> log, String from, ToDoubleFunction<LogStatistics> count) {
    log.with("from", from)
        .counter("milonga.log.reads", "reads", "Reads of a batch of entries", count);
  }

  private static void bindRuntime(Meters<RuntimeStatistics> runtime) {
    call(runtime, "mutator", RuntimeStatistics::mutatorCalls);
    call(runtime, "async", RuntimeStatistics::asyncCalls);
    call(runtime, "transaction", RuntimeStatistics::commits);
    runtime.gauge(
        "milonga.calls.in.flight",
        "calls",
        "Asynchronous calls whose outcome is not known yet",
        RuntimeStatistics::asyncInFlight);
    runtime.gauge("milonga.objects", "objects", "Open objects", RuntimeStatistics::objects);
    runtime.counter(
        "milonga.views.syncs",
        "reads",
        "Reads that found their view behind",
        RuntimeStatistics::syncs);
    runtime.counter(
        "milonga.views.applied",
        "entries",
        "Log entries applied to views",
        RuntimeStatistics::entriesApplied);
    runtime.counter(
        "milonga.views.reloads",
        "reloads",
        "Views that went on from a checkpoint",
        RuntimeStatistics::reloads);
    runtime.gauge(
        "milonga.views.halted", "views", "Views that stand still", RuntimeStatistics::haltedViews);
    runtime.gauge(
        "milonga.views.lag",
        "entries",
        "How far the view furthest behind is from the end of its stream, at most",
        RuntimeStatistics::viewLag);
    runtime.gauge(
        "milonga.snapshots", "snapshots", "Open snapshots", RuntimeStatistics::openSnapshots);
    runtime.gauge(
        "milonga.versions.kept",
        "versions",
        "Earlier states in memory for open snapshots",
        RuntimeStatistics::versionsKept);
  }

  private static void call(
      Meters<RuntimeStatistics> runtime, String kind, ToDoubleFunction<RuntimeStatistics> count) {
    runtime.with("kind", kind).counter("milonga.calls", "calls", "Calls sent to the log", count);
  }

  private static void bindTransactions(Meters<Milonga> store) {
    ended(store, "committed", each -> each.transactionStatistics().commits());
    ended(store, "read-only", each -> each.transactionStatistics().readOnly());
    ended(store, "exception", each -> each.transactionStatistics().userExceptions());
    ended(store, "too-large", each -> each.transactionStatistics().tooLarge());
    ended(store, "given-up", each -> each.transactionStatistics().givenUp());
    lost(store, "conflict", each -> each.transactionStatistics().conflicts());
    lost(store, "snapshot-too-old", each -> each.transactionStatistics().snapshotsTooOld());
    store.counter(
        "milonga.transactions.retries",
        "attempts",
        "Attempts made again after one was lost",
        each -> each.transactionStatistics().retries());
    store.counter(
        "milonga.transactions.rights.of.way",
        "attempts",
        "Attempts for which others held back",
        each -> each.transactionStatistics().rightsOfWay());
  }

  private static void ended(Meters<Milonga> store, String outcome, ToDoubleFunction<Milonga> n) {
    store
        .with("outcome", outcome)
        .counter("milonga.transactions", "transactions", "Transactions that have ended", n);
  }

  private static void lost(Meters<Milonga> store, String reason, ToDoubleFunction<Milonga> n) {
    store
        .with("reason", reason)
        .counter("milonga.transactions.lost", "attempts", "Attempts that have lost", n);
  }

  private static void bindCheckpointer(Meters<Checkpointer> checkpointer) {
    checkpointer.timer(
        "milonga.checkpoints",
        "Checkpoints of all objects, and the time they took",
        each -> each.statistics().completed(),
        each -> each.statistics().nanos());
    checkpointer.counter(
        "milonga.checkpoints.failed",
        "checkpoints",
        "Checkpoints that were not taken to their end",
        each -> each.statistics().failed());
    checkpointer.counter(
        "milonga.checkpoints.written",
        "bytes",
        "State written by checkpoints",
        each -> each.statistics().bytes());
    checkpointer.gauge(
        "milonga.checkpoint.progress",
        null,
        "Share of the objects done by the checkpoint being taken; 0 if none is",
        each -> each.progress().map(MilongaMeters::share).orElse(0.0));
    checkpointer.timeGauge(
        "milonga.checkpoint.replay",
        "Estimated time to replay what was written since the last checkpoint",
        each -> nanos(each.statistics().estimatedReplay()));
    checkpointer.timeGauge(
        "milonga.checkpoint.last.duration",
        "How long the last checkpoint took",
        each -> nanos(each.lastCheckpoint().map(CheckpointReport::took)));
    last(checkpointer, "size", "bytes", "Bytes of state in", CheckpointReport::bytes);
    last(checkpointer, "objects", "objects", "Objects in", CheckpointReport::objects);
    last(checkpointer, "skipped", "objects", "Objects not in", each -> each.failed().size());
    last(checkpointer, "position", null, "Position of", each -> each.position().value());
    checkpointer.counter(
        "milonga.trims", "trims", "Trims of the log", each -> each.statistics().trims());
  }

  private static void last(
      Meters<Checkpointer> checkpointer,
      String what,
      @Nullable String unit,
      String description,
      ToLongFunction<CheckpointReport> value) {
    checkpointer.gauge(
        "milonga.checkpoint.last." + what,
        unit,
        description + " the last checkpoint",
        each ->
            each.lastCheckpoint()
                .map(report -> (double) value.applyAsLong(report))
                .orElse(Double.NaN));
  }

  private static double share(CheckpointProgress progress) {
    return (double) progress.done() / progress.objects();
  }

  private static double nanos(Optional<Duration> time) {
    return time.map(known -> (double) known.toNanos()).orElse(Double.NaN);
  }

  private static double bit(boolean value) {
    return value ? 1 : 0;
  }

  /** Registers meters that look at one object. */
  private record Meters<T>(MeterRegistry registry, T of, Iterable<Tag> tags) {

    Meters<T> with(String key, String value) {
      return new Meters<>(registry, of, Tags.concat(tags, key, value));
    }

    void counter(String name, String unit, String description, ToDoubleFunction<T> count) {
      FunctionCounter.builder(name, of, count)
          .baseUnit(unit)
          .description(description)
          .tags(tags)
          .register(registry);
    }

    void gauge(String name, @Nullable String unit, String description, ToDoubleFunction<T> value) {
      Gauge.builder(name, of, value)
          .baseUnit(unit)
          .description(description)
          .tags(tags)
          .register(registry);
    }

    void timeGauge(String name, String description, ToDoubleFunction<T> nanos) {
      TimeGauge.builder(name, of, TimeUnit.NANOSECONDS, nanos)
          .description(description)
          .tags(tags)
          .register(registry);
    }

    void timer(
        String name, String description, ToLongFunction<T> count, ToDoubleFunction<T> nanos) {
      FunctionTimer.builder(name, of, count, nanos, TimeUnit.NANOSECONDS)
          .description(description)
          .tags(tags)
          .register(registry);
    }
  }
}
