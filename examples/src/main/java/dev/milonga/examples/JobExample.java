package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import dev.milonga.runtime.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Workers in processes of their own share a board of jobs. One of them is killed in the middle of a
 * job, and another one does it.
 */
final class JobExample {

  private static final List<String> JOBS = List.of("mow", "rake", "sow", "water");

  private JobExample() {}

  private static void run(String server) throws IOException, InterruptedException {
    try (Milonga store = OtherProcess.connect(server)) {
      JobBoard board = store.object(JobBoard.class, "jobs");
      BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
      store.onChange(board, changes::add);
      try (OtherProcess ada = OtherProcess.start(JobWorker.class, "ada", server, "3600000")) {
        ada.await("is connected");
        for (String job : JOBS) {
          board.submit("job-" + job, job);
        }
        ada.await("takes job job-mow");
        ada.kill();
        System.out.println(
            "killed, while job-mow is with " + board.workerOf("job-mow").orElseThrow());

        try (OtherProcess grace = OtherProcess.start(JobWorker.class, "grace", server, "10");
            OtherProcess edsger = OtherProcess.start(JobWorker.class, "edsger", server, "10")) {
          grace.await("is connected");
          edsger.await("is connected");
          while (board.done().size() < JOBS.size()) {
            changes.take();
          }
        }
      }
      System.out.println("done: " + board.done());
      store
          .history(board)
          .forEach(change -> System.out.println("  " + change.position() + " " + change.call()));
    }
  }

  /**
   * Runs it.
   *
   * @param arguments a directory for the store; a temporary one if there is none
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path data = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("jobs-");
    try (EmbeddedLog log = EmbeddedLog.builder(data).open();
        LogServer server = LogServer.builder(log).start()) {
      run("localhost:" + server.port());
    }
    System.out.println("the store is in " + data);
  }
}
