package dev.milonga.runtime;

import dev.milonga.annotations.Snapshots;
import java.lang.reflect.Field;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The state of a class that {@linkplain Snapshots streams} it itself, element by element. */
final class StateOfElements<T> implements StateForm<T> {

  static final int ID = 2;

  private static final int ROWS = 64;

  private final Supplier<? extends T> supplier;
  private final List<String> problemsOfClass;
  private final List<String> problems;
  private final @Nullable ValueNode element; // null if there are problems of the class
  private final boolean shareable; // whether elements are copied by being passed on

  private StateOfElements(
      @Nullable ValueNode element,
      boolean shareable,
      List<String> problemsOfClass,
      Supplier<? extends T> supplier,
      T sample) {
    this.element = element;
    this.shareable = shareable;
    this.problemsOfClass = problemsOfClass;
    this.supplier = supplier;
    this.problems = new ArrayList<>(problemsOfClass);
    requireNoHashOrder(sample);
  }

  static <T> StateOfElements<T> of(
      TypeToken<T> opened, Codec codec, Supplier<? extends T> supplier, T sample) {
    Type type = TypeResolver.subtype(sample.getClass(), opened.type());
    Type elementType = TypeResolver.resolve(Snapshots.class.getTypeParameters()[0], type);
    String name = sample.getClass().getSimpleName();
    List<String> problems =
        codec.problems(elementType).stream()
            .map(problem -> name + ", the element type of its Snapshots: " + problem)
            .toList();
    ValueNode element =
        problems.isEmpty()
            ? new ValueNode(
                TypeResolver.rawClass(elementType),
                false,
                new ValueCodec(elementType, codec),
                () -> {
                  throw new StateFailure("an element was not written as one");
                })
            : null;
    boolean shareable = problems.isEmpty() && DeepImmutability.of(elementType);
    return new StateOfElements<>(element, shareable, problems, supplier, sample);
  }

  @Override
  public StateForm<T> with(Supplier<? extends T> other, T sample) {
    return new StateOfElements<>(element, shareable, problemsOfClass, other, sample);
  }

  // The class restores what it likes, but not the past on which the order of a HashMap depends.
  private void requireNoHashOrder(Object sample) {
    String name = sample.getClass().getSimpleName();
    for (Field field : StateCompiler.instanceFields(sample.getClass())) {
      if (field.trySetAccessible()) {
        Object value = valueOf(field, sample);
        Class<?> type = value == null ? Object.class : value.getClass();
        if (type == HashMap.class || type == HashSet.class || type == ConcurrentHashMap.class) {
          problems.add(
              name
                  + "."
                  + field.getName()
                  + ": it is a "
                  + type.getName()
                  + ContainerAdvice.of(type));
        }
      }
    }
  }

  private static @Nullable Object valueOf(Field field, Object owner) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new AssertionError(field + " was made accessible", e);
    }
  }

  @Override
  public int id() {
    return ID;
  }

  @Override
  public List<String> problems() {
    return problems;
  }

  @Override
  public T fresh() {
    return supplier.get();
  }

  @Override
  public T copy(T state) {
    Iterator<?> elements = ((Snapshots<?>) state).snapshot();
    return restored(shareable ? elements : new Copies(elements, node().values()));
  }

  @Override
  public void write(StateWriter out, T state) {
    Batches.write(out, node(), ((Snapshots<?>) state).snapshot());
  }

  @Override
  public T read(StateReader in) {
    return restored(new Read(in, node()));
  }

  private ValueNode node() {
    if (element == null) {
      throw new AssertionError("it was not asked for problems");
    }
    return element;
  }

  @SuppressWarnings("unchecked") // elements that a T gave, or of the type that it declares
  private T restored(Iterator<?> elements) {
    T made = supplier.get();
    ((Snapshots<Object>) made).restore((Iterator<Object>) elements);
    if (elements.hasNext()) {
      throw new StateFailure("restore() did not take all the elements that snapshot() gave");
    }
    return made;
  }

  /** Copies of elements, made by encoding and decoding a few at a time. */
  private static final class Copies implements Iterator<@Nullable Object> {

    private final Iterator<?> source;
    private final ValueCodec codec;
    private Iterator<@Nullable Object> batch = List.<@Nullable Object>of().iterator();

    Copies(Iterator<?> source, ValueCodec codec) {
      this.source = source;
      this.codec = codec;
    }

    @Override
    public boolean hasNext() {
      return batch.hasNext() || source.hasNext();
    }

    @Override
    public @Nullable Object next() {
      if (!batch.hasNext()) {
        List<@Nullable Object> rows = new ArrayList<>();
        do {
          rows.add(source.next());
        } while (rows.size() < ROWS && source.hasNext());
        batch = codec.decodeList(codec.encodeList(rows)).iterator();
      }
      return batch.next();
    }
  }

  /** Elements as they are read. */
  private static final class Read implements Iterator<@Nullable Object> {

    private final StateReader in;
    private final StateNode element;
    private final Queue<Supplier<List<@Nullable Object>>> begun = new ArrayDeque<>();
    private Iterator<@Nullable Object> batch = List.<@Nullable Object>of().iterator();
    private boolean ended; // all of them are begun

    Read(StateReader in, StateNode element) {
      this.in = in;
      this.element = element;
    }

    @Override
    public boolean hasNext() {
      while (!batch.hasNext()) {
        while (!ended && begun.size() < in.ahead().batches()) {
          beginBatch();
        }
        if (begun.isEmpty()) {
          return false;
        }
        batch = begun.remove().get().iterator();
      }
      return true;
    }

    private void beginBatch() {
      List<Supplier<List<@Nullable Object>>> columns = new ArrayList<>();
      for (int rows = 0; rows < in.ahead().rows() && !ended; ) {
        int more = in.readInt();
        ended = more == 0;
        if (!ended) {
          columns.add(element.beginColumn(in, more));
          rows += more;
        }
      }
      if (!columns.isEmpty()) {
        begun.add(in.ahead().begin(() -> all(columns)));
      }
    }

    private static List<@Nullable Object> all(List<Supplier<List<@Nullable Object>>> columns) {
      if (columns.size() == 1) {
        return columns.get(0).get();
      }
      List<@Nullable Object> all = new ArrayList<>();
      columns.forEach(column -> all.addAll(column.get()));
      return all;
    }

    @Override
    public @Nullable Object next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return batch.next();
    }
  }
}
