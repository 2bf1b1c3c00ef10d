package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Every provided collection once. */
final class CollectionsTour {

  record Order(String sku, int count) {}

  private CollectionsTour() {}

  /**
   * Runs it.
   *
   * @param arguments a directory for the store; a temporary one if there is none
   */
  public static void main(String[] arguments) throws IOException {
    Path data = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("tour-");
    try (Milonga store = Milonga.open(data)) {
      tour(store);
    }
    System.out.println("the store is in " + data);
  }

  private static void tour(Milonga store) {
    ReplicatedMap<String, Order> orders = store.map("orders", String.class, Order.class);
    orders.put("o-1", new Order("sku-1", 2));
    Order before = orders.put("o-1", new Order("sku-1", 3)); // as of any ConcurrentMap, atomic
    System.out.println("map: " + orders + ", and before: " + before);

    ReplicatedSortedMap<LocalDate, String> dates =
        store.sortedMap("dates", LocalDate.class, String.class);
    dates.put(LocalDate.of(2026, 11, 20), "tango");
    dates.put(LocalDate.of(2026, 3, 1), "vals");
    System.out.println("sorted map: " + dates + ", first: " + dates.firstKey());

    ReplicatedList<String> steps = store.list("steps", String.class);
    steps.addAll(List.of("ocho", "giro"));
    steps.add(1, "cruce");
    System.out.println("list: " + steps);

    ReplicatedSet<String> dancers = store.set("dancers", String.class);
    System.out.println("set: " + dancers.add("Ada") + ", then " + dancers.add("Ada"));

    ReplicatedQueue<String> jobs = store.queue("jobs", String.class);
    jobs.addAll(List.of("first", "second"));
    System.out.println("queue: " + jobs.poll() + ", then " + jobs.poll() + ", then " + jobs.poll());

    ReplicatedRegister<String> leader = store.register("leader", String.class);
    System.out.println(
        "register: "
            + leader.setIfEmpty("Ada")
            + ", then "
            + leader.setIfEmpty("Bob")
            + ": "
            + leader.get().orElseThrow());

    ReplicatedCounter sold = store.counter("sold");
    CompletableFuture<?>[] sales = // many calls under way, one sync for many of them
        IntStream.rangeClosed(1, 1_000)
            .mapToObj(n -> store.async(() -> sold.add(n)).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(sales).join();
    System.out.println("counter: " + sold.get());
  }
}
