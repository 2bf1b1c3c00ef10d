package dev.milonga.runtime.cbor;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.milonga.runtime.TypeToken;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a record or a plain class: finds the fields that are its state, and the constructor or
 * factory method that makes it. Jackson's {@code @JsonProperty}, {@code @JsonAlias},
 * {@code @JsonIgnore} and {@code @JsonCreator} are heeded.
 */
final class ObjectCompiler {

  private final ShapeCompiler compiler;
  private final Type type;
  private final Class<?> raw;
  private final String path;
  private final TypeToken<?> token;

  ObjectCompiler(ShapeCompiler compiler, Type type, Class<?> raw, String path) {
    this.compiler = compiler;
    this.type = type;
    this.raw = raw;
    this.path = path;
    this.token = TypeToken.ofType(type);
  }

  Shape compile() {
    ObjectShape shape = new ObjectShape(raw);
    compiler.define(type, shape);
    return complete(shape);
  }

  /** As {@link #compile}, of a class whose type has another shape already, being sealed. */
  Shape compileFields() {
    return complete(new ObjectShape(raw));
  }

  private Shape complete(ObjectShape shape) {
    List<Field> fields = raw.isRecord() ? recordFields() : fields();
    List<ObjectShape.Property> properties = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Field field : fields) {
      if (!makeAccessible(field)) {
        return Refused.SHAPE;
      }
      PropertyNames known = names(field);
      if (!names.add(known.name())) {
        compiler.refuse(
            path,
            "two fields of "
                + raw.getName()
                + " are called \""
                + known.name()
                + "\", one of them in a superclass; name one with @JsonProperty");
      }
      Shape part = compiler.of(token.resolve(field.getGenericType()), path + "." + field.getName());
      properties.add(new ObjectShape.Property(known, field, part));
    }
    Optional<Creator> creator =
        raw.isRecord() ? canonicalConstructor(properties) : creator(properties);
    creator.ifPresent(found -> shape.define(properties, found));
    return shape;
  }

  private List<Field> recordFields() {
    return Arrays.stream(raw.getRecordComponents())
        .map(RecordComponent::getName)
        .map(this::recordField)
        .filter(field -> !field.isAnnotationPresent(JsonIgnore.class))
        .toList();
  }

  private Field recordField(String component) {
    try {
      return raw.getDeclaredField(component);
    } catch (NoSuchFieldException e) {
      throw new AssertionError(raw + " has no field for its component " + component, e);
    }
  }

  /** The instance fields of the class and its superclasses, by name: reflection has no order. */
  private List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    for (Class<?> each = raw; each != Object.class; each = each.getSuperclass()) {
      if (Container.isOfJdk(each)) {
        compiler.refuse(
            path,
            raw.getName()
                + " cannot be carried: the state that it inherits from "
                + each.getName()
                + " is closed; hold one in a field instead of extending it");
        return List.of();
      }
      Arrays.stream(each.getDeclaredFields())
          .filter(field -> !Modifier.isStatic(field.getModifiers()))
          .filter(field -> !Modifier.isTransient(field.getModifiers()))
          .filter(field -> !field.isAnnotationPresent(JsonIgnore.class))
          .forEach(fields::add);
    }
    fields.sort(Comparator.comparing(field -> names(field).name()));
    return fields;
  }

  private static PropertyNames names(Field field) {
    return PropertyNames.of(field, field.getName());
  }

  private Optional<Creator> canonicalConstructor(List<ObjectShape.Property> properties) {
    RecordComponent[] components = raw.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    String[] names = Arrays.stream(components).map(RecordComponent::getName).toArray(String[]::new);
    try {
      return bind(raw.getDeclaredConstructor(types), names, properties);
    } catch (NoSuchMethodException e) {
      throw new AssertionError(raw + " has no canonical constructor", e);
    }
  }

  private Optional<Creator> creator(List<ObjectShape.Property> properties) {
    List<Executable> annotated =
        Stream.<Executable>concat(
                Arrays.stream(raw.getDeclaredConstructors()),
                Arrays.stream(raw.getDeclaredMethods())
                    .filter(method -> Modifier.isStatic(method.getModifiers()))
                    .filter(method -> method.getReturnType() == raw))
            .filter(each -> each.isAnnotationPresent(JsonCreator.class))
            .toList();
    if (!annotated.isEmpty()) {
      Executable chosen = annotated.get(0);
      if (annotated.size() > 1 || !matches(chosen, properties)) {
        return refuse(
            "the method or constructor marked @JsonCreator must be the only one, and each of its"
                + " parameters named and typed like a field (compile with -parameters, or name"
                + " them with @JsonProperty)");
      }
      return bind(chosen, parameterNames(chosen), properties);
    }
    try {
      return bind(raw.getDeclaredConstructor(), new String[0], properties);
    } catch (NoSuchMethodException e) {
      return fullestConstructor(properties);
    }
  }

  private Optional<Creator> fullestConstructor(List<ObjectShape.Property> properties) {
    List<Constructor<?>> matching =
        Arrays.stream(raw.getDeclaredConstructors())
            .filter(each -> matches(each, properties))
            .sorted(Comparator.comparing(each -> -each.getParameterCount()))
            .toList();
    if (matching.isEmpty()
        || (matching.size() > 1
            && matching.get(0).getParameterCount() == matching.get(1).getParameterCount())) {
      return refuse(
          raw.getName()
              + " has no constructor that can be used; add one without parameters, or one whose"
              + " parameters are named and typed like its fields (compiled with -parameters), or"
              + " make it a record");
    }
    return bind(matching.get(0), parameterNames(matching.get(0)), properties);
  }

  private static boolean matches(Executable executable, List<ObjectShape.Property> properties) {
    Parameter[] parameters = executable.getParameters();
    String[] names = parameterNames(executable);
    for (int i = 0; i < parameters.length; i++) {
      int source = indexOf(names[i], properties);
      if (source < 0 || properties.get(source).field().getType() != parameters[i].getType()) {
        return false;
      }
    }
    return true;
  }

  private static String[] parameterNames(Executable executable) {
    return Arrays.stream(executable.getParameters())
        .map(
            parameter -> {
              JsonProperty property = parameter.getAnnotation(JsonProperty.class);
              return property == null || property.value().isEmpty()
                  ? parameter.getName()
                  : property.value();
            })
        .toArray(String[]::new);
  }

  private Optional<Creator> bind(
      Executable executable, String[] names, List<ObjectShape.Property> properties) {
    if (Modifier.isAbstract(raw.getModifiers()) || !makeAccessible(executable)) {
      return Optional.empty();
    }
    int[] sources = new int[names.length];
    @Nullable Object[] absents = new Object[names.length];
    for (int i = 0; i < names.length; i++) {
      sources[i] = indexOf(names[i], properties);
      absents[i] =
          sources[i] < 0
              ? zero(executable.getParameterTypes()[i])
              : properties.get(sources[i]).shape().absent();
    }
    return Optional.of(new Creator(executable, sources, absents));
  }

  private static @Nullable Object zero(Class<?> type) {
    return Scalars.shapeOf(type).map(Shape::absent).orElse(null);
  }

  private static int indexOf(String name, List<ObjectShape.Property> properties) {
    for (int i = 0; i < properties.size(); i++) {
      ObjectShape.Property property = properties.get(i);
      if (property.field().getName().equals(name) || property.names().name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private Optional<Creator> refuse(String why) {
    compiler.refuse(path, why);
    return Optional.empty();
  }

  private <T extends AccessibleObject> boolean makeAccessible(T member) {
    try {
      member.setAccessible(true);
      return true;
    } catch (InaccessibleObjectException e) {
      compiler.refuse(
          path,
          raw.getName()
              + " cannot be carried: its module does not open the package "
              + raw.getPackageName()
              + "; add \"opens "
              + raw.getPackageName()
              + "\" to its module-info");
      return false;
    }
  }
}
