package dev.milonga.log.grpc;

import dev.milonga.log.LogPosition;
import dev.milonga.log.wire.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Why something that was asked of a server has not been answered.
 *
 * @param again whether it may be answered if it is asked again, there or elsewhere
 * @param cause what to tell the caller if it is not asked again
 * @param failure what the server has said, if it has
 */
record LinkProblem(boolean again, RuntimeException cause, @Nullable Failure failure) {

  /** What to tell a caller who has asked for the entries from there on. */
  RuntimeException causeOfRead(LogPosition from) {
    return failure == null ? cause : WireFormat.failureOf(from, failure);
  }
}
