package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.examples.NetworkPolicies.Rule;
import dev.milonga.log.LogPosition;
import dev.milonga.runtime.Change;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of several controllers of a network, in a process of its own: installs the rules that anybody
 * has written as soon as they are there, and writes some itself when it is told to.
 */
final class PolicyController {

  private final Milonga store;
  private final NetworkPolicies policies;
  private @Nullable LogPosition installed; // used by the thread of the feed alone

  private PolicyController(Milonga store) {
    this.store = store;
    this.policies = store.object(NetworkPolicies.class, "policies");
  }

  // A transaction is one entry with several changes: what it has made is installed as a whole.
  private void install(Change change) {
    if (!change.position().equals(installed)) {
      installed = change.position();
      Map<String, List<Rule>> rules = store.at(installed, policies::all);
      System.out.println("installs the rules as of " + installed + ": " + rules);
    }
  }

  // Whatever others write meanwhile, no rule for the host is left, and no other one is lost.
  private void isolate(String host) {
    store.transact(
        () ->
            policies
                .all()
                .forEach(
                    (tenant, rules) ->
                        policies.replace(
                            tenant, rules.stream().filter(rule -> !rule.isFor(host)).toList())));
    System.out.println("has isolated " + host);
  }

  /**
   * Runs it until its input ends; each line is the name of a host to isolate.
   *
   * @param arguments its name, and the log server
   */
  public static void main(String[] arguments) {
    try (Milonga store = OtherProcess.connect(arguments[1])) {
      PolicyController controller = new PolicyController(store);
      store.onChange(controller.policies, LogPosition.FIRST, controller::install);
      System.out.println("is connected");
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
          .lines()
          .forEach(controller::isolate);
    }
  }
}
