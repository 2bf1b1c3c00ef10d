package dev.milonga.log.server.grpc;

import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.Failure.Kind;
import org.jspecify.annotations.Nullable;

/**
 * How much one caller may ask for; all at least 1.
 *
 * @param messageBytesMax of a message; the transport takes a little more, so that it can be told
 * @param streamsPerEntryMax streams that an append writes, and streams of its condition
 * @param keysPerEntryMax conflict keys that an append writes, and keys of its condition
 * @param appendsPerFrameMax appends in one message
 * @param watchedStreamsMax streams that a conversation watches, or a call subscribes to or asks the
 *     tails of
 * @param unansweredBytesMax of appends in a conversation, after which nothing more is read from the
 *     client until some are answered
 * @param resumeEntriesMax how far behind the tail a conversation may resume
 */
record Limits(
    int messageBytesMax,
    int streamsPerEntryMax,
    int keysPerEntryMax,
    int appendsPerFrameMax,
    int watchedStreamsMax,
    long unansweredBytesMax,
    long resumeEntriesMax) {

  static final Limits DEFAULT =
      new Limits(20 << 20, 1_024, 65_536, 16_384, 65_536, 16L << 20, 65_536);

  /** The size of messages that the transport does not take in at all. */
  int transportBytesMax() {
    return (int) Math.min(Integer.MAX_VALUE, 2L * messageBytesMax);
  }

  /** Why an append is over a limit, if it is. */
  @Nullable Failure refusal(Append append) {
    int streams = Math.max(append.getWritesCount(), append.getCondition().getReadsCount());
    if (streams > streamsPerEntryMax) {
      return tooMany("streams", streams, streamsPerEntryMax);
    }
    long written = 0;
    for (int i = 0; i < append.getWritesCount(); i++) {
      written += append.getWrites(i).getKeysCount();
    }
    long read = 0;
    for (int i = 0; i < append.getCondition().getReadsCount(); i++) {
      read += append.getCondition().getReads(i).getKeysCount();
    }
    long keys = Math.max(written, read);
    return keys > keysPerEntryMax ? tooMany("conflict keys", keys, keysPerEntryMax) : null;
  }

  private static Failure tooMany(String what, long count, long max) {
    return Failures.of(
        Kind.INVALID,
        "an append writes or reads at most "
            + max
            + " "
            + what
            + ", not "
            + count
            + "; split it, or raise the server's limit");
  }
}
