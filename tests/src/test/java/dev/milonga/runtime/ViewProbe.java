package dev.milonga.runtime;

import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.Versioned;
import dev.milonga.log.LogEntry;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Record;
import java.util.OptionalLong;

/** Looks into the view behind a replicated object. Nothing must be applied to it meanwhile. */
public final class ViewProbe {

  private final View<?> view;

  private ViewProbe(View<?> view) {
    this.view = view;
  }

  /** Of an object that a client has opened. */
  public static ViewProbe of(Object replicated) {
    return new ViewProbe(((Proxied) replicated).milongaHandle().view());
  }

  public String name() {
    return view.name();
  }

  public StreamId stream() {
    return view.stream();
  }

  /** Every entry of the stream below this position has been applied. */
  public long upTo() {
    return view.upTo();
  }

  /** Of the state as it is. */
  public long digest() {
    return digest(view);
  }

  /** Of the version that is kept for a snapshot there; empty if there is none. */
  public OptionalLong digestAt(long snapshot) {
    return view instanceof VersionedView<?> versions
        ? digestAt(versions, snapshot)
        : OptionalLong.empty();
  }

  private static <T> OptionalLong digestAt(VersionedView<T> view, long snapshot) {
    T version = view.versionAt(snapshot);
    return version == null
        ? OptionalLong.empty()
        : OptionalLong.of(view.type.image().digest(version));
  }

  private static <T> long digest(View<T> view) {
    return view.type.image().digest(view.state());
  }

  /** An object of the same type that nothing has happened to. */
  public Replica<?> replica() {
    return new Replica<>(view.type, view.stream());
  }

  /** An object to which entries are applied one by one, with nothing in between: the model. */
  public static final class Replica<T> {

    private final BoundType<T> type;
    private final StreamId stream;
    private final ApplyContext context = new ApplyContext();
    private T state;

    private Replica(BoundType<T> type, StreamId stream) {
      this.type = type;
      this.stream = stream;
      this.state = type.freshState();
    }

    /** Applies the calls of the entry that are this object's. */
    public void apply(LogEntry entry) {
      Record record = RecordFormat.parse(entry.payload());
      for (int i = 0; i < record.getCallsCount(); i++) {
        Call call = record.getCalls(i);
        if (RecordFormat.isFor(call, stream)) {
          context.enter(RecordFormat.moment(record, entry), i);
          apply(call);
        }
      }
    }

    @SuppressWarnings("unchecked") // a fork has the class of what it is forked from
    private void apply(Call call) {
      BoundMutator mutator = type.mutatorNamed(call.getMutator());
      T target = state instanceof Versioned<?> versioned ? (T) versioned.fork() : state;
      Deterministic.Binding binding = Deterministic.bind(context);
      try {
        mutator.invoke(target, mutator.decode(call.getArguments().toByteArray()));
        state = target;
      } catch (Throwable e) {
        // Its outcome; a version that was begun is dropped.
      } finally {
        binding.close();
      }
    }

    /** Of the state as it is. */
    public long digest() {
      return type.image().digest(state);
    }
  }
}
