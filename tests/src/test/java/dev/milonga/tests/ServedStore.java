package dev.milonga.tests;

import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A log server in a process of its own, with a relay before it, and what can be done to both. It is
 * always found at the same address, however often it is started again. Used by one thread.
 */
final class ServedStore implements AutoCloseable {

  private final Path directory;
  private final Duration sessionTimeout;
  private final boolean restlessClock;
  private final Relay relay;
  private final List<Child> ready = new ArrayList<>(); // a process that waits to begin
  private Child server;
  private int starts;

  /** A store in that directory, which is not served yet. */
  ServedStore(Path directory, Duration sessionTimeout, boolean restlessClock, long seed) {
    this.directory = directory;
    this.sessionTimeout = sessionTimeout;
    this.restlessClock = restlessClock;
    this.relay = Relay.to(1, seed);
    prepare();
  }

  /** Host and port at which clients find it. */
  String address() {
    return relay.address();
  }

  Relay relay() {
    return relay;
  }

  Path directory() {
    return directory;
  }

  // A process takes its time to begin: the next one does so while this one is at work.
  private void prepare() {
    ready.add(
        Child.start(Serving.class, directory, sessionTimeout.toMillis(), restlessClock, starts++));
  }

  /** Serves it. */
  void start() {
    server = ready.remove(0);
    server.go();
    server.await(line -> line.startsWith("port "));
    relay.pointTo(port());
    prepare();
  }

  /** Kills the process that serves it, at once. */
  void kill() {
    server.kill();
    server.close();
  }

  /** Stops the process where it is, without its noticing. */
  void suspend() {
    server.signal("STOP");
  }

  /** Has it go on. */
  void resume() {
    server.signal("CONT");
  }

  /** Where the server itself listens, behind the relay. */
  int port() {
    return Integer.parseInt(server.lastLine().substring("port ".length()));
  }

  Child server() {
    return server;
  }

  @Override
  public void close() {
    relay.close();
    if (server != null) {
      server.close();
    }
    ready.forEach(Child::close);
  }

  /** The process that serves. */
  static final class Serving {

    private static final InstantSource SYSTEM = Clock.systemUTC();

    public static void main(String[] arguments) throws Exception {
      ChildPipe pipe = ChildPipe.open();
      Duration sessionTimeout = Duration.ofMillis(Long.parseLong(arguments[1]));
      InstantSource clock =
          Boolean.parseBoolean(arguments[2])
              ? restless(Integer.parseInt(arguments[3]), SYSTEM.instant())
              : SYSTEM;
      EmbeddedLog log =
          EmbeddedLog.builder(Path.of(arguments[0]))
              .sessionTimeout(sessionTimeout)
              .clock(clock)
              .open();
      LogServer server = LogServer.builder(log).start();
      pipe.tell("port " + server.port());
      Thread.sleep(Duration.ofDays(1).toMillis()); // until it is killed
    }

    /** An hour wrong, one way or the other, or five times as fast, by turns of half a second. */
    private static InstantSource restless(int start, Instant began) {
      return () -> {
        Instant now = SYSTEM.instant();
        Duration running = Duration.between(began, now);
        return switch ((int) ((start + running.toMillis() / 500) % 4)) {
          case 0 -> now.plus(Duration.ofHours(1));
          case 1 -> now.minus(Duration.ofHours(1));
          case 2 -> now.plus(running.multipliedBy(4));
          default -> now;
        };
      };
    }
  }
}
