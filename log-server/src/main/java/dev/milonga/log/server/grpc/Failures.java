package dev.milonga.log.server.grpc;

import dev.milonga.log.ConflictException;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.Failure.Kind;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is told of things that went wrong: an outcome's failure, or a call's status with one. */
final class Failures {

  /** The trailer of a call that has failed. */
  static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of("milonga-failure-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /** The failure that a future of the log, or something that depends on it, tells. */
  static @Nullable Throwable cause(@Nullable Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  /** The result of a future that is done; throws its failure as it is. */
  static <T> T join(CompletableFuture<T> done) {
    try {
      return done.join();
    } catch (CompletionException e) {
      throw asRuntime(e.getCause() == null ? e : e.getCause());
    }
  }

  static RuntimeException asRuntime(Throwable error) {
    if (error instanceof RuntimeException runtime) {
      return runtime;
    }
    if (error instanceof Error fatal) {
      throw fatal;
    }
    return new IllegalStateException(error);
  }

  static Failure of(Kind kind, String message) {
    return Failure.newBuilder().setKind(kind).setMessage(message).build();
  }

  /** What a client is told of that exception; the server's own mistakes are told nobody else. */
  static Failure of(Throwable error) {
    Failure.Builder failure = Failure.newBuilder().setMessage(String.valueOf(error.getMessage()));
    if (error instanceof ConflictException conflict) {
      failure.setKind(Kind.CONFLICT).setStream(Wire.bytes(conflict.stream()));
      conflict.keyHash().ifPresent(failure::setKey);
      conflict.winner().map(LogPosition::value).ifPresent(failure::setPosition);
      conflict
          .oldestDecidable()
          .ifPresent(oldest -> failure.setSnapshotTooOld(true).setPosition(oldest.value()));
    } else if (error instanceof TrimmedException trimmed) {
      failure.setKind(Kind.TRIMMED).setPosition(trimmed.trimMark().value());
    } else if (error instanceof EntryTooLargeException tooLarge) {
      failure
          .setKind(Kind.ENTRY_TOO_LARGE)
          .setBytes(tooLarge.bytes())
          .setBytesMax(tooLarge.bytesMax());
    } else if (error instanceof SessionExpiredException) {
      failure.setKind(Kind.SESSION_EXPIRED);
    } else if (error instanceof RequestMismatchException) {
      failure.setKind(Kind.REQUEST_MISMATCH);
    } else if (error instanceof LogOverloadedException overloaded) {
      failure
          .setKind(Kind.OVERLOADED)
          .setBytes(overloaded.bytesWaiting())
          .setBytesMax(overloaded.bytesMax());
    } else if (error instanceof LogUnavailableException) {
      failure.setKind(Kind.OUTCOME_UNKNOWN);
    } else if (error instanceof StoreClosedException) {
      failure.setKind(Kind.NOT_TAKEN);
    } else if (error instanceof DamagedEntryException damaged) {
      failure.setKind(Kind.DAMAGED).setPosition(damaged.position().value());
    } else if (error instanceof IllegalArgumentException) {
      failure.setKind(Kind.INVALID);
    } else {
      LOG.error("a request failed for a reason that is not its own", error);
      failure.setKind(Kind.OUTCOME_UNKNOWN).setMessage("the server has failed; its log says how");
    }
    return failure.build();
  }

  /** The end of a call that failed like that. */
  static StatusRuntimeException status(Throwable error) {
    return error instanceof StatusRuntimeException status ? status : status(of(error));
  }

  /** The end of a call that failed like that. */
  static StatusRuntimeException status(Kind kind, String message) {
    return status(of(kind, message));
  }

  static StatusRuntimeException status(Failure failure) {
    Metadata trailers = new Metadata();
    trailers.put(TRAILER, failure.toByteArray());
    return code(failure.getKind())
        .toStatus()
        .withDescription(failure.getMessage())
        .asRuntimeException(trailers);
  }

  private static Status.Code code(Kind kind) {
    return switch (kind) {
      case CONFLICT, REQUEST_MISMATCH -> Status.Code.ABORTED;
      case TRIMMED -> Status.Code.OUT_OF_RANGE;
      case ENTRY_TOO_LARGE, INVALID -> Status.Code.INVALID_ARGUMENT;
      case SESSION_EXPIRED, ANOTHER_LOG -> Status.Code.FAILED_PRECONDITION;
      case OVERLOADED -> Status.Code.RESOURCE_EXHAUSTED;
      case OUTCOME_UNKNOWN, NOT_TAKEN -> Status.Code.UNAVAILABLE;
      case DAMAGED -> Status.Code.DATA_LOSS;
      case FORBIDDEN -> Status.Code.PERMISSION_DENIED;
      case UNSPECIFIED, UNRECOGNIZED -> Status.Code.UNKNOWN;
    };
  }
}
