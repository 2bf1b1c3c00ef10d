package dev.milonga.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One entry of the log, as it was accepted. Immutable. */
public final class LogEntry {

  private final LogPosition position;
  private final long timeMicros;
  private final List<StreamKeys> writes;
  private final Payload payload;
  private final @Nullable RequestId requestId;
  private final @Nullable Principal principal;

  /** An entry that was appended by nobody in particular; as below. */
  public LogEntry(
      LogPosition position,
      long timeMicros,
      List<StreamKeys> writes,
      Payload payload,
      @Nullable RequestId requestId) {
    this(position, timeMicros, writes, payload, requestId, null);
  }

  /**
   * An entry, for implementations of a log.
   *
   * @param timeMicros when the log accepted it, in microseconds since 1970-01-01T00:00Z
   * @param principal who appended it; null if the log authenticates nobody
   */
  public LogEntry(
      LogPosition position,
      long timeMicros,
      List<StreamKeys> writes,
      Payload payload,
      @Nullable RequestId requestId,
      @Nullable Principal principal) {
    this.position = position;
    this.timeMicros = timeMicros;
    this.writes = List.copyOf(writes);
    this.payload = payload;
    this.requestId = requestId;
    this.principal = principal;
  }

  /** Where the entry stands in the log. */
  public LogPosition position() {
    return position;
  }

  /** When the log accepted the entry. Never decreases along the log. */
  public Instant time() {
    return Instant.ofEpochSecond(
        Math.floorDiv(timeMicros, 1_000_000L), Math.floorMod(timeMicros, 1_000_000L) * 1_000L);
  }

  /** {@link #time()} in microseconds since 1970-01-01T00:00Z. */
  public long timeMicros() {
    return timeMicros;
  }

  /** The streams the entry belongs to, each once, with what it writes in each. */
  public List<StreamKeys> writes() {
    return writes;
  }

  /** Whether the entry belongs to that stream. */
  public boolean isIn(StreamId stream) {
    for (StreamKeys write : writes) {
      if (write.stream().equals(stream)) {
        return true;
      }
    }
    return false;
  }

  /** The payload, as it was appended. */
  public Payload payload() {
    return payload;
  }

  /** The identity of the request that appended the entry, if it had one. */
  public Optional<RequestId> requestId() {
    return Optional.ofNullable(requestId);
  }

  /**
   * The name of who appended the entry, as the log has authenticated them; empty if it
   * authenticates nobody. Unlike anything in the payload, this is the log's own word.
   */
  public Optional<String> principal() {
    return principal == null ? Optional.empty() : Optional.of(principal.name());
  }

  @Override
  public String toString() {
    return "entry " + position + " in " + writes + ", " + payload;
  }
}
