package dev.milonga.examples;

import dev.milonga.Milonga;
import dev.milonga.examples.JobBoard.Job;
import dev.milonga.runtime.Change;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own: takes jobs and does them, until it is ended. */
final class JobWorker {

  /** For how long a job is a worker's that does not say that it goes on. */
  static final Duration LEASE = Duration.ofSeconds(2);

  private final JobBoard board;
  private final String name;
  private final Duration each;

  private JobWorker(JobBoard board, String name, Duration each) {
    this.board = board;
    this.name = name;
    this.each = each;
  }

  private void run(BlockingQueue<Change> news) throws InterruptedException {
    while (true) {
      Optional<Job> job = board.take(name, LEASE);
      if (job.isPresent()) {
        perform(job.get());
      } else {
        // Something has changed, or perhaps a lease has run out, of which nobody tells.
        news.poll(LEASE.toMillis() / 4, TimeUnit.MILLISECONDS);
        news.clear();
      }
    }
  }

  private void perform(Job job) throws InterruptedException {
    System.out.println("takes job " + job.id() + ", to " + job.what());
    long end = System.nanoTime() + each.toNanos();
    long turn = LEASE.toNanos() / 4;
    for (long left = each.toNanos(); left > 0; left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, turn)); // where others work
      if (!board.renew(job.id(), name, LEASE)) {
        System.out.println("has lost job " + job.id());
        return;
      }
    }
    boolean mine = board.finish(job.id(), name);
    System.out.println((mine ? "has done job " : "has lost job ") + job.id());
  }

  /**
   * Runs it until it is ended.
   *
   * @param arguments its name, the log server, and how many milliseconds a job takes it
   */
  public static void main(String[] arguments) throws InterruptedException {
    OtherProcess.endWithTheFirst();
    BlockingQueue<Change> news = new LinkedBlockingQueue<>();
    try (Milonga store = OtherProcess.connect(arguments[1])) {
      JobBoard board = store.object(JobBoard.class, "jobs");
      Duration each = Duration.ofMillis(Long.parseLong(arguments[2]));
      store.onChange(board, news::add);
      System.out.println("is connected");
      new JobWorker(board, arguments[0], each).run(news);
    }
  }
}
