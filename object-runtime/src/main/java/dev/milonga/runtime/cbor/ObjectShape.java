package dev.milonga.runtime.cbor;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;

/**
 * A record or a plain object: a map of the names and values of its fields.
 *
 * <p>The fields are the state, no matter what getters and setters there are. A plain object is made
 * by its constructor and then given the fields as they were, so that a constructor that does more
 * than store its arguments cannot make what is read differ from what was written. Fields that were
 * not written are left as the constructor made them; what was written and is no field is ignored.
 */
final class ObjectShape extends Shape {

  private static final Object ABSENT = new Object();

  private Property[] properties = {};
  private Map<String, Integer> indexes = Map.of();
  private @Nullable Creator creator;

  ObjectShape(Class<?> type) {
    super(type);
  }

  /** Completes the shape: the types of its fields may refer to it. */
  void define(List<Property> properties, Creator creator) {
    this.properties = properties.toArray(Property[]::new);
    this.indexes = new HashMap<>();
    for (int i = 0; i < this.properties.length; i++) {
      for (String alias : this.properties[i].names.aliases()) {
        indexes.putIfAbsent(alias, i);
      }
    }
    for (int i = 0; i < this.properties.length; i++) {
      indexes.put(this.properties[i].names.name(), i);
    }
    this.creator = creator;
  }

  @Override
  List<Shape> parts() {
    return Arrays.stream(properties).map(property -> property.shape).toList();
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    requireClass(type(), value);
    out.startMap(properties.length);
    for (Property property : properties) {
      out.writeName(property.name);
      try {
        property.shape.write(out, property.get(value));
      } catch (RuntimeException e) {
        throw Failure.in("." + property.names.name(), e);
      }
    }
    out.endMap();
  }

  @Override
  Object readValue(CborReader in) {
    in.enterMap();
    @Nullable Object[] values = new Object[properties.length];
    Arrays.fill(values, ABSENT);
    int expected = 0; // the property that follows, if it was written with these very fields
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      int index = indexOf(name, expected);
      if (index < 0) {
        in.skip();
        continue;
      }
      Property property = properties[index];
      if (values[index] != ABSENT) {
        throw new Failure(property.names.name() + " is given twice");
      }
      try {
        values[index] = property.shape.read(in);
      } catch (RuntimeException e) {
        throw Failure.in("." + property.names.name(), e);
      }
      expected = index + 1;
    }
    return make(values);
  }

  private int indexOf(String name, int expected) {
    return expected < properties.length && properties[expected].names.name().equals(name)
        ? expected
        : indexes.getOrDefault(name, -1);
  }

  private Object make(@Nullable Object[] values) {
    Creator maker = Objects.requireNonNull(creator);
    @Nullable Object[] arguments = new Object[maker.arity()];
    for (int i = 0; i < arguments.length; i++) {
      int source = maker.source(i);
      Object given = source < 0 ? ABSENT : values[source];
      arguments[i] = given == ABSENT ? maker.absent(i) : given;
    }
    Object made = maker.make(arguments);
    if (type().isRecord()) {
      return made;
    }
    for (int i = 0; i < values.length; i++) {
      properties[i].set(made, values[i], maker.passes(i));
    }
    return made;
  }

  /** A field, its name in the log, and the shape of its values. */
  static final class Property {

    private final PropertyNames names;
    private final Field field;
    private final Shape shape;
    private final SerializableString name;

    /**
     * @param field accessible
     */
    Property(PropertyNames names, Field field, Shape shape) {
      this.names = names;
      this.field = field;
      this.shape = shape;
      this.name = new SerializedString(names.name());
    }

    PropertyNames names() {
      return names;
    }

    Field field() {
      return field;
    }

    Shape shape() {
      return shape;
    }

    private @Nullable Object get(Object owner) {
      try {
        return field.get(owner);
      } catch (IllegalAccessException e) {
        throw new AssertionError(field + " was made accessible", e);
      }
    }

    private void set(Object owner, @Nullable Object read, boolean passed) {
      Object now = get(owner);
      Object value = read;
      if (read == ABSENT) {
        // What the constructor did is the default, except that an Optional should not be null.
        value = now == null ? shape.absent() : now;
      }
      // Equal is enough where the constructor had the value: it may have made a copy of its own.
      if (now == value || (passed && Objects.deepEquals(now, value))) {
        return;
      }
      try {
        field.set(owner, value);
      } catch (IllegalAccessException e) {
        throw new Failure("the final field " + field.getName() + " cannot be set", e);
      }
    }
  }
}
