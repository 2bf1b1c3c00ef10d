package dev.milonga.log;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One entry to be appended: the streams it belongs to and what it writes in each, its payload, and
 * optionally a condition and the identity that makes a retry safe. Immutable.
 */
public final class AppendRequest {

  private final List<StreamKeys> writes;
  private final Payload payload;
  private final @Nullable AppendCondition condition;
  private final @Nullable RequestId requestId;

  private AppendRequest(Builder builder) {
    this.writes = List.copyOf(builder.writes);
    this.payload = builder.payload;
    this.condition = builder.condition;
    this.requestId = builder.requestId;
  }

  /** A request that writes the whole object of that stream, without condition or identity. */
  public static AppendRequest of(StreamId stream, Payload payload) {
    return builder(payload).write(StreamKeys.whole(stream)).build();
  }

  /** A builder of a request with that payload. */
  public static Builder builder(Payload payload) {
    return new Builder(payload);
  }

  /** The streams the entry belongs to, each once, with what it writes in each; at least one. */
  public List<StreamKeys> writes() {
    return writes;
  }

  /** The entry's payload. */
  public Payload payload() {
    return payload;
  }

  /** What must hold for the entry to be accepted; empty for an unconditional append. */
  public Optional<AppendCondition> condition() {
    return Optional.ofNullable(condition);
  }

  /** The identity under which a retry is recognised; empty if a retry would append again. */
  public Optional<RequestId> requestId() {
    return Optional.ofNullable(requestId);
  }

  /** Collects the parts of a request. Not thread-safe. */
  public static final class Builder {

    private final Payload payload;
    private final List<StreamKeys> writes = new ArrayList<>(1);
    private @Nullable AppendCondition condition;
    private @Nullable RequestId requestId;

    private Builder(Payload payload) {
      this.payload = payload;
    }

    /** Adds a stream that the entry belongs to. */
    public Builder write(StreamKeys write) {
      writes.add(write);
      return this;
    }

    /** Makes the append conditional. */
    public Builder condition(AppendCondition condition) {
      this.condition = condition;
      return this;
    }

    /** Makes a retry safe. */
    public Builder requestId(RequestId requestId) {
      this.requestId = requestId;
      return this;
    }

    /**
     * The request.
     *
     * @throws IllegalArgumentException if no stream was given, or one of them twice
     */
    public AppendRequest build() {
      if (writes.isEmpty()) {
        throw new IllegalArgumentException("an entry belongs to at least one stream; none given");
      }
      if (writes.size() > 1) {
        Set<StreamId> seen = new HashSet<>();
        for (StreamKeys write : writes) {
          if (!seen.add(write.stream())) {
            throw new IllegalArgumentException(
                "stream " + write.stream() + " is given twice; unite its keys instead");
          }
        }
      }
      return new AppendRequest(this);
    }
  }
}
