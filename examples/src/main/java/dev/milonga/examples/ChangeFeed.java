package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Follows the changes of a map, stops, and goes on where it has stopped without missing any. */
final class ChangeFeed {

  private ChangeFeed() {}

  /**
   * Runs it.
   *
   * @param arguments a directory for the store; a temporary one if there is none
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path data = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("feed-");
    try (Milonga store = Milonga.open(data);
        Milonga elsewhere = Milonga.over(store.log())) { // another client of the same log
      ReplicatedMap<String, Integer> prices = store.map("prices", String.class, Integer.class);
      prices.put("tea", 3);

      BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
      Subscription feed = store.onChange(prices, LogPosition.FIRST, change -> changes.add(change));
      elsewhere.map("prices", String.class, Integer.class).put("coffee", 4);
      System.out.println("first: " + changes.take().call());
      Change second = changes.take();
      System.out.println("second: " + second.call());
      LogPosition last = second.position(); // what a program keeps, to resume after it
      feed.close();

      prices.remove("tea"); // while nobody listens

      Subscription resumed = store.onChange(prices, last.next(), change -> changes.add(change));
      System.out.println("resumed: " + changes.take().call());
      resumed.close();
    }
    System.out.println("the store is in " + data);
  }
}
