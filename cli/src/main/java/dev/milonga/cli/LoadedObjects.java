package dev.milonga.cli;

import dev.milonga.Milonga;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The replicated objects that the demo loads its records into, in one store.
 *
 * <p>Each record is written to every {@link Part}, one after the other, and records in their order.
 * Since the log keeps the order of writes, what survives a crash is a prefix of them: at most one
 * record is in some of the parts only.
 */
interface LoadedObjects {

  /** The parts in the order in which a record is written to them; at least one. */
  List<Part> parts();

  /** The names of all objects that there may be. */
  Set<String> names();

  /** Asks the objects some questions and prints the answers. */
  void answerQueries(PrintWriter out);

  /** The object whose history is shown. */
  Shown shown();

  /**
   * Starts the writes of a record to those parts that do not hold it.
   *
   * @param held how many records each part holds already
   * @return completes when the record is durable in every part
   */
  default CompletionStage<?> write(int record, List<Integer> held) {
    CompletableFuture<?>[] writes = new CompletableFuture<?>[parts().size()];
    for (int i = 0; i < writes.length; i++) {
      writes[i] =
          record < held.get(i)
              ? CompletableFuture.completedFuture(null)
              : parts().get(i).write(record).toCompletableFuture();
    }
    return CompletableFuture.allOf(writes);
  }

  /** That many calls of a part, unless there are more of them than records. */
  static int noMoreThan(int records, long calls, Part part) {
    if (calls > records) {
      throw new CommandFailedException(
          part.label() + " was called " + calls + " times for " + records + " records");
    }
    return (int) calls;
  }

  /** A replicated object, or several of one class, that hold something of each record. */
  interface Part {

    /** What it is, such as {@code map "cities"}. */
    String label();

    /** Starts the write of a record. */
    CompletionStage<?> write(int record);

    /**
     * Compares everything that is there with the source.
     *
     * @return how many records are there, which are then exactly the first ones of the source
     * @throws CommandFailedException if anything differs from the source, or is not in it
     */
    int compare();
  }

  /**
   * An object of a store.
   *
   * @param replicated the object, as the store has handed it out
   */
  record Shown(String name, Object replicated) {}

  /** The records of the demo, and how to open the objects that they go into. */
  interface Source {

    /** What the records are, such as {@code 82,068 cities and towns}. */
    String description();

    /** How many records there are, at least 1. */
    int size();

    /** Who is to be credited; empty if nobody. */
    String credit();

    /** Opens the objects, or makes them. */
    LoadedObjects open(Milonga store);
  }
}
