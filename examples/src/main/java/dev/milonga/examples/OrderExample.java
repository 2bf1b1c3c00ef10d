package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** An order, the stock and the payment in one transaction: all of it happens, or nothing. */
final class OrderExample {

  record Order(String customer, String sku, int pieces, long cents) {}

  private final Milonga store;
  private final Inventory stock;
  private final Wallets wallets;
  private final ReplicatedMap<String, Order> orders;

  private OrderExample(Milonga store) {
    this.store = store;
    this.stock = store.object(Inventory.class, "stock");
    this.wallets = store.object(Wallets.class, "wallets");
    this.orders = store.map("orders", String.class, Order.class);
  }

  private boolean place(String id, Order order) {
    return store.transact(
        () -> {
          if (!stock.take(order.sku(), order.pieces())) {
            return false; // nothing was changed
          }
          wallets.pay(order.customer(), order.cents()); // throws: then nothing is taken either
          orders.set(id, order);
          return true;
        });
  }

  private String state() {
    return store.snapshot(
        () ->
            stock.inStock("sku-1")
                + " in stock, Ada has "
                + wallets.balance("Ada")
                + " cents, orders: "
                + orders.keySet());
  }

  /**
   * Runs it.
   *
   * @param arguments a directory for the store; a temporary one if there is none
   */
  public static void main(String[] arguments) throws IOException {
    Path data = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("orders-");
    try (Milonga store = Milonga.open(data)) {
      OrderExample shop = new OrderExample(store);
      shop.stock.restock("sku-1", 5);
      shop.wallets.deposit("Ada", 1_000);
      System.out.println("at the start: " + shop.state());

      System.out.println("2 pieces: " + shop.place("o-1", new Order("Ada", "sku-1", 2, 800)));
      LogPosition placed = store.position().orElseThrow();
      System.out.println("9 pieces: " + shop.place("o-2", new Order("Ada", "sku-1", 9, 100)));
      try {
        shop.place("o-3", new Order("Ada", "sku-1", 1, 400));
      } catch (IllegalStateException e) {
        System.out.println("1 piece: " + e.getMessage());
      }

      System.out.println("at the end: " + shop.state());
      System.out.println("in the log the order is one entry, of three objects:");
      Stream.of(shop.stock, shop.wallets, shop.orders)
          .flatMap(store::history)
          .filter(change -> change.position().equals(placed))
          .forEach(change -> System.out.println("  " + change.object() + ": " + change.call()));
    }
    System.out.println("the store is in " + data);
  }
}
