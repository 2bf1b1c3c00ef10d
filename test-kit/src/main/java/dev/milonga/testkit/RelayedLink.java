package dev.milonga.testkit;

import dev.milonga.Milonga;
import java.time.Duration;

/** A link to a log server: a client that is connected to it by way of a relay. */
final class RelayedLink implements Link, AutoCloseable {

  private final Relay relay;
  private final Milonga store;

  /** A client of that server; closes the relay as well. */
  RelayedLink(Relay relay, Duration callTimeout) {
    this.relay = relay;
    try {
      this.store = ServedPlace.connect(relay.port(), callTimeout);
    } catch (RuntimeException | Error e) {
      relay.close();
      throw e;
    }
  }

  @Override
  public Milonga store() {
    return store;
  }

  @Override
  public void loseNextAcknowledgement() {
    relay.loseNextAcknowledgement();
  }

  @Override
  public void delay(Duration each) {
    relay.requests().delay(each);
    relay.answers().delay(each);
  }

  @Override
  public void holdRequests() {
    relay.requests().hold();
  }

  @Override
  public void holdAnswers() {
    relay.answers().hold();
  }

  @Override
  public void cut() {
    relay.cut();
  }

  @Override
  public void heal() {
    relay.heal();
  }

  @Override
  public void close() {
    store.close();
    relay.close();
  }
}
