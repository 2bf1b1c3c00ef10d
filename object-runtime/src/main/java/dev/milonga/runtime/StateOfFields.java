package dev.milonga.runtime;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of a class as the content of its fields.
 *
 * <p>An empty {@code HashMap} or {@code HashSet} that the constructor puts into a field is replaced
 * at once, before anything has happened to the object, by the {@code LinkedHashMap} or {@code
 * LinkedHashSet} that extends it: on every replica it then iterates in the order of insertion, and
 * goes on doing so when it was restored.
 */
final class StateOfFields<T> implements StateForm<T> {

  static final int ID = 1;

  private final ObjectNode node;
  private final List<String> problemsOfClass;
  private final List<String> problems;
  private final Supplier<? extends T> supplier;
  private final boolean adopts;

  private StateOfFields(
      ObjectNode node, List<String> problemsOfClass, Supplier<? extends T> supplier, T sample) {
    this.node = node;
    this.problemsOfClass = problemsOfClass;
    this.problems = new ArrayList<>(problemsOfClass);
    this.supplier = supplier;
    this.adopts = !hasOpaqueParts(sample);
    if (problems.isEmpty()) {
      adopt(sample);
      node.slots().forEach(slot -> check(slot, sample));
    }
  }

  static <T> StateOfFields<T> of(
      TypeToken<T> opened, Codec codec, Supplier<? extends T> supplier, T sample) {
    StateCompiler compiler = new StateCompiler(codec);
    ObjectNode node = compiler.compileWhole(TypeResolver.subtype(sample.getClass(), opened.type()));
    List<String> problems =
        compiler.problems().stream()
            .map(problem -> problem + "; or let the class implement Snapshots")
            .toList();
    return new StateOfFields<>(node, problems, supplier, sample);
  }

  @Override
  public StateForm<T> with(Supplier<? extends T> other, T sample) {
    return new StateOfFields<>(node, problemsOfClass, other, sample);
  }

  /** Whether some part that is not looked at may refer to what another field refers to. */
  private static boolean hasOpaqueParts(Object sample) {
    for (Field field : StateCompiler.instanceFields(sample.getClass())) {
      if (!StateCompiler.isState(field)
          && !StateCompiler.isValue(field.getGenericType())
          && (!field.trySetAccessible() || get(field, sample) != null)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Object get(Field field, Object owner) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new AssertionError(field + " was made accessible", e);
    }
  }

  private void check(FieldSlot slot, Object sample) {
    try {
      Object value = slot.get(sample);
      if (slot.node() instanceof ContainerNode && value != null) {
        ContainerKind.of(value).requireInsertionOrder(value);
      }
      StateWriter nowhere = new StateWriter(StateImage.CHUNK_BYTES_MAX, chunk -> {});
      slot.node().write(nowhere, value, slot.isFinal());
    } catch (RuntimeException e) {
      problems.add(
          StateFailure.in("." + slot.field().getName(), e).describe(node.type().getSimpleName()));
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
    T made = supplier.get();
    adopt(made);
    return made;
  }

  private void adopt(T made) {
    if (!adopts) {
      return;
    }
    Map<Object, Object> replaced = new IdentityHashMap<>(); // one may be in several fields
    for (FieldSlot slot : node.slots()) {
      Object now = slot.get(made);
      if (now != null && now.getClass() == HashMap.class && ((HashMap<?, ?>) now).isEmpty()) {
        slot.set(made, replaced.computeIfAbsent(now, map -> new LinkedHashMap<>()));
      }
      if (now != null && now.getClass() == HashSet.class && ((HashSet<?>) now).isEmpty()) {
        slot.set(made, replaced.computeIfAbsent(now, set -> new LinkedHashSet<>()));
      }
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the copy of a T that was made from a T
  public T copy(T state) {
    return (T) node.copyNew(new IdentityTable<>(), state, fresh());
  }

  @Override
  public void write(StateWriter out, T state) {
    node.write(out, state, true);
  }

  @Override
  @SuppressWarnings("unchecked") // as above
  public T read(StateReader in) {
    T made = fresh();
    Object read = node.read(in, in.readByte(), made);
    if (read != made) {
      throw new StateFailure("no object was written");
    }
    return made;
  }

  @Override
  public boolean holdsAny(T state, Collection<Object> objects) {
    StateWriter nowhere = new StateWriter(StateImage.CHUNK_BYTES_MAX, chunk -> {});
    write(nowhere, state);
    return objects.stream().anyMatch(nowhere::knows);
  }
}
