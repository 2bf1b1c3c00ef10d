package dev.milonga.examples;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.LinkedHashMap;
import java.util.Map;

/** What customers have paid in, in cents. */
public class Wallets {

  private final Map<String, Long> cents = new LinkedHashMap<>();

  /** Adds to a wallet. Says nothing and refuses nothing, so that two of them never conflict. */
  @Mutator
  public void deposit(@ConflictKey String customer, long amount) {
    cents.merge(customer, amount, Long::sum);
  }

  /** Takes from a wallet, or refuses. */
  @Mutator
  public void pay(@ConflictKey String customer, long amount) {
    long balance = balance(customer);
    if (balance < amount) {
      throw new IllegalStateException(customer + " has " + balance + " cents, not " + amount);
    }
    cents.put(customer, balance - amount);
  }

  /** What is in a wallet. */
  @Accessor
  public long balance(@ConflictKey String customer) {
    return cents.getOrDefault(customer, 0L);
  }
}
