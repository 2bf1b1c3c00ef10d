package dev.milonga.bench;

import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The main class of a process that serves the durable log in a directory, its argument, and prints
 * the port. It then prints the bytes of heap that are in use for each line that it reads, and ends
 * with its input.
 */
final class ServedStore {

  private ServedStore() {}

  public static void main(String[] arguments) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (EmbeddedLog log = EmbeddedLog.open(Path.of(arguments[0]));
        LogServer server = LogServer.builder(log).port(0).connectionsMax(2_000).start()) {
      System.out.println(server.port());
      while (in.readLine() != null) {
        System.out.println(ManyObjectsWork.liveBytes());
      }
    }
  }
}
