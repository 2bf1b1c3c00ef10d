package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Transactional;
import java.util.LinkedHashMap;
import java.util.Map;

/** A plain class whose methods refuse in every way, and some of which are transactions. */
public class Accounts implements Auditable {

  /** There is no such account: a checked exception. */
  public static final class NoSuchAccount extends Exception {
    public NoSuchAccount(String account) {
      super("no such account: " + account);
    }
  }

  private final Map<String, Long> balances = new LinkedHashMap<>();
  private String mark = "none";

  /** Blind: it does not look and cannot refuse. */
  @Mutator
  public void set(@ConflictKey String account, long amount) {
    balances.put(account, amount);
  }

  /** Not blind, although it returns nothing: it can refuse. */
  @Mutator
  public void withdraw(@ConflictKey String account, long amount) {
    long balance = balances.getOrDefault(account, 0L);
    if (balance < amount) {
      throw new IllegalStateException(account + " holds " + balance);
    }
    balances.put(account, balance - amount);
  }

  /** Seems blind; fails where there is no such account, in a way that no check sees. */
  @Mutator
  public void halve(@ConflictKey String account) {
    balances.put(account, balances.get(account) / 2);
  }

  /** Blind, of the whole object. */
  @Mutator
  public void label(String text) {
    mark = text;
  }

  @Accessor
  public String label() {
    return mark;
  }

  @Accessor
  public long balance(@ConflictKey String account) throws NoSuchAccount {
    Long balance = balances.get(account);
    if (balance == null) {
      throw new NoSuchAccount(account);
    }
    return balance;
  }

  @Accessor
  @Override
  public long total() {
    return balances.values().stream().mapToLong(Long::longValue).sum();
  }

  @Transactional
  public long transfer(String from, String to, long amount) throws NoSuchAccount {
    long there = balance(to);
    withdraw(from, amount);
    set(to, there + amount);
    return balance(from);
  }

  /** Writes, and then leaves by a checked exception. */
  @Transactional
  public void setAndFail(String account, long amount) throws NoSuchAccount {
    set(account, amount);
    throw new NoSuchAccount(account);
  }

  @Transactional(readOnly = true)
  public long sumOf(String first, String second) throws NoSuchAccount {
    return balance(first) + balance(second);
  }

  @Override
  public long difference(String first, String second) {
    try {
      return balance(first) - balance(second);
    } catch (NoSuchAccount e) {
      return 0;
    }
  }

  /** Says that it only reads, and does not. */
  @Transactional(readOnly = true)
  public void setAnyhow(String account, long amount) {
    set(account, amount);
  }
}
