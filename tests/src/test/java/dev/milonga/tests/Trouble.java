package dev.milonga.tests;

import dev.milonga.tests.Relay.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** What happens to a {@link ServedStore}, its clients and the network between them. */
enum Trouble {
  /** F1: the server is killed and started again. */
  SERVER_KILLED,
  /** F5: connections break in the middle of what is said, with answers that are lost. */
  LOSSY,
  /** F6: nothing gets through, either way. */
  PARTITION,
  /** F6: nothing gets through to the server, or to the clients. */
  ONE_WAY,
  /** F6: the network is slow. */
  SLOW,
  /** F7: the server does nothing for longer than a session lasts, and goes on. */
  SERVER_SUSPENDED,
  /** F7: a client does nothing for longer than a session lasts, and goes on. */
  CLIENT_SUSPENDED;

  private static final long LOSSY_BYTES = 20_000;

  /** Makes it happen once, and returns when it is over and everything could go on. */
  void happen(ServedStore store, List<Child> clients, Duration length, Random random) {
    switch (this) {
      case SERVER_KILLED -> {
        store.kill();
        store.start();
      }
      case LOSSY -> {
        store.relay().breakAfter(LOSSY_BYTES);
        store.relay().cut(); // the connections that there are would never break
        pause(length);
        store.relay().heal();
        store.relay().cut(); // and so do the last ones
      }
      case PARTITION -> {
        store.relay().partition();
        pause(length);
        endOfPartition(store.relay(), random);
      }
      case ONE_WAY -> {
        store.relay().holdBack(random.nextBoolean() ? Direction.TO_SERVER : Direction.TO_CLIENT);
        pause(length);
        endOfPartition(store.relay(), random);
      }
      case SLOW -> {
        store.relay().delay(Duration.ofMillis(20 + random.nextInt(100)));
        pause(length);
        store.relay().heal();
      }
      case SERVER_SUSPENDED -> {
        store.suspend();
        pause(length);
        store.resume();
      }
      case CLIENT_SUSPENDED -> {
        Child client = clients.get(random.nextInt(clients.size()));
        client.signal("STOP");
        pause(length);
        client.signal("CONT");
      }
    }
  }

  // What was held back is delivered late, or never.
  private static void endOfPartition(Relay relay, Random random) {
    if (random.nextBoolean()) {
      relay.cut();
    }
    relay.heal();
  }

  private static void pause(Duration length) {
    long end = System.nanoTime() + length.toNanos();
    for (long left = length.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
