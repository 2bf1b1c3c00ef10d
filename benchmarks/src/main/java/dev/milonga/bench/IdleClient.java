package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.log.grpc.RemoteLog;

/**
 * The main class of a process that opens a map of a served store, its argument, reads it, and does
 * nothing more. It prints the bytes of heap that are in use then.
 */
final class IdleClient {

  private IdleClient() {}

  public static void main(String[] arguments) {
    try (RemoteLog log = RemoteLog.open(arguments[0]);
        Milonga store = Milonga.over(log)) {
      Values.check(store.map("first", String.class, String.class).get(Pairs.firstKey()));
      System.out.println(ManyObjectsWork.liveBytes());
    }
  }
}
