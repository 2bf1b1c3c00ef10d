package dev.milonga.examples;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which connections a network lets through: for each tenant its rules, in their order. */
public class NetworkPolicies {

  /** One rule; the first one that fits a connection decides. */
  public record Rule(String from, String to, int port, boolean allowed) {

    /** Whether it is about connections to that host. */
    boolean isFor(String host) {
      return to.equals(host);
    }

    /** Such as {@code web -> db:5432 allowed}. */
    @Override
    public String toString() {
      return from + " -> " + to + ":" + port + (allowed ? " allowed" : " denied");
    }
  }

  private final Map<String, List<Rule>> rules = new TreeMap<>();

  /** Replaces all rules of a tenant; an empty list removes it. */
  @Mutator
  public void replace(@ConflictKey String tenant, List<Rule> by) {
    if (by.isEmpty()) {
      rules.remove(tenant);
    } else {
      rules.put(tenant, by);
    }
  }

  /** The rules of one tenant. */
  @Accessor
  public List<Rule> of(@ConflictKey String tenant) {
    return rules.getOrDefault(tenant, List.of());
  }

  /** The rules of all tenants, sorted by tenant. */
  @Accessor
  public Map<String, List<Rule>> all() {
    return rules;
  }
}
