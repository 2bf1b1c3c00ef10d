package dev.milonga.examples;

import dev.milonga.Milonga;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A class of one's own, replicated and durable. */
final class InventoryExample {

  private InventoryExample() {}

  /**
   * Runs it.
   *
   * @param arguments a directory for the store; a temporary one if there is none
   */
  public static void main(String[] arguments) throws IOException {
    Path data =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("inventory-");

    try (Milonga store = Milonga.open(data)) {
      Inventory inventory = store.object(Inventory.class, "warehouse-7");
      System.out.println("in stock at the start: " + inventory.inStock("sku-1"));
      inventory.restock("sku-1", 5);
      System.out.println("take 2: " + inventory.take("sku-1", 2));
      System.out.println("take 9: " + inventory.take("sku-1", 9));
    }

    try (Milonga store = Milonga.open(data)) { // as after a crash: nothing was saved on closing
      Inventory inventory = store.object(Inventory.class, "warehouse-7");
      System.out.println("in stock after reopening: " + inventory.inStock("sku-1"));
      store
          .history(inventory)
          .forEach(change -> System.out.println("  " + change.position() + " " + change.call()));
    }
    System.out.println("the store is in " + data);
  }
}
