package dev.milonga.tests;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * The end of the pipe in a {@link Child}. What {@link #tell} has returned for is in the pipe, which
 * outlives the process. Thread-safe.
 */
final class ChildPipe {

  private static final int KILLED = 137;

  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out); // not buffered
  private final Semaphore said = new Semaphore(0); // by the parent, and not yet heeded

  /** Waits for the parent to let it begin; from then on it ends with the parent. */
  static ChildPipe open() throws IOException {
    if (System.in.read() < 0) {
      halt();
    }
    ChildPipe pipe = new ChildPipe();
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  pipe.said.release();
                }
              } catch (IOException e) {
                e.printStackTrace(); // the parent is gone all the same
              }
              halt();
            },
            "parent");
    watch.setDaemon(true);
    watch.start();
    return pipe;
  }

  /** Ends this process like a kill would: no hook runs, nothing is closed. */
  static void halt() {
    Runtime.getRuntime().halt(KILLED);
  }

  /** Waits for the parent to let it go on. */
  void awaitGo() {
    said.acquireUninterruptibly();
  }

  synchronized void tell(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      halt(); // the parent is gone
    }
  }
}
