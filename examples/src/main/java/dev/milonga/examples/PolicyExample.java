package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.examples.NetworkPolicies.Rule;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Two controllers share the policies of a network, each in a process of its own: rules are pushed
 * to both, those of several tenants are replaced in one transaction, and the log tells who did
 * what.
 */
final class PolicyExample {

  private PolicyExample() {}

  private static void run(String server) throws IOException, InterruptedException {
    try (OtherProcess east = OtherProcess.start(PolicyController.class, "east", server);
        OtherProcess west = OtherProcess.start(PolicyController.class, "west", server);
        Milonga store = OtherProcess.connect(server)) {
      east.await("is connected");
      west.await("is connected");
      NetworkPolicies policies = store.object(NetworkPolicies.class, "policies");

      System.out.println("two tenants get their rules in one transaction:");
      store.transact(
          () -> {
            policies.replace("bank", List.of(new Rule("web", "ledger", 5432, true)));
            policies.replace("shop", List.of(new Rule("web", "cart", 6379, true)));
          });
      String first = "installs the rules as of " + store.position().orElseThrow();
      east.await(first);
      west.await(first);

      System.out.println("west is told to isolate a host:");
      west.tell("cart");
      west.await("has isolated cart");
      east.await("installs the rules as of ");
      west.await("installs the rules as of ");

      System.out.println("the rules: " + policies.all());
      System.out.println("what the log tells:");
      store
          .history(policies)
          .forEach(change -> System.out.println("  " + change.position() + " " + change.call()));
    }
  }

  /**
   * Runs it.
   *
   * @param arguments a directory for the store; a temporary one if there is none
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path data =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("policies-");
    try (EmbeddedLog log = EmbeddedLog.builder(data).open();
        LogServer server = LogServer.builder(log).start()) {
      run("localhost:" + server.port());
    }
    System.out.println("the store is in " + data);
  }
}
