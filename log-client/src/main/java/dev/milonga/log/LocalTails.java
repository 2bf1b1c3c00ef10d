package dev.milonga.log;

/**
 * The tails of a log that lives in this process, at the cost of a few volatile reads.
 *
 * <p>A reader that wants everything acknowledged so far in a stream reads {@link #tail()} first and
 * the {@link StreamTail} after it: the second then covers every entry of the stream below the
 * first. It may cover more, namely entries about to be acknowledged, which cannot be read yet.
 *
 * <p>Where the contents of a log outlive its {@link SharedLog#close}, so that another log may go on
 * with them, all tails are {@link Long#MAX_VALUE} from the end of {@code close} on: a reader is
 * then never up to date, and learns from the log why.
 */
public interface LocalTails {

  /** The value of the log's tail: the first unwritten position. */
  long tail();

  /** The tail of one stream; the same object for the same stream, valid as long as the log. */
  StreamTail of(StreamId stream);

  /** The tail of one stream. */
  interface StreamTail {

    /**
     * The position after the last entry of the stream that is acknowledged or about to be; 0 if
     * there is none. May still count entries that were trimmed.
     */
    long value();
  }
}
