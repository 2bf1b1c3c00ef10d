package dev.milonga.testkit;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import java.time.Duration;

/** A link to a log of this process. */
final class LocalLink implements Link, AutoCloseable {

  private final Direction requests = new Direction("link-requests");
  private final Direction answers = new Direction("link-answers");
  private final LinkedLog log;
  private final Milonga store;

  LocalLink(SharedLog log, Duration callTimeout) {
    this.log = new LinkedLog(log, requests, answers);
    this.store = Milonga.builder().log(this.log).callTimeout(callTimeout).open();
  }

  @Override
  public Milonga store() {
    return store;
  }

  @Override
  public void loseNextAcknowledgement() {
    log.loseNextAcknowledgement();
  }

  @Override
  public void delay(Duration each) {
    requests.delay(each);
    answers.delay(each);
  }

  @Override
  public void holdRequests() {
    requests.hold();
  }

  @Override
  public void holdAnswers() {
    answers.hold();
  }

  @Override
  public void cut() {
    requests.hold();
    answers.hold();
  }

  @Override
  public void heal() {
    requests.heal();
    answers.heal();
  }

  @Override
  public void close() {
    store.close();
    log.close();
  }
}
