package dev.milonga.cli;

import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What comes into a log, counted by stream and by who has written it, from one look to the next.
 * Thread-safe. Of a great many streams or writers, those that come last are counted as one.
 */
final class Traffic implements EntryListener {

  private static final int MAX = 10_000;

  /** How much of something there was. */
  static final class Amount {
    long entries;
    long bytes;

    private void add(LogEntry entry) {
      entries++;
      bytes += entry.payload().size();
    }
  }

  /**
   * What has come.
   *
   * @param streams by stream; an entry of several counts for each
   * @param writers by principal, or else by session
   * @param others what was too much to be told apart
   * @param all every entry once
   * @param news whether some of it tells of objects that were not known before
   * @param next the position after the last entry that has come; 0 if none has since the beginning
   */
  record Sample(
      Map<StreamId, Amount> streams,
      Map<String, Amount> writers,
      Amount others,
      Amount all,
      boolean news,
      long next) {

    private static Sample empty(long next) {
      return new Sample(new HashMap<>(), new HashMap<>(), new Amount(), new Amount(), false, next);
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private Sample sample; // guarded by lock

  Traffic(long from) {
    this.sample = Sample.empty(from);
  }

  @Override
  public void onEntries(List<LogEntry> entries) {
    lock.lock();
    try {
      Sample into = sample;
      boolean news = into.news;
      for (LogEntry entry : entries) {
        news |= LiveInspector.isNews(entry);
        into.all.add(entry);
        for (StreamKeys write : entry.writes()) {
          amount(into.streams, write.stream(), into.others).add(entry);
        }
        amount(into.writers, writer(entry), into.others).add(entry);
      }
      long next = entries.get(entries.size() - 1).position().value() + 1;
      sample = new Sample(into.streams, into.writers, into.others, into.all, news, next);
    } finally {
      lock.unlock();
    }
  }

  private static <K> Amount amount(Map<K, Amount> amounts, K key, Amount others) {
    Amount known = amounts.get(key);
    if (known == null) {
      if (amounts.size() == MAX) {
        return others;
      }
      known = new Amount();
      amounts.put(key, known);
    }
    return known;
  }

  private static String writer(LogEntry entry) {
    return entry
        .principal()
        .orElseGet(
            () -> entry.requestId().map(id -> "session " + id.session().value()).orElse("–"));
  }

  /** What has come since the last call of this. */
  Sample take() {
    lock.lock();
    try {
      Sample taken = sample;
      sample = Sample.empty(taken.next);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Fails when nothing comes any more. */
  CompletableFuture<Void> end() {
    return end;
  }

  @Override
  public void onEnd(Throwable cause) {
    end.completeExceptionally(cause);
  }
}
