package dev.milonga.log.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogRefusedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.RequestId;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.Condition;
import dev.milonga.log.wire.Failure;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/** What is said to a server, and what it says, in the client's words. */
final class WireFormat {

  private static final int STREAM_BYTES = 16;

  private WireFormat() {}

  static ByteString stream(StreamId stream) {
    ByteBuffer bytes = ByteBuffer.allocate(STREAM_BYTES);
    bytes.putLong(stream.high()).putLong(stream.low()).flip();
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  static StreamId stream(ByteString bytes) {
    if (bytes.size() != STREAM_BYTES) {
      throw new IllegalArgumentException("a stream has 16 bytes, not " + bytes.size());
    }
    ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
    return new StreamId(buffer.getLong(), buffer.getLong());
  }

  static Append append(PendingAppend pending) {
    AppendRequest request = pending.request;
    Append.Builder append =
        Append.newBuilder()
            .setNumber(pending.number)
            .setPayload(UnsafeByteOperations.unsafeWrap(request.payload().array()));
    RequestId id = request.requestId().orElse(null);
    if (id != null) {
      append
          .setSession(id.session().value())
          .setSequence(id.sequence())
          .setLearntBelow(id.learntBelow());
    }
    for (StreamKeys write : request.writes()) {
      append.addWrites(keys(write));
    }
    request
        .condition()
        .ifPresent(
            condition -> {
              Condition.Builder told =
                  Condition.newBuilder().setSnapshot(condition.snapshot().value());
              condition.reads().forEach(read -> told.addReads(keys(read)));
              append.setCondition(told);
            });
    return append.build();
  }

  private static dev.milonga.log.wire.StreamKeys keys(StreamKeys part) {
    dev.milonga.log.wire.StreamKeys.Builder told =
        dev.milonga.log.wire.StreamKeys.newBuilder().setStream(stream(part.stream()));
    ConflictKeys keys = part.keys();
    for (int i = 0; i < keys.size(); i++) {
      told.addKeys(keys.hashAt(i));
    }
    return told.build();
  }

  /** Why an append was not carried out. */
  static RuntimeException failureOf(AppendRequest request, Failure failure) {
    switch (failure.getKind()) {
      case CONFLICT:
        return conflict(request, failure);
      case SESSION_EXPIRED:
        if (request.requestId().isPresent()) {
          return new SessionExpiredException(request.requestId().get().session());
        }
        break;
      case REQUEST_MISMATCH:
        if (request.requestId().isPresent()) {
          return new RequestMismatchException(
              request.requestId().get(), after(": ", failure.getMessage()));
        }
        break;
      default:
        break;
    }
    return failureOf(failure);
  }

  private static RuntimeException conflict(AppendRequest request, Failure failure) {
    LogPosition snapshot =
        request
            .condition()
            .map(condition -> condition.snapshot())
            .orElseThrow(
                () -> new IllegalArgumentException("a conflict of an append without a condition"));
    StreamId stream = stream(failure.getStream());
    LogPosition position = new LogPosition(failure.getPosition());
    if (failure.getSnapshotTooOld()) {
      return ConflictException.tooOld(stream, snapshot, position);
    }
    OptionalLong key = failure.hasKey() ? OptionalLong.of(failure.getKey()) : OptionalLong.empty();
    return ConflictException.written(stream, key, snapshot, position);
  }

  /** Why a read from that position was not carried out. */
  static RuntimeException failureOf(LogPosition from, Failure failure) {
    return failure.getKind() == Failure.Kind.TRIMMED
        ? new TrimmedException(from, new LogPosition(failure.getPosition()))
        : failureOf(failure);
  }

  /** Why a call was not carried out. */
  static RuntimeException failureOf(Failure failure) {
    String message = failure.getMessage();
    switch (failure.getKind()) {
      case TRIMMED:
        LogPosition mark = new LogPosition(failure.getPosition());
        return new TrimmedException(LogPosition.FIRST, mark);
      case ENTRY_TOO_LARGE:
        return new EntryTooLargeException(failure.getBytes(), failure.getBytesMax());
      case OVERLOADED:
        return new LogOverloadedException(failure.getBytes(), failure.getBytesMax());
      case DAMAGED:
        return new DamagedEntryException(
            new LogPosition(failure.getPosition()), after(" is damaged: ", message));
      case INVALID:
        return new IllegalArgumentException(message);
      case FORBIDDEN:
      case ANOTHER_LOG:
        return new LogRefusedException(message, null);
      default:
        return new LogUnavailableException(message, null);
    }
  }

  /** Whether a failure leaves open that the same request succeeds if it is made again. */
  static boolean isPassing(Failure failure) {
    return failure.getKind() == Failure.Kind.NOT_TAKEN;
  }

  static Optional<Failure> failure(byte[] bytes) {
    try {
      return Optional.of(Failure.parseFrom(bytes));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      return Optional.empty(); // the status itself has to do
    }
  }

  private static String after(String mark, String message) {
    int at = message.indexOf(mark);
    return at < 0 ? message : message.substring(at + mark.length());
  }
}
