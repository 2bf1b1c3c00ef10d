package dev.milonga.log.server.grpc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/** Signs certificates of servers and clients, made from scratch (X.509 v3, ECDSA on P-256). */
final class Authority {

  private static final byte[] ECDSA_WITH_SHA256 =
      sequence(der(0x06, new byte[] {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2}));
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String name;
  private final KeyPair keys = keyPair();
  private final Path directory;
  private long serial;

  /** An authority that puts its files into that directory. */
  Authority(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  /** The files of a certificate and its private key. */
  record Identity(Path certificate, Path key) {}

  /** The file of its own certificate. */
  Path certificate() {
    byte[] basic = extension(19, true, sequence(der(0x01, new byte[] {(byte) 0xff})));
    return write(name + ".pem", "CERTIFICATE", certificate(name, keys, Duration.ofDays(1), basic));
  }

  /** A server of that host name, or of the loopback addresses if it is "localhost". */
  Identity server(String host) {
    byte[] names = der(0x82, host.getBytes(StandardCharsets.US_ASCII));
    if (host.equals("localhost")) {
      names = concat(names, der(0x87, new byte[] {127, 0, 0, 1}));
    }
    return signed(
        "server-" + host, host, Duration.ofDays(1), extension(17, false, sequence(names)));
  }

  /** A client of that name, whose certificate ends that long from now. */
  Identity client(String principal, Duration validity) {
    return signed("client-" + principal, principal, validity, new byte[0]);
  }

  private Identity signed(String file, String subject, Duration validity, byte[] extension) {
    KeyPair pair = keyPair();
    String unique = name + "-" + file + "-" + ++serial;
    return new Identity(
        write(unique + ".pem", "CERTIFICATE", certificate(subject, pair, validity, extension)),
        write(unique + ".key", "PRIVATE KEY", pair.getPrivate().getEncoded()));
  }

  private byte[] certificate(String subject, KeyPair pair, Duration validity, byte[] extension) {
    Instant end = Instant.now().plus(validity);
    byte[] content =
        sequence(
            der(0xa0, der(0x02, new byte[] {2})), // version 3
            der(0x02, BigInteger.valueOf(++serial).toByteArray()),
            ECDSA_WITH_SHA256,
            distinguishedName(name),
            sequence(time(end.minus(Duration.ofDays(30))), time(end)),
            distinguishedName(subject),
            pair.getPublic().getEncoded(),
            extension.length == 0 ? extension : der(0xa3, sequence(extension)));
    return sequence(content, ECDSA_WITH_SHA256, bits(sign(content)));
  }

  private byte[] sign(byte[] content) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] distinguishedName(String commonName) {
    byte[] type = der(0x06, new byte[] {0x55, 4, 3});
    byte[] value = der(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
    return sequence(der(0x31, sequence(type, value)));
  }

  private static byte[] extension(int number, boolean critical, byte[] value) {
    return sequence(
        der(0x06, new byte[] {0x55, 0x1d, (byte) number}),
        critical ? der(0x01, new byte[] {(byte) 0xff}) : new byte[0],
        der(0x04, value));
  }

  private static byte[] time(Instant time) {
    return der(0x17, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] bits(byte[] content) {
    return der(0x03, concat(new byte[1], content));
  }

  private static byte[] sequence(byte[]... parts) {
    return der(0x30, concat(parts));
  }

  private static byte[] der(int tag, byte[] content) {
    int length = content.length;
    byte[] head;
    if (length < 0x80) {
      head = new byte[] {(byte) tag, (byte) length};
    } else if (length < 0x100) {
      head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
    } else {
      head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    }
    return concat(head, content);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private Path write(String file, String kind, byte[] content) {
    String text =
        "-----BEGIN "
            + kind
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {10}).encodeToString(content)
            + "\n-----END "
            + kind
            + "-----\n";
    return secret(directory.resolve(file), text);
  }

  /** Writes a file that is for its owner only, all at once. */
  static Path secret(Path file, String text) {
    try {
      Path fresh = Files.createTempFile(file.getParent(), "fresh", "");
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      Files.writeString(fresh, text);
      return Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
