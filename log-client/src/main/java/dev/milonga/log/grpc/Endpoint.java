package dev.milonga.log.grpc;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a log server listens.
 *
 * @param host a name or an address, an IPv6 address without its brackets
 * @param port 1 to 65,535
 */
record Endpoint(String host, int port) {

  private static final int PORT_MAX = 65_535;

  /**
   * The servers of a target such as {@code a:7700,b:7700}, in that order.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  static List<Endpoint> parse(String target) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String part : target.split(",", -1)) {
      endpoints.add(one(part.strip(), target));
    }
    return List.copyOf(endpoints);
  }

  private static Endpoint one(String part, String target) {
    int colon = part.lastIndexOf(':');
    if (colon < 1) {
      throw wrong(part, target, "names no port");
    }
    String host = part.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw wrong(part, target, "has an IPv6 address without brackets");
    }
    if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '/')) {
      throw wrong(part, target, "names no host");
    }
    try {
      int port = Integer.parseInt(part.substring(colon + 1));
      if (port >= 1 && port <= PORT_MAX) {
        return new Endpoint(host, port);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(part, target, "has no port from 1 to " + PORT_MAX);
  }

  private static IllegalArgumentException wrong(String part, String target, String how) {
    return new IllegalArgumentException(
        "\""
            + part
            + "\" in the target \""
            + target
            + "\" "
            + how
            + "; a target is host:port, or several of them with commas between, as in"
            + " log-1:7700,log-2:7700 or [::1]:7700");
  }

  /** Whether this is a way for a machine to talk to itself, as far as can be told by the name. */
  boolean isLoopback() {
    return host.equalsIgnoreCase("localhost")
        || host.equals("::1")
        || host.matches("127(\\.\\d{1,3}){3}");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
