package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Accounts in objects of three kinds, as one client has them open; none is ever overdrawn. */
final class Bank {

  static final int TOTAL = 600;

  private static final List<String> ACCOUNTS = List.of("a", "b");

  private final Milonga store;
  private final ReplicatedMap<String, Integer> map;
  private final Inventory plain;
  private final Ledger versioned;

  private Bank(Milonga store) {
    this.store = store;
    this.map = store.map("map", String.class, Integer.class);
    this.plain = store.object(Inventory.class, "plain");
    this.versioned = store.object(Ledger.class, "versioned");
  }

  static Bank open(Milonga store) {
    return new Bank(store);
  }

  void fund() {
    store.transact(
        () -> {
          for (String account : ACCOUNTS) {
            map.put(account, 100);
            plain.restock(account, 100);
          }
          versioned.add(200);
        });
  }

  /** Moves money between any two accounts, by calls that refuse in different ways. */
  void transfer(Random random) {
    int amount = 1 + random.nextInt(150);
    int from = random.nextInt(5);
    int to = random.nextInt(5);
    try {
      store.transact(
          () -> {
            put(to, amount);
            take(from, amount);
            if (sum() != TOTAL) {
              throw new AssertionError("a block has seen " + balances());
            }
          });
    } catch (Refused e) {
      // as well: the deposit above is undone
    }
  }

  private void put(int account, int amount) {
    switch (account) {
      case 0, 1 -> map.merge(ACCOUNTS.get(account), amount, Integer::sum);
      case 2, 3 -> plain.restock(ACCOUNTS.get(account - 2), amount);
      default -> versioned.add(amount);
    }
  }

  private void take(int account, int amount) {
    switch (account) {
      case 0, 1 -> {
        if (map.get(ACCOUNTS.get(account)) < amount) {
          throw new Refused();
        }
        map.merge(ACCOUNTS.get(account), -amount, Integer::sum);
      }
      case 2, 3 -> {
        try {
          plain.take(ACCOUNTS.get(account - 2), amount);
        } catch (Inventory.OutOfStock e) {
          throw new Refused();
        }
      }
      default -> {
        try {
          versioned.add(-amount);
        } catch (IllegalArgumentException e) {
          throw new Refused();
        }
      }
    }
  }

  long snapshotOfSum() {
    return store.snapshot(this::sum);
  }

  List<Long> balances() {
    List<Long> balances = new ArrayList<>();
    for (String account : ACCOUNTS) {
      balances.add((long) map.get(account));
      balances.add((long) plain.inStock(account));
    }
    balances.add(versioned.total());
    return balances;
  }

  private long sum() {
    return balances().stream().mapToLong(Long::longValue).sum();
  }

  /** The account does not hold as much. */
  private static final class Refused extends RuntimeException {}
}
