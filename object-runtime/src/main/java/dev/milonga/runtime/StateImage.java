package dev.milonga.runtime;

import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The states of a replicated class as values: copied, written, read and compared. For the runtime's
 * own modules; applications do not need it.
 *
 * <p>A copy, and what is read, behaves like the original for ever. Each is made of what decides the
 * behaviour of an object from now on: its fields, the classes of its containers and their order,
 * and which of its parts are the same object. Where the past of an object decides as well, and
 * cannot be seen, the class is refused when it is opened, or the value when it is met.
 *
 * <ul>
 *   <li>A class that implements {@link Snapshots} gives its state element by element.
 *   <li>Of all others it is the instance fields, inherited ones included, {@code transient} ones
 *       and those marked {@code @JsonIgnore} not: these are as a new object has them.
 *   <li>{@code final} fields of immutable types, and the comparators of collections that a
 *       constructor put into {@code final} fields, are as a new object has them, too.
 * </ul>
 *
 * <p>Thread-safe; what it is given must not change meanwhile.
 *
 * @param <T> the replicated class
 */
public final class StateImage<T> {

  /** The largest chunk that is written, in bytes. */
  public static final int CHUNK_BYTES_MAX = 256 << 10;

  private static final int FORMAT = 1;

  private final String name;
  private final StateForm<T> form;

  private StateImage(String name, StateForm<T> form) {
    this.name = name;
    this.form = form;
  }

  /**
   * The image of a type.
   *
   * @param fresh makes new objects in the state that they have before the first entry of their
   *     stream, all of one class and all alike; it is called once now, and whenever one is needed
   */
  static <T> StateImage<T> of(TypeToken<T> type, Codec codec, Supplier<? extends T> fresh) {
    T sample = fresh.get();
    StateForm<T> form =
        sample instanceof Snapshots
            ? StateOfElements.of(type, codec, fresh, sample)
            : StateOfFields.of(type, codec, fresh, sample);
    return new StateImage<>(sample.getClass().getSimpleName(), form);
  }

  /**
   * The image of the same class for objects that another supplier makes.
   *
   * @param fresh as for {@link #of}
   * @param sample one that it made, of the same class as those of this image; used up
   */
  StateImage<T> with(Supplier<? extends T> fresh, T sample) {
    return new StateImage<>(name, form.with(fresh, sample));
  }

  /**
   * Why states of the class cannot be taken: every reason that its declarations and a new object
   * show, each with the path of the field and what to write instead. Empty if they can.
   */
  public List<String> problems() {
    return List.copyOf(form.problems());
  }

  /**
   * A new object, as replicas must begin with: {@code HashMap} and {@code HashSet} fields of a
   * class that does not implement {@link Snapshots} hold the linked ones, which iterate alike on
   * all replicas.
   */
  public T fresh() {
    return form.fresh();
  }

  /**
   * A private copy: nothing that is done to it shows in the original, or the other way round. A
   * {@link Versioned} class is forked.
   *
   * @throws EncodingException if the state holds what cannot be copied, with its path
   * @throws IllegalStateException if there are {@link #problems}
   */
  public T copy(T state) {
    if (state instanceof Versioned<?> versioned) {
      return forked(versioned);
    }
    requireNoProblems();
    try {
      return form.copy(state);
    } catch (RuntimeException e) {
      throw refused("copied", e);
    }
  }

  @SuppressWarnings("unchecked") // a fork has the class of what it is forked from
  private T forked(Versioned<?> state) {
    return (T) state.fork();
  }

  /**
   * Hands out the state as a stream of bytes, in chunks of at most {@link #CHUNK_BYTES_MAX}, of
   * which no more than one and a few elements are held at a time. Equal states give equal bytes.
   *
   * <p>What the consumer throws is thrown on.
   *
   * @throws EncodingException if the state holds what cannot be written, with its path; the chunks
   *     handed out so far are of no use
   * @throws IllegalStateException if there are {@link #problems}
   */
  public void write(T state, Consumer<byte[]> chunks) {
    requireNoProblems();
    StateWriter out = new StateWriter(CHUNK_BYTES_MAX, chunks);
    try {
      out.writeByte(FORMAT);
      out.writeByte(form.id());
      form.write(out, state);
      out.finish();
    } catch (CallerFailure e) {
      throw e.thrown();
    } catch (RuntimeException e) {
      throw refused("written", e);
    }
  }

  private EncodingException refused(String done, RuntimeException e) {
    return new EncodingException(
        StateFailure.of(e).describe("the state cannot be " + done + ", at " + name), e.getCause());
  }

  /**
   * A new object in the state that was written: by this class, or by an earlier version of it.
   * Fields that it did not have are as in a new object; fields that it has no more are ignored.
   *
   * <p>What the iterator throws is thrown on.
   *
   * @param chunks as {@link #write} handed them out; where they were cut does not matter
   * @throws DecodingException if they are not what a state of this class was written as
   * @throws IllegalStateException if there are {@link #problems}
   */
  public T restore(Iterator<byte[]> chunks) {
    return restore(chunks, DecodingAhead.NONE);
  }

  T restore(Iterator<byte[]> chunks, DecodingAhead ahead) {
    requireNoProblems();
    StateReader in = new StateReader(chunks, ahead);
    try {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new StateFailure("it has format " + format + "; this version reads format " + FORMAT);
      }
      if (in.readByte() != form.id()) {
        throw new StateFailure(
            "it was written by a version of the class that "
                + (form.id() == StateOfFields.ID ? "implements" : "does not implement")
                + " Snapshots; keep that, or open the object under another name and copy it over");
      }
      T state = form.read(in);
      in.expectEnd();
      return state;
    } catch (CallerFailure e) {
      throw e.thrown();
    } catch (RuntimeException e) {
      throw new DecodingException(
          StateFailure.of(e).describe("the state cannot be restored, at " + name), e.getCause());
    }
  }

  /**
   * 64 bits that are equal for equal states, on all replicas, and else differ but by chance.
   *
   * @throws EncodingException as {@link #write} does
   */
  public long digest(T state) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      write(state, digest::update);
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /**
   * Whether a state holds one of those very objects and could change it. False where that cannot be
   * told: of a class that implements {@link Snapshots}.
   */
  boolean holdsAny(T state, Collection<Object> objects) {
    return form.holdsAny(state, objects);
  }

  private void requireNoProblems() {
    if (!form.problems().isEmpty()) {
      throw new IllegalStateException(String.join("\n", form.problems()));
    }
  }
}
