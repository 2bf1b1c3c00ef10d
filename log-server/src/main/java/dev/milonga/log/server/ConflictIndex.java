package dev.milonga.log.server;

import dev.milonga.log.StreamId;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The positions of the last writes of keys, remembered for two generations of the log. A generation
 * ends with the entry that brings it to a fixed number of writes, so memory is bounded whatever the
 * entries look like, and what is remembered is a function of the log alone. Not thread-safe.
 *
 * <p>Keys of all streams share a table under 64-bit mixes of stream and key hash. Two that collide
 * are taken for one, which can reject an append without need and never lets a conflict pass.
 */
final class ConflictIndex {

  private LongTable current = new LongTable();
  private LongTable previous = new LongTable();

  /** Notes that the key was written at that position, the highest so far. */
  void written(StreamId stream, long keyHash, long position) {
    current.put(mix(stream, keyHash), position);
  }

  /** The last write of that key that is remembered; below 0 if none is. */
  long lastWrite(StreamId stream, long keyHash) {
    long key = mix(stream, keyHash);
    long position = current.get(key);
    return position >= 0 ? position : previous.get(key);
  }

  /** Begins a generation: what was written in the one before the present one is forgotten. */
  void rotate() {
    LongTable oldest = previous;
    previous = current;
    current = oldest;
    current.clear();
  }

  /** Writes what it remembers. */
  void writeTo(DataOutputStream out) throws IOException {
    for (LongTable table : List.of(current, previous)) {
      out.writeInt(table.size());
      table.forEach(
          (key, position) -> {
            out.writeLong(key);
            out.writeLong(position);
          });
    }
  }

  /** Takes in what {@link #writeTo} wrote. */
  void readFrom(ByteBuffer in) {
    for (LongTable table : List.of(current, previous)) {
      for (int left = in.getInt(); left > 0; left--) {
        table.put(in.getLong(), in.getLong());
      }
    }
  }

  private static long mix(StreamId stream, long keyHash) {
    long mixed = stream.high() * 0x9e3779b97f4a7c15L;
    mixed = ((mixed ^ (mixed >>> 32)) + stream.low()) * 0xbf58476d1ce4e5b9L;
    mixed = ((mixed ^ (mixed >>> 29)) + keyHash) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
