package dev.milonga.tests;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.tests.simulation.Scheduler;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A log of the simulation as its callers have it: what it acknowledges is checked, and each look at
 * a tail is a point at which others may go on.
 */
final class ObservedLog extends DelegatingLog {

  private final Scheduler scheduler;
  private final Acknowledgements acknowledgements;
  private final InstantSource clock;
  private final AtomicBoolean broken; // an append has failed because the log could not write
  private final Map<String, ObservedLog> acting = new HashMap<>(); // by principal

  ObservedLog(
      EmbeddedLog behind,
      Scheduler scheduler,
      Acknowledgements acknowledgements,
      InstantSource clock) {
    this(behind, scheduler, acknowledgements, clock, new AtomicBoolean());
  }

  private ObservedLog(
      SharedLog behind,
      Scheduler scheduler,
      Acknowledgements acknowledgements,
      InstantSource clock,
      AtomicBoolean broken) {
    super(behind);
    this.scheduler = scheduler;
    this.acknowledgements = acknowledgements;
    this.clock = clock;
    this.broken = broken;
  }

  /** The same log as that principal uses it. */
  ObservedLog actingFor(String principal) {
    return acting.computeIfAbsent(
        principal,
        who ->
            new ObservedLog(
                ((EmbeddedLog) behind).actingFor(who), scheduler, acknowledgements, clock, broken));
  }

  boolean isBroken() {
    return broken.get();
  }

  /** What has failed so far is no sign of anything any more. */
  void forgetFailures() {
    broken.set(false);
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return observed(
        super.append(request),
        position -> acknowledgements.appended(request, position),
        failure -> {
          if (failure instanceof SessionExpiredException) {
            acknowledgements.expired(request.requestId().orElseThrow().session());
          }
        });
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    long began = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    return observed(
        super.openSession(), session -> acknowledgements.opened(session, began), failure -> {});
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return observed(super.trim(before), mark -> {}, failure -> {});
  }

  private <V> CompletableFuture<V> observed(
      CompletableFuture<V> answer, Consumer<V> success, Consumer<Throwable> failure) {
    answer.whenComplete(
        (value, thrown) -> {
          if (thrown instanceof LogUnavailableException) {
            broken.set(true);
          }
          scheduler.check(
              () -> {
                if (thrown == null) {
                  success.accept(value);
                } else {
                  failure.accept(thrown);
                }
              });
        });
    return answer;
  }

  @Override
  public Optional<LocalTails> localTails() {
    return super.localTails().map(PointedTails::new);
  }

  private final class PointedTails implements LocalTails {

    private final LocalTails tails;

    PointedTails(LocalTails tails) {
      this.tails = tails;
    }

    @Override
    public long tail() {
      scheduler.point("looks at the tail");
      return tails.tail();
    }

    @Override
    public StreamTail of(StreamId stream) {
      StreamTail tail = tails.of(stream);
      return () -> {
        scheduler.point("looks at a tail");
        return tail.value();
      };
    }
  }
}
