package dev.milonga.annotations;

import java.time.Instant;
import java.util.Random;
import java.util.UUID;

/**
 * Time and randomness that are the same on every replica, for use inside a {@link Mutator}.
 *
 * <p>The values are a function of the log entry that is being applied: {@link #now()} is the time
 * at which the log accepted it, and {@link #random()} and {@link #uuid()} are drawn from a seed
 * derived from it. An entry of a transaction, whose calls had run before there was an entry, brings
 * time and seed along. Replaying the entry, on any machine and at any time, yields the same values.
 *
 * <p>Outside a mutator every method throws {@link IllegalStateException}. A unit test that calls a
 * mutator directly binds a source of its own with {@link #bind}.
 */
public final class Deterministic {

  private static final ThreadLocal<Source> CURRENT = new ThreadLocal<>();

  private Deterministic() {}

  /**
   * The time of the log entry that is being applied. Along the log it never decreases, but for the
   * calls of transactions: those see the time at which the block began, by the clock of the process
   * that ran it.
   */
  public static Instant now() {
    return current("now()").now();
  }

  /**
   * The random generator of the call that is being applied. Each call has one, so two uses within a
   * mutator continue the same sequence. Only the methods whose algorithm {@link Random} specifies
   * give the same values on every version of the JDK.
   */
  public static Random random() {
    return current("random()").random();
  }

  /**
   * A UUID of version 4, drawn from {@link #random()}: unguessable only as far as the log is
   * secret.
   */
  public static UUID uuid() {
    Random random = current("uuid()").random();
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & ~(3L << 62)) | (2L << 62);
    return new UUID(high, low);
  }

  /**
   * Makes {@code source} the one that mutators on the calling thread see, until the returned
   * binding is closed; then the one before it is in force again. Bindings are closed on the same
   * thread, in reverse order.
   */
  public static Binding bind(Source source) {
    if (source == null) {
      throw new NullPointerException("source");
    }
    Source before = CURRENT.get();
    CURRENT.set(source);
    return () -> {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    };
  }

  private static Source current(String method) {
    Source source = CURRENT.get();
    if (source == null) {
      throw new IllegalStateException(
          "Deterministic."
              + method
              + " was called outside a mutator. Call it inside a method annotated with @Mutator,"
              + " or, in a test of the class itself, within Deterministic.bind(...)");
    }
    return source;
  }

  /** Where time and randomness come from. */
  public interface Source {

    /** The time to report. */
    Instant now();

    /** The generator to draw from; the same object during one call of a mutator. */
    Random random();
  }

  /** A source in force until it is closed. */
  public interface Binding extends AutoCloseable {

    /** Ends the binding. */
    @Override
    void close();
  }
}
