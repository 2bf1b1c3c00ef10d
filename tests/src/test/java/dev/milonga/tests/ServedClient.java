package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.tests.history.Action;
import dev.milonga.tests.history.ToldHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A client of a {@link ServedStore} in a process of its own, which works until it is killed. */
final class ServedClient {

  /** What it does. */
  enum Work {
    /** Calls of every collection and a plain class; {@link CalledObjects}. */
    OBJECTS,
    /** {@link RandomTransactions}. */
    TRANSACTIONS,
    /** Appends by writers with a session; {@link Load}. */
    APPENDS
  }

  private static final int THREADS = 3;
  private static final int PROCESSES = 1_000_000; // in the history of one client
  private static final long NUMBERS = 1_000_000_000; // that one client gives out at most

  private ServedClient() {}

  /** Starts one; clients of one history have different numbers. */
  static Child start(ServedStore store, Work work, int number, Duration timeout, long seed) {
    return Child.start(ServedClient.class, store.address(), work, number, timeout.toMillis(), seed);
  }

  /** Whether the line tells of a call that has succeeded. */
  static boolean isSuccess(String line) {
    return line.contains("\"type\":\"ok\"") || line.startsWith("entry ");
  }

  public static void main(String[] arguments) throws Exception {
    ChildPipe pipe = ChildPipe.open();
    int number = Integer.parseInt(arguments[2]);
    Duration timeout = Duration.ofMillis(Long.parseLong(arguments[3]));
    Random seeds = new Random(Long.parseLong(arguments[4]));
    SharedLog log = RemoteLog.builder(arguments[0]).timeout(timeout).open();
    ToldHistory history = new ToldHistory(number * PROCESSES, pipe::tell);
    List<Callable<Void>> threads =
        switch (Work.valueOf(arguments[1])) {
          case OBJECTS -> objects(client(log, timeout), history, seeds, number);
          case TRANSACTIONS -> transactions(client(log, timeout), history, seeds, number);
          case APPENDS -> appends(log, number, pipe);
        };
    Together.callFor(threads, 1, TimeUnit.HOURS);
  }

  private static Milonga client(SharedLog log, Duration timeout) {
    return Milonga.builder().log(log).callTimeout(timeout).open();
  }

  private static List<Callable<Void>> objects(
      Milonga store, ToldHistory history, Random seeds, int number) {
    CalledObjects objects = new CalledObjects(store);
    List<Callable<Void>> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      Random random = new Random(seeds.nextLong());
      ToldHistory.Client client = history.client();
      AtomicLong unique = new AtomicLong(number * NUMBERS + t * (NUMBERS / THREADS));
      threads.add(
          () -> {
            while (true) {
              try {
                objects.call(client, random, unique.incrementAndGet());
              } catch (StoreException e) {
                // A read that only decides what to call; nothing is told of it.
              }
            }
          });
    }
    return threads;
  }

  private static List<Callable<Void>> transactions(
      Milonga store, ToldHistory history, Random seeds, int number) {
    AtomicLong unique = new AtomicLong(number * NUMBERS);
    List<Callable<Void>> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      RandomTransactions transactions =
          transactions(store, history.client(), new Random(seeds.nextLong()), unique);
      threads.add(
          () -> {
            while (true) {
              transactions.run();
            }
          });
    }
    return threads;
  }

  /** Transactions that are told to that client of a history. */
  static RandomTransactions transactions(
      Milonga store, ToldHistory.Client told, Random random, AtomicLong unique) {
    return new RandomTransactions(
        store,
        new Cells(store, 0),
        new RandomTransactions.Recorder() {
          @Override
          public boolean call(String f, String key, Object argument, Supplier<?> body) {
            return told.call(f, key, argument, body);
          }

          @Override
          public void intended(List<Action> actions) {
            told.intended(actions);
          }
        },
        random,
        unique,
        1);
  }

  private static List<Callable<Void>> appends(SharedLog log, int number, ChildPipe pipe) {
    List<Callable<Void>> threads = new ArrayList<>();
    for (LoadWriter writer : writers(number)) {
      threads.add(
          () -> {
            Load.run(
                log,
                writer,
                Long.MAX_VALUE,
                (who, s, at) ->
                    pipe.tell("entry " + number + " " + who.number() + " " + s + " " + at.value()));
            return null;
          });
    }
    return threads;
  }

  /** Those with a session: of what others had under way when a connection broke nobody knows. */
  private static List<LoadWriter> writers(int number) {
    return List.of(new LoadWriter(number, 2), new LoadWriter(number, 3), new LoadWriter(number, 7));
  }
}
