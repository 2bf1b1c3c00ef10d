package dev.milonga.runtime;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A class by its fields. It is the class of a state as a whole, which a constructor has made and
 * whose final fields keep what is in them, or of a part, which is made anew.
 *
 * <p>Fields that were not written are left as the constructor makes them; what was written and is
 * no field any more is ignored.
 */
final class ObjectNode extends StateNode {

  private final Supplier<ValueCodec> values;
  private List<FieldSlot> slots = List.of();
  private Optional<Constructor<?>> record = Optional.empty(); // the canonical one
  private @Nullable Supplier<?> maker; // of all but records

  // The name of the class, and of each field that is written, of a part and of a whole.
  private List<String> layout = List.of();
  private List<String> layoutOfWhole = List.of();

  /**
   * @param values the codec by which objects were written when the class was immutable
   */
  ObjectNode(Class<?> type, Supplier<ValueCodec> values) {
    super(type);
    this.values = values;
  }

  /** Completes a record: the types of its fields may refer to it. */
  void defineRecord(List<FieldSlot> components, Constructor<?> canonical) {
    define(components);
    this.record = Optional.of(canonical);
  }

  /** Completes a class. */
  void defineClass(List<FieldSlot> fields, Supplier<?> maker) {
    define(fields);
    this.maker = maker;
  }

  private void define(List<FieldSlot> fields) {
    this.slots = List.copyOf(fields);
    this.layout = layout(slots.stream());
    this.layoutOfWhole = layout(slots.stream().filter(slot -> !isConstant(slot)));
  }

  private List<String> layout(Stream<FieldSlot> written) {
    return Stream.concat(Stream.of(LogicalNames.of(type())), written.map(FieldSlot::name)).toList();
  }

  // A final field with a value that never changes is no state of a whole: its constructor sets it.
  private static boolean isConstant(FieldSlot slot) {
    return slot.isFinal() && slot.node() instanceof ValueNode;
  }

  List<FieldSlot> slots() {
    return slots;
  }

  @Override
  Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made) {
    requireClass(value);
    if (record.isPresent()) {
      @Nullable Object[] components = new Object[slots.size()];
      for (int i = 0; i < components.length; i++) {
        components[i] = copyField(copies, slots.get(i), value, null);
      }
      return construct(record.get(), components);
    }
    boolean whole = made != null && made.getClass() == type();
    Object target = whole && made != null ? made : newObject();
    for (FieldSlot slot : slots) {
      if (!whole) {
        slot.set(target, copyField(copies, slot, value, null));
      } else if (!isConstant(slot)) {
        slot.set(target, copyField(copies, slot, value, kept(slot, target)));
      }
    }
    return target;
  }

  private static @Nullable Object kept(FieldSlot slot, Object target) {
    return slot.isFinal() ? slot.get(target) : null;
  }

  private static @Nullable Object copyField(
      IdentityTable<Object> copies, FieldSlot slot, Object value, @Nullable Object made) {
    try {
      return slot.node().copy(copies, slot.get(value), made);
    } catch (RuntimeException e) {
      throw StateFailure.in("." + slot.field().getName(), e);
    }
  }

  private void requireClass(Object value) {
    if (value.getClass() != type()) {
      throw new StateFailure(
          "declared as "
              + type().getName()
              + ", but it is a "
              + value.getClass().getName()
              + ", of which only the part that it inherits would be carried; make "
              + type().getSimpleName()
              + " sealed, so that its cases are known");
    }
  }

  @Override
  void writeNew(StateWriter out, Object value, boolean made) {
    requireClass(value);
    out.writeByte(StateWriter.OBJECT);
    out.writeLayout(made ? layoutOfWhole : layout);
    for (FieldSlot slot : slots) {
      if (!made || !isConstant(slot)) {
        try {
          slot.node().write(out, slot.get(value), made && slot.isFinal());
        } catch (RuntimeException e) {
          throw StateFailure.in("." + slot.field().getName(), e);
        }
      }
    }
  }

  @Override
  @Nullable Object read(StateReader in, int token, @Nullable Object made) {
    return token == StateWriter.VALUE
        ? values().decode(in.readBytes())
        : super.read(in, token, made);
  }

  @Override
  ValueCodec values() {
    return values.get();
  }

  @Override
  ObjectNode objects() {
    return this;
  }

  @Override
  Object readNew(StateReader in, int token, @Nullable Object made) {
    if (token != StateWriter.OBJECT) {
      throw in.unknown(token);
    }
    return readFields(in, in.readLayout(), made);
  }

  /** Reads the fields of an object whose layout was read. */
  Object readFields(StateReader in, List<String> written, @Nullable Object made) {
    if (record.isPresent()) {
      return readRecord(in, written, record.get());
    }
    boolean whole = made != null && made.getClass() == type();
    Object target = whole && made != null ? made : newObject();
    for (int i = 1; i < written.size(); i++) {
      FieldSlot slot = slot(written.get(i), i - 1);
      if (slot == null || (whole && isConstant(slot))) {
        in.skip();
      } else {
        slot.set(target, readField(in, slot, whole ? kept(slot, target) : null));
      }
    }
    for (FieldSlot slot : slots) {
      if (slot.field().getType() == Optional.class && slot.get(target) == null) {
        slot.set(target, slot.absent());
      }
    }
    return target;
  }

  private Object readRecord(StateReader in, List<String> written, Constructor<?> canonical) {
    @Nullable Object[] components = slots.stream().map(FieldSlot::absent).toArray();
    for (int i = 1; i < written.size(); i++) {
      FieldSlot slot = slot(written.get(i), i - 1);
      if (slot == null) {
        in.skip();
      } else {
        components[slots.indexOf(slot)] = readField(in, slot, null);
      }
    }
    return construct(canonical, components);
  }

  private @Nullable FieldSlot slot(String written, int expected) {
    if (expected < slots.size() && slots.get(expected).name().equals(written)) {
      return slots.get(expected);
    }
    for (FieldSlot slot : slots) {
      if (slot.isCalled(written)) {
        return slot;
      }
    }
    return null;
  }

  private static @Nullable Object readField(StateReader in, FieldSlot slot, @Nullable Object made) {
    try {
      return slot.node().read(in, in.readByte(), made);
    } catch (RuntimeException e) {
      throw StateFailure.in("." + slot.field().getName(), e);
    }
  }

  private Object newObject() {
    if (maker == null) {
      throw new AssertionError(type() + " was not completed");
    }
    return maker.get();
  }

  /** A new object of that constructor. */
  static Object construct(Constructor<?> constructor, @Nullable Object... arguments) {
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof VirtualMachineError error) {
        throw error;
      }
      throw new StateFailure(
          "the constructor of "
              + constructor.getDeclaringClass().getName()
              + " threw "
              + e.getCause());
    } catch (IllegalArgumentException e) {
      throw new StateFailure("null, where a primitive value is declared");
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(constructor + " was checked and made accessible", e);
    }
  }
}
