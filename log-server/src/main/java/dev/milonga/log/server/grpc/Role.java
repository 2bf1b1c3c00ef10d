package dev.milonga.log.server.grpc;

import java.util.Locale;

/** What a caller may do; each role may do what those before it may. */
public enum Role {
  /** May read entries and tails. */
  READ,
  /** May append. */
  WRITE,
  /** May trim. */
  ADMIN;

  /** The name in token files and messages, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
