package dev.milonga.cli;

import dev.milonga.Milonga;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/**
 * The process that the demo kills: loads the first records of the source into a store, acknowledges
 * each on its standard output ({@link Acknowledgement}), and then waits for its end.
 *
 * <p>It ends by itself when its standard input ends, which is when the process that started it
 * does.
 */
final class LoadingMain {

  /** As many records as are written at the same time. */
  static final int UNDER_WAY_MAX = 1_024;

  private LoadingMain() {}

  /**
   * Loads.
   *
   * @param arguments the directory of the store, the number of records, and the CSV file to load if
   *     it is not the cities
   */
  public static void main(String[] arguments) throws Exception {
    endWithStandardInput();
    LoadedObjects.Source source =
        DemoCommand.source(List.of(arguments).subList(2, arguments.length));
    Writer out =
        new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.US_ASCII));
    Milonga store = Milonga.open(Path.of(arguments[0])); // never closed: that is the point
    LoadedObjects objects = source.open(store);
    List<Integer> none = Collections.nCopies(objects.parts().size(), 0);
    new PipelinedLoad(
            IntStream.range(0, Integer.parseInt(arguments[1])).iterator(),
            UNDER_WAY_MAX,
            record -> objects.write(record, none))
        .run(records -> acknowledge(records, out));
    new CountDownLatch(1).await();
  }

  private static void acknowledge(List<Integer> records, Writer out) {
    try {
      for (int record : records) {
        out.write(Acknowledgement.line(record));
        out.write('\n');
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("nobody reads the acknowledgements", e);
    }
  }

  private static void endWithStandardInput() {
    Thread thread =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                System.err.println("standard input cannot be read any more: " + e);
              } finally {
                Runtime.getRuntime().halt(1);
              }
            },
            "ends with standard input");
    thread.setDaemon(true);
    thread.start();
  }
}
