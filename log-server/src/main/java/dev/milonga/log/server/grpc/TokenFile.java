package dev.milonga.log.server.grpc;

import dev.milonga.log.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may call, by bearer token, and as whom.
 *
 * <pre>
 * # token role principal
 * 4e1243bd22c66e76c2ba9eddc1f91394e57f9f83 write   orders-service
 * certificate                              admin   operator
 * </pre>
 *
 * <p>A line that begins with {@code certificate} gives a role to the certificate of that name
 * instead. Tokens are kept and compared as SHA-256, all of them for each call, so that the time
 * tells nothing; none is in a message. Immutable.
 */
final class TokenFile {

  private static final String CERTIFICATE = "certificate";
  private static final int TOKEN_LENGTH_MIN = 20;
  private static final int TOKEN_LENGTH_MAX = 1_024;
  private static final int LINES_MAX = 10_000;

  private record Token(byte[] sha256, Caller caller) {}

  private final List<Token> tokens = new ArrayList<>();
  private final Map<String, Role> certificates = new HashMap<>();

  private TokenFile() {}

  /** None at all. */
  static TokenFile none() {
    return new TokenFile();
  }

  /**
   * What that file says, whose content that is.
   *
   * @throws IllegalArgumentException if a line is wrong; the message names it, and no token
   */
  static TokenFile parse(Path file, byte[] content) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not in UTF-8", e);
    }
    TokenFile parsed = new TokenFile();
    String[] lines = text.split("\\R", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        parsed.add(line, file + ", line " + (i + 1) + ": ");
      }
    }
    return parsed;
  }

  private void add(String line, String where) {
    String[] parts = line.split("\\s+", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          where + "has " + parts.length + " words; a line is: token role principal");
    }
    Role role = role(parts[1], where);
    String principal = principal(parts[2], where); // in a certificate, it may be several words
    if (parts[0].equals(CERTIFICATE)) {
      if (certificates.putIfAbsent(principal, role) != null) {
        throw new IllegalArgumentException(where + principal + " has a role already");
      }
      return;
    }
    int length = parts[0].length();
    if (length < TOKEN_LENGTH_MIN || length > TOKEN_LENGTH_MAX) {
      throw new IllegalArgumentException(
          String.format(
              "%sthe token has %d characters; it must have %d to %d (make one: openssl rand -hex"
                  + " 32)",
              where, length, TOKEN_LENGTH_MIN, TOKEN_LENGTH_MAX));
    }
    if (tokens.size() == LINES_MAX) {
      throw new IllegalArgumentException(where + "more than " + LINES_MAX + " tokens");
    }
    byte[] sha256 = sha256(parts[0]);
    if (find(sha256).isPresent()) {
      throw new IllegalArgumentException(where + "the token stands in an earlier line too");
    }
    tokens.add(new Token(sha256, new Caller(principal, role)));
  }

  private static Role role(String name, String where) {
    for (Role role : Role.values()) {
      if (role.toString().equals(name)) {
        return role;
      }
    }
    // Not the name itself: of a line in the wrong order it is the token.
    throw new IllegalArgumentException(
        where + "the second word is not a role; it is one of read, write, admin");
  }

  private static String principal(String name, String where) {
    try {
      return new Principal(name).name();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + e.getMessage(), e);
    }
  }

  /** Who has that token. */
  Optional<Caller> caller(String token) {
    return token.length() > TOKEN_LENGTH_MAX ? Optional.empty() : find(sha256(token));
  }

  private Optional<Caller> find(byte[] sha256) {
    Caller found = null;
    for (Token token : tokens) {
      found = MessageDigest.isEqual(token.sha256, sha256) ? token.caller : found;
    }
    return Optional.ofNullable(found);
  }

  /** The role of who has a certificate of that name. */
  Optional<Role> roleOfCertificate(String name) {
    return Optional.ofNullable(certificates.get(name));
  }

  boolean isEmpty() {
    return tokens.isEmpty() && certificates.isEmpty();
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return tokens.size() + " tokens and " + certificates.size() + " certificates";
  }
}
