package dev.milonga.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where a server listens, or a client connects to.
 *
 * @param host a name or an address, without brackets
 * @param port 0 to 65,535; a server that listens on 0 takes one that is free
 */
record Endpoint(String host, int port) {

  private static final int PORT_MAX = 65_535;

  /**
   * Takes {@code host:port} or {@code [address]:port}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "an address with colons stands in brackets, as in [::1]:7700; was " + text);
    }
    if (colon < 0 || host.isBlank()) {
      throw new IllegalArgumentException(
          "a host and a port are needed, as in 127.0.0.1:7700; was " + text);
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 0 && port <= PORT_MAX) {
        return new Endpoint(host, port);
      }
    } catch (NumberFormatException e) {
      // As for any other port that is none.
    }
    throw new IllegalArgumentException(
        "a port is a number from 0 to " + PORT_MAX + "; was " + text.substring(colon + 1));
  }

  /**
   * The address of the host.
   *
   * @throws IllegalArgumentException if it is not known
   */
  InetSocketAddress resolved() {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("the host " + host + " is not known", e);
    }
  }

  /** The same host, at that port. */
  Endpoint at(int other) {
    return new Endpoint(host, other);
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
