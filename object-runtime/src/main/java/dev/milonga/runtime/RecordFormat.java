package dev.milonga.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.milonga.log.AppendCondition;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogEntry;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.ReadSet;
import dev.milonga.runtime.record.Record;
import dev.milonga.runtime.record.Skip;
import dev.milonga.runtime.record.StreamRead;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The payload of the entries that the runtime writes: see {@code record.proto}. */
final class RecordFormat {

  /** The newest record that this version of the runtime understands. */
  static final int READER = 1;

  /** As many keys read are recorded in an entry; those of the streams that follow are left out. */
  static final int KEYS_READ_MAX = 4_096;

  private static final StreamId SKIPS = StreamId.named("milonga.skips");

  private RecordFormat() {}

  /** A record of one call, in an entry of one stream. */
  static Payload call(Header header, String mutator, byte[] arguments, int codec, long schema) {
    Call call =
        Call.newBuilder()
            .setMutator(mutator)
            // The array was made for this call and is never written again.
            .setArguments(UnsafeByteOperations.unsafeWrap(arguments))
            .setCodec(codec)
            .setSchema(schema)
            .build();
    return payload(Record.newBuilder().addCalls(call), header);
  }

  /** A record that makes every view pass over the entry at {@code position}. */
  static Payload skip(Header header, long position, String reason) {
    Skip skip = Skip.newBuilder().setPosition(position).setReason(reason).build();
    return payload(Record.newBuilder().addSkips(skip), header);
  }

  /** The stream of the orders to skip entries of that one, to which they belong as well. */
  static StreamId skipsOf(StreamId stream) {
    return new StreamId(stream.high() ^ SKIPS.high(), stream.low() ^ SKIPS.low());
  }

  /** The positions that an entry orders to skip; none if it is none of this runtime's. */
  static List<Long> skipsIn(LogEntry entry) {
    try {
      return parse(entry.payload()).getSkipsList().stream().map(Skip::getPosition).toList();
    } catch (DecodingException e) {
      return List.of(); // It may be in need of a skip itself, and is dealt with in its own stream.
    }
  }

  static Payload payload(Record.Builder record, Header header) {
    if (header != Header.getDefaultInstance()) {
      record.setHeader(header);
    }
    return Payload.wrap(record.build().toByteArray());
  }

  /**
   * The record in that payload, which is one of an object's own stream.
   *
   * @throws DecodingException if there is none, or one that needs a newer reader
   */
  static Record parse(Payload payload) {
    Record record = parseAny(payload);
    if (record.getCallsCount() == 0 && record.getSkipsCount() == 0) {
      throw new DecodingException("the entry holds neither a call nor a skip", null);
    }
    return record;
  }

  /** As {@link #parse}, for a record of any stream. */
  static Record parseAny(Payload payload) {
    Record record;
    try {
      record = Record.parseFrom(payload.array());
    } catch (InvalidProtocolBufferException e) {
      throw new DecodingException("the entry is not a record of this runtime", e);
    }
    if (record.getReaderMin() > READER) {
      throw new DecodingException(
          "the record was written by a newer version of the runtime and needs reader "
              + record.getReaderMin()
              + "; this is reader "
              + READER
              + ". Upgrade this process",
          null);
    }
    return record;
  }

  /** A record of the calls of a transaction, in program order, and of what it has read. */
  static Payload transaction(
      Header header,
      List<EncodedCall> calls,
      Optional<AppendCondition> condition,
      ApplyContext.Moment moment) {
    Record.Builder record = Record.newBuilder();
    record.setMoment(
        dev.milonga.runtime.record.Moment.newBuilder()
            .setTimeMicros(moment.timeMicros())
            .setSeed(moment.seed()));
    for (EncodedCall call : calls) {
      record.addCalls(
          Call.newBuilder()
              .setStream(UnsafeByteOperations.unsafeWrap(bytes(call.object().stream())))
              .setMutator(call.mutator().model().name())
              .setArguments(UnsafeByteOperations.unsafeWrap(call.arguments()))
              .setCodec(call.object().view().type.codec().id())
              .setSchema(call.object().view().type.model().fingerprint()));
    }
    condition.ifPresent(checked -> record.setReadSet(readSet(checked)));
    return payload(record, header);
  }

  /** What that condition checks, with as many of the keys as are recorded. */
  static ReadSet readSet(AppendCondition condition) {
    Map<StreamId, List<ConflictKeys>> byStream = new LinkedHashMap<>();
    for (StreamKeys read : condition.reads()) {
      byStream.computeIfAbsent(read.stream(), stream -> new ArrayList<>(1)).add(read.keys());
    }
    ReadSet.Builder set = ReadSet.newBuilder().setSnapshot(condition.snapshot().value());
    int room = KEYS_READ_MAX;
    for (Map.Entry<StreamId, List<ConflictKeys>> each : byStream.entrySet()) {
      ConflictKeys keys = ConflictKeys.union(each.getValue());
      StreamRead.Builder read =
          StreamRead.newBuilder()
              .setStream(UnsafeByteOperations.unsafeWrap(bytes(each.getKey())))
              .setKeysLeftOut(keys.size() > room);
      if (keys.size() <= room) {
        room -= keys.size();
        for (int i = 0; i < keys.size(); i++) {
          read.addKeys(keys.hashAt(i));
        }
      }
      set.addReads(read);
    }
    return set.build();
  }

  /**
   * Who appended that entry. What its header says was written by the client itself, and is only
   * believed of an entry of a log that authenticates nobody.
   */
  static Optional<String> principal(LogEntry entry, Header header) {
    return entry.principal().or(() -> nonEmpty(header.getPrincipal()));
  }

  /** What a field of a header says; empty if it says nothing. */
  static Optional<String> nonEmpty(String field) {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }

  static byte[] bytes(StreamId stream) {
    return ByteBuffer.allocate(16).putLong(stream.high()).putLong(stream.low()).array();
  }

  /** What the time and the randomness of the record's calls derive from. */
  static ApplyContext.Moment moment(Record record, LogEntry entry) {
    return record.hasMoment()
        ? new ApplyContext.Moment(record.getMoment().getTimeMicros(), record.getMoment().getSeed())
        : moment(entry);
  }

  /** Likewise, of a record that is not a transaction. */
  static ApplyContext.Moment moment(LogEntry entry) {
    return new ApplyContext.Moment(entry.timeMicros(), entry.position().value());
  }

  /**
   * Whether that call, in an entry that belongs to {@code stream}, is one of that stream's object.
   */
  static boolean isFor(Call call, StreamId stream) {
    ByteString named = call.getStream();
    if (named.isEmpty()) {
      return true;
    }
    return stream(named).equals(stream);
  }

  /**
   * The stream that a record names.
   *
   * @throws DecodingException if those bytes are none
   */
  static StreamId stream(ByteString named) {
    if (named.size() != 16) {
      throw new DecodingException(
          "a stream has 16 bytes, the record names one of " + named.size(), null);
    }
    ByteBuffer bits = named.asReadOnlyByteBuffer();
    return new StreamId(bits.getLong(), bits.getLong());
  }
}
