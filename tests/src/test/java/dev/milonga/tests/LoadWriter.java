package dev.milonga.tests;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * One who appends entries 0, 1, 2 … of its own to a log, all of whose contents follow from its
 * numbers: so nothing has to be told beforehand to say later what may be there.
 *
 * @param round the process, in the order in which they were started
 * @param number among the writers of that process
 */
record LoadWriter(int round, int number) {

  private static final long MAGIC = 0x6c6f6164L;
  private static final int HEADER_BYTES = 8 + 4 + 4 + 8;
  private static final int FILLER_MAX = 400;
  private static final int LARGE_BYTES = 40_000; // spans blocks of the write-ahead log
  private static final int LARGE_EVERY = 200;
  private static final int STREAMS = 8;

  /** How many appends it has under way at most. */
  int window() {
    return isAsynchronous() ? 64 : 1;
  }

  boolean isAsynchronous() {
    return number % 2 == 1;
  }

  boolean isInSession() {
    return number % 4 >= 2;
  }

  AppendRequest request(long sequence, Optional<SessionId> session) {
    AppendRequest.Builder request = AppendRequest.builder(payload(sequence));
    writes(sequence).forEach(request::write);
    session.ifPresent(
        id -> request.requestId(new RequestId(id, sequence, Math.max(0, sequence - window()))));
    return request.build();
  }

  /** Whole objects by the one, keys by the other; every third entry is in three streams. */
  List<StreamKeys> writes(long sequence) {
    List<StreamKeys> writes = new ArrayList<>();
    for (int i = 0; i < (sequence % 3 == 0 ? 3 : 1); i++) {
      StreamId stream = stream((int) ((number + sequence + 3L * i) % STREAMS));
      writes.add(
          isAsynchronous() ? StreamKeys.keys(stream, sequence, number) : StreamKeys.whole(stream));
    }
    return writes;
  }

  Payload payload(long sequence) {
    Random random = new Random(31L * (31L * sequence + number) + round);
    int filler = random.nextInt(LARGE_EVERY) == 0 ? LARGE_BYTES : random.nextInt(FILLER_MAX);
    byte[] bytes = new byte[HEADER_BYTES + filler];
    random.nextBytes(bytes);
    ByteBuffer.wrap(bytes).putLong(MAGIC).putInt(round).putInt(number).putLong(sequence);
    return Payload.wrap(bytes);
  }

  /** A stream that only such writers write to. */
  static StreamId stream(int index) {
    return new StreamId(MAGIC, index);
  }

  static List<StreamId> streams() {
    List<StreamId> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(stream(i));
    }
    return streams;
  }

  /** Whose entry has that payload; empty if it is none of theirs. */
  static Optional<LoadWriter> of(Payload payload) {
    ByteBuffer in = payload.asBuffer();
    return in.remaining() < HEADER_BYTES || in.getLong() != MAGIC
        ? Optional.empty()
        : Optional.of(new LoadWriter(in.getInt(), in.getInt()));
  }

  static long sequence(Payload payload) {
    return payload.asBuffer().getLong(16);
  }
}
