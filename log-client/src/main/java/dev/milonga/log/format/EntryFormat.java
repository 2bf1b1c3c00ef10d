package dev.milonga.log.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.milonga.log.ConflictKeys;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * The binary form of a log entry, for implementations of a log.
 *
 * <pre>
 * entry    = version flags time [request] [who] count write* payload checksum
 * version  = 1 byte, now 1
 * flags    = 1 byte; bit 0: a request follows; bit 1: a principal follows; all others 0
 * time     = 8 bytes, microseconds since 1970-01-01T00:00Z
 * request  = session sequence unlearnt    each a varint; learntBelow = sequence - unlearnt
 * who      = length name                  varint, 1 to 256; as many bytes of UTF-8
 * count    = varint, number of writes, at least 1
 * write    = stream keys hash*            16 bytes; varint, 0 for the whole object; 8 bytes each
 * payload  = all bytes up to the checksum
 * checksum = 4 bytes, CRC-32C of the position (8 bytes) and all bytes before the checksum
 * </pre>
 *
 * <p>Integers are big-endian, varints are little-endian groups of seven bits. The position is not
 * among the bytes, but is part of the checksum: an entry read from a place where it was not written
 * is found out. Hashes ascend and streams differ.
 *
 * <p>Decoding allocates no more than the bytes given can justify, whatever their content.
 */
public final class EntryFormat {

  private static final byte VERSION = 1;
  private static final int HAS_REQUEST = 1;
  private static final int HAS_PRINCIPAL = 2;
  private static final int FIXED_BYTES = 1 + 1 + 8; // version, flags, time
  private static final int CHECKSUM_BYTES = 4;
  private static final int STREAM_BYTES = 16;
  private static final int WRITE_BYTES_MIN = STREAM_BYTES + 1;
  private static final byte[] NOBODY = {};

  private EntryFormat() {}

  /** The number of bytes of that entry. */
  public static long size(LogEntry entry) {
    return size(entry, nameOf(entry));
  }

  private static byte[] nameOf(LogEntry entry) {
    Optional<String> principal = entry.principal();
    return principal.isPresent() ? principal.get().getBytes(UTF_8) : NOBODY;
  }

  private static long size(LogEntry entry, byte[] principal) {
    List<StreamKeys> writes = entry.writes();
    long bytes = FIXED_BYTES + varintSize(writes.size()) + CHECKSUM_BYTES + entry.payload().size();
    RequestId request = entry.requestId().orElse(null);
    if (request != null) {
      bytes +=
          varintSize(request.session().value())
              + varintSize(request.sequence())
              + varintSize(request.sequence() - request.learntBelow());
    }
    if (principal.length > 0) {
      bytes += varintSize(principal.length) + principal.length;
    }
    for (StreamKeys write : writes) {
      int keys = write.keys().size();
      bytes += STREAM_BYTES + varintSize(keys) + (long) keys * Long.BYTES;
    }
    return bytes;
  }

  /** The binary form of that entry. */
  public static byte[] encode(LogEntry entry) {
    RequestId request = entry.requestId().orElse(null);
    byte[] principal = nameOf(entry);
    byte[] bytes = new byte[Math.toIntExact(size(entry, principal))];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.put(VERSION);
    out.put((byte) ((request == null ? 0 : HAS_REQUEST) | flag(principal)));
    out.putLong(entry.timeMicros());
    if (request != null) {
      putVarint(out, request.session().value());
      putVarint(out, request.sequence());
      putVarint(out, request.sequence() - request.learntBelow());
    }
    if (principal.length > 0) {
      putVarint(out, principal.length);
      out.put(principal);
    }
    putVarint(out, entry.writes().size());
    for (StreamKeys write : entry.writes()) {
      out.putLong(write.stream().high());
      out.putLong(write.stream().low());
      ConflictKeys keys = write.keys();
      putVarint(out, keys.size());
      for (int i = 0; i < keys.size(); i++) {
        out.putLong(keys.hashAt(i));
      }
    }
    out.put(entry.payload().array());
    out.putInt(checksum(entry.position().value(), bytes, out.position()));
    return bytes;
  }

  private static int flag(byte[] principal) {
    return principal.length == 0 ? 0 : HAS_PRINCIPAL;
  }

