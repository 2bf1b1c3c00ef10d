package dev.milonga.log;

/**
 * A part of one stream that an append reads or writes.
 *
 * @param stream the stream
 * @param keys what of it
 */
public record StreamKeys(StreamId stream, ConflictKeys keys) {

  /** The whole object whose stream that is. */
  public static StreamKeys whole(StreamId stream) {
    return new StreamKeys(stream, ConflictKeys.WHOLE_OBJECT);
  }

  /** Those keys, by hash, of the object whose stream that is. */
  public static StreamKeys keys(StreamId stream, long... hashes) {
    return new StreamKeys(stream, ConflictKeys.of(hashes));
  }
}
