package dev.milonga.log.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EntryFormatTest {

  private static final LogPosition POSITION = new LogPosition(4_711);

  @Property
  void whatIsEncodedIsDecoded(@ForAll long seed) {
    LogEntry entry = anEntry(new Random(seed));

    byte[] bytes = EntryFormat.encode(entry);
    LogEntry decoded = EntryFormat.decode(entry.position(), bytes);

    assertThat(bytes).hasSize((int) EntryFormat.size(entry));
    assertThat(decoded).usingRecursiveComparison().isEqualTo(entry);
  }

  @Test
  void smallUpdate_costsFewBytesMore() {
    LogEntry entry =
        new LogEntry(
            POSITION,
            1_700_000_000_000_000L,
            List.of(StreamKeys.keys(StreamId.named("orders"), 42)),
            Payload.wrap(new byte[116]),
            new RequestId(new SessionId(7), 1_000, 998));

    byte[] bytes = EntryFormat.encode(entry);

    assertThat(bytes.length - 116).isLessThanOrEqualTo(16 + 8 + 20);
  }

  @Property
  void anyChangedByte_isFoundOut(@ForAll long seed) {
    Random random = new Random(seed);
    LogEntry entry = anEntry(random);
    byte[] bytes = EntryFormat.encode(entry);

    bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));

    assertThatThrownBy(() -> EntryFormat.decode(entry.position(), bytes))
        .isInstanceOf(DamagedEntryException.class);
  }

  @Property
  void anotherPosition_isFoundOut(@ForAll long seed) {
    Random random = new Random(seed);
    LogEntry entry = anEntry(random);
    byte[] bytes = EntryFormat.encode(entry);

    LogPosition elsewhere = new LogPosition(entry.position().value() ^ (1L << random.nextInt(62)));

    assertThatThrownBy(() -> EntryFormat.decode(elsewhere, bytes))
        .isInstanceOf(DamagedEntryException.class)
        .hasMessageContaining("position " + elsewhere);
  }

  @Property(tries = 5_000)
  void anyBytesWithAChecksumThatFits_giveAnEntryOrATypedError(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = random.nextBoolean() ? mutated(random) : noise(random);
    sealed(bytes);

    try {
      LogEntry entry = EntryFormat.decode(POSITION, bytes);
      assertThat(EntryFormat.decode(POSITION, EntryFormat.encode(entry)))
          .usingRecursiveComparison()
          .isEqualTo(entry);
    } catch (DamagedEntryException damaged) {
      assertThat(damaged.position()).isEqualTo(POSITION);
    }
  }

  @Property
  void anyBytes_giveATypedError(@ForAll byte[] bytes) {
    assertThatThrownBy(() -> EntryFormat.decode(POSITION, bytes))
        .isInstanceOf(DamagedEntryException.class);
  }

  @Test
  void hugeCounts_allocateNothing() {
    byte[] bytes = new byte[40];
    bytes[0] = 1;
    Arrays.fill(bytes, 10, 18, (byte) 0xff);
    bytes[18] = 0x7f;
    sealed(bytes);

    assertThatThrownBy(() -> EntryFormat.decode(POSITION, bytes))
        .isInstanceOf(DamagedEntryException.class)
        .hasMessageContaining("claims 9223372036854775807 streams");
  }

  @Test
  void formatOfALaterVersion_isNamed() {
    byte[] bytes = EntryFormat.encode(anEntry(new Random(1)));
    bytes[0] = 9;
    sealed(bytes);

    assertThatThrownBy(() -> EntryFormat.decode(POSITION, bytes))
        .isInstanceOf(DamagedEntryException.class)
        .hasMessageContaining("format is 9");
  }

  @Test
  void entryOfNobody_hasTheBytesItHadBeforeThereWerePrincipals() {
    LogEntry entry =
        new LogEntry(
            POSITION,
            1_700_000_000_000_000L,
            List.of(StreamKeys.keys(new StreamId(1, 2), 3)),
            Payload.wrap(new byte[] {4, 5}),
            new RequestId(new SessionId(7), 1_000, 998));

    assertThat(HexFormat.of().formatHex(EntryFormat.encode(entry)))
        .isEqualTo(
            "0101"
                + "00060a24181e4000"
                + "07"
                + "e807"
                + "02"
                + "01"
                + "00000000000000010000000000000002"
                + "01"
                + "0000000000000003"
                + "0405"
                + "b83ca6de");
  }

  @Test
  void principal_followsTheRequestAndIsUnderTheChecksum() {
    LogEntry entry =
        new LogEntry(
            POSITION,
            0,
            List.of(StreamKeys.whole(new StreamId(1, 2))),
            Payload.wrap(new byte[0]),
            new RequestId(new SessionId(7), 0, 0),
            new Principal("ann"));

    byte[] bytes = EntryFormat.encode(entry);

    assertThat(HexFormat.of().formatHex(bytes, 0, 18))
        .isEqualTo("0103" + "0000000000000000" + "070000" + "03616e6e" + "01");
    assertThat(EntryFormat.decode(POSITION, bytes).principal()).contains("ann");
    bytes[14]++; // "bnn"
    assertThatThrownBy(() -> EntryFormat.decode(POSITION, bytes))
        .isInstanceOf(DamagedEntryException.class)
        .hasMessageContaining("checksum");
  }

  @Test
  void namesThatNoPrincipalHas_areRefused() {
    for (String name : List.of("00", "8102" + "61".repeat(257), "01ff", "02c080", "010a")) {
      byte[] bytes = HexFormat.of().parseHex("0102" + "0000000000000000" + name + "00".repeat(30));
      sealed(bytes);
      assertThatThrownBy(() -> EntryFormat.decode(POSITION, bytes))
          .isInstanceOf(DamagedEntryException.class)
          .hasMessageContaining("principal");
    }
  }

  private static LogEntry anEntry(Random random) {
    List<StreamKeys> writes = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      StreamId stream = new StreamId(random.nextLong(), random.nextLong());
      writes.add(
          random.nextBoolean()
              ? StreamKeys.whole(stream)
              : StreamKeys.keys(stream, random.longs(1 + random.nextInt(4)).toArray()));
    }
    byte[] payload = new byte[random.nextInt(200)];
    random.nextBytes(payload);
    long sequence = random.nextLong() >>> (1 + random.nextInt(63));
    RequestId request =
        random.nextBoolean()
            ? null
            : new RequestId(
                new SessionId(1 + (random.nextLong() >>> 2)),
                sequence,
                sequence - Math.min(sequence, random.nextInt(2_000)));
    return new LogEntry(
        new LogPosition(random.nextLong() >>> 1),
        random.nextLong(),
        writes,
        Payload.wrap(payload),
        request,
        random.nextBoolean() ? null : aPrincipal(random));
  }

  private static Principal aPrincipal(Random random) {
    List<String> characters =
        List.of("a", "Z", " ", "=", "\u00e9", "\u20ac", "\ufffd", "\ud83d\ude00");
    StringBuilder name = new StringBuilder();
    for (int i = random.nextInt(60); i >= 0; i--) {
      name.append(characters.get(random.nextInt(characters.size())));
    }
    return new Principal(name.toString());
  }

  private static byte[] mutated(Random random) {
    byte[] bytes = EntryFormat.encode(anEntry(random));
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(100)];
    random.nextBytes(bytes);
    if (bytes.length > 1) {
      bytes[0] = 1;
      bytes[1] &= 3;
    }
    return bytes;
  }

  /** Puts the checksum right, so that the decoder gets to see the rest. */
  private static void sealed(byte[] bytes) {
    if (bytes.length >= 4) {
      CRC32C crc = new CRC32C();
      crc.update(ByteBuffer.allocate(8).putLong(POSITION.value()).flip());
      crc.update(bytes, 0, bytes.length - 4);
      ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());
    }
  }
}