  /**
   * The entry that stands at that position in that binary form.
   *
   * @throws DamagedEntryException if the bytes are not an entry, or not one of that position
   */
  public static LogEntry decode(LogPosition position, byte[] bytes) {
    int end = bytes.length - CHECKSUM_BYTES;
    if (end < FIXED_BYTES) {
      throw new DamagedEntryException(position, "it has only " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int expected = in.getInt(end);
    int actual = checksum(position.value(), bytes, end);
    if (expected != actual) {
      throw new DamagedEntryException(
          position, String.format("its checksum is %08x, not %08x", actual, expected));
    }
    in.limit(end);
    return new Decoder(position, in).entry();
  }

  /** Reads what lies between the start of an entry and its checksum. */
  private record Decoder(LogPosition position, ByteBuffer in) {

    LogEntry entry() {
      byte version = in.get();
      if (version != VERSION) {
        throw damaged("its format is " + version + ", this program reads format " + VERSION);
      }
      int flags = in.get();
      if ((flags & ~(HAS_REQUEST | HAS_PRINCIPAL)) != 0) {
        throw damaged(String.format("its flags are %02x, of which some are unknown", flags));
      }
      long timeMicros = in.getLong();
      RequestId request = (flags & HAS_REQUEST) == 0 ? null : request();
      Principal principal = (flags & HAS_PRINCIPAL) == 0 ? null : principal();
      List<StreamKeys> writes = writes();
      byte[] payload = Arrays.copyOfRange(in.array(), in.position(), in.limit());
      return new LogEntry(position, timeMicros, writes, Payload.wrap(payload), request, principal);
    }

    private RequestId request() {
      long session = varint();
      long sequence = varint();
      long unlearnt = varint();
      if (session < 1 || sequence < 0 || unlearnt < 0 || unlearnt > sequence) {
        throw damaged(
            "its request numbers " + session + ", " + sequence + ", " + unlearnt + " cannot be");
      }
      return new RequestId(new SessionId(session), sequence, sequence - unlearnt);
    }

    private Principal principal() {
      int length = count(1, "bytes of a principal");
      if (length > Principal.BYTES_MAX) {
        throw damaged("it claims " + length + " bytes of a principal");
      }
      int from = in.position();
      in.position(from + length);
      try {
        return Principal.ofUtf8(in.array(), from, length);
      } catch (IllegalArgumentException e) {
        throw damaged(e.getMessage());
      }
    }

    private List<StreamKeys> writes() {
      int count = count(WRITE_BYTES_MIN, "streams");
      if (count == 0) {
        throw damaged("it belongs to no stream");
      }
      if (count == 1) {
        return List.of(write());
      }
      List<StreamKeys> writes = new ArrayList<>(count);
      Set<StreamId> seen = new HashSet<>();
      for (int i = 0; i < count; i++) {
        StreamKeys write = write();
        if (!seen.add(write.stream())) {
          throw damaged("it names stream " + write.stream() + " twice");
        }
        writes.add(write);
      }
      return writes;
    }

    private StreamKeys write() {
      need(STREAM_BYTES);
      StreamId stream = new StreamId(in.getLong(), in.getLong());
      int count = count(Long.BYTES, "keys");
      if (count == 0) {
        return StreamKeys.whole(stream);
      }
      long[] hashes = new long[count];
      for (int i = 0; i < count; i++) {
        hashes[i] = in.getLong();
        if (i > 0 && hashes[i - 1] >= hashes[i]) {
          throw damaged("its keys in stream " + stream + " are not in order");
        }
      }
      return StreamKeys.keys(stream, hashes);
    }

    /** A number of things, each of at least that many bytes, all of which must still follow. */
    private int count(int bytesEach, String things) {
      long count = varint();
      if (count < 0 || count > in.remaining() / bytesEach) {
        throw damaged("it claims " + Long.toUnsignedString(count) + " " + things);
      }
      return (int) count;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        need(1);
        byte next = in.get();
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw damaged("a number in it has more than 64 bits");
    }

    private void need(int bytes) {
      if (in.remaining() < bytes) {
        throw damaged("it ends too early");
      }
    }

    private DamagedEntryException damaged(String how) {
      return new DamagedEntryException(position, how);
    }
  }

  private static int checksum(long position, byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    for (int shift = Long.SIZE - 8; shift >= 0; shift -= 8) {
      crc.update((int) (position >>> shift) & 0xff);
    }
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static void putVarint(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static int varintSize(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }
}
