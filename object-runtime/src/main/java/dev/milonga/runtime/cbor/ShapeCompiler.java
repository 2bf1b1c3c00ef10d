package dev.milonga.runtime.cbor;

import dev.milonga.runtime.TypeToken;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a declared type into its {@link Shape}, and notes on the way why it cannot be carried.
 * Types are looked at as they are declared; no value is needed. Used once, by one thread.
 *
 * <p>In this order a type is: a scalar, an array, an enum, a container of the JDK, a sealed type, a
 * record, a plain class with its fields as state; or a problem. {@code ? extends T} counts as
 * {@code T}.
 */
final class ShapeCompiler {

  /** Types within types within types: only a generic class that contains more of itself does so. */
  private static final int DEPTH_MAX = 100;

  private final Map<Type, Shape> shapes = new HashMap<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private final List<Runnable> finalChecks = new ArrayList<>();
  private int depth;
  private boolean endless;

  /** The shape of that type; of use only if there are no {@link #problems}. */
  Shape compile(Type type) {
    Shape shape = of(type, simpleName(type));
    finalChecks.forEach(Runnable::run);
    finalChecks.clear();
    return shape;
  }

  /** Why the types compiled so far cannot be carried; empty if they can. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** The shape of a part that is found at that path. */
  Shape of(Type type, String path) {
    Shape known = shapes.get(type);
    if (known != null) {
      return known;
    }
    if (endless) {
      return Refused.SHAPE;
    }
    if (depth >= DEPTH_MAX) {
      endless = true;
      return refuse(
          path.substring(0, Math.min(path.length(), 60)) + "…",
          "types that contain ever larger types cannot be carried; let the type refer to itself as"
              + " it is");
    }
    depth++;
    Shape shape = compileNew(type, path);
    depth--;
    if (shape != Refused.SHAPE) { // a type that is refused is a problem at every place
      shapes.putIfAbsent(type, shape);
    }
    return shape;
  }

  /** Makes a shape known before its parts are compiled, so that these can refer to it. */
  void define(Type type, Shape shape) {
    shapes.put(type, shape);
  }

  /** Notes a problem; the shape returned stands in for the one that there cannot be. */
  Shape refuse(String path, String why) {
    problems.add(path + ": " + why);
    return Refused.SHAPE;
  }

  private Shape compileNew(Type type, String path) {
    if (type instanceof TypeVariable<?> variable) {
      return refuse(
          path,
          "the type variable "
              + variable
              + " stands for no type here; open the object with its type arguments, or declare a"
              + " concrete type");
    }
    if (type instanceof WildcardType wildcard) {
      Type bound = wildcard.getUpperBounds()[0];
      if (wildcard.getLowerBounds().length > 0 || bound == Object.class) {
        return refuse(
            path,
            "the wildcard "
                + wildcard
                + " says nothing of the value's type; declare a concrete type");
      }
      return of(bound, path);
    }
    if (type instanceof GenericArrayType array) {
      return array(array.getGenericComponentType(), path);
    }
    Class<?> raw = TypeToken.ofType(type).rawType();
    Optional<Shape> scalar = Scalars.shapeOf(raw);
    if (scalar.isPresent()) {
      return scalar.get();
    }
    if (raw.isArray()) {
      return array(raw.getComponentType(), path);
    }
    if (raw.isEnum()) {
      EnumShape shape = new EnumShape(enumClass(raw));
      return shape.hasClash()
          ? refuse(path, "two constants of " + raw.getName() + " have one name in @JsonProperty")
          : shape;
    }
    if (isContainer(raw) || raw.isSealed()) {
      return isRaw(type, raw) ? refuseRaw(raw, path) : container(type, raw, path);
    }
    Optional<String> reason = Refused.reason(raw);
    if (reason.isPresent()) {
      return refuse(path, raw.getName() + " cannot be carried: " + reason.get());
    }
    return isRaw(type, raw)
        ? refuseRaw(raw, path)
        : new ObjectCompiler(this, type, raw, path).compile();
  }

  private static boolean isContainer(Class<?> raw) {
    return raw == Optional.class
        || raw == Map.Entry.class
        || raw == EnumSet.class
        || raw == EnumMap.class
        || Container.ofCollection(raw).isPresent()
        || Container.ofMap(raw).isPresent();
  }

  private static boolean isRaw(Type type, Class<?> raw) {
    return type instanceof Class<?> && raw.getTypeParameters().length > 0;
  }

  private Shape refuseRaw(Class<?> raw, String path) {
    return refuse(
        path,
        raw.getName()
            + " is declared without its type arguments; write "
            + raw.getSimpleName()
            + "<…>");
  }

  private Shape container(Type type, Class<?> raw, String path) {
    if (raw == Optional.class) {
      return new OptionalShape(of(argument(type, 0), path));
    }
    if (raw == Map.Entry.class) {
      return new EntryShape(
          of(argument(type, 0), path + "[key]"), of(argument(type, 1), path + "[value]"));
    }
    Optional<Container<Collection<@Nullable Object>>> collection = collection(type, raw);
    if (collection.isPresent()) {
      Shape element = of(argument(type, 0), path + "[*]");
      checkElements(raw, collection.get().trait(), element, path);
      return new CollectionShape(raw, collection.get(), element);
    }
    Optional<Container<Map<@Nullable Object, @Nullable Object>>> map = map(type, raw);
    if (map.isPresent()) {
      Shape key = of(argument(type, 0), path + "[key]");
      checkElements(raw, map.get().trait(), key, path);
      return new MapShape(raw, map.get(), key, of(argument(type, 1), path + "[value]"));
    }
    return sealed(type, raw, path);
  }

  private Shape array(Type component, String path) {
    Shape element = of(component, path + "[*]");
    return new ArrayShape(TypeToken.ofType(component).rawType(), element);
  }

  private Shape sealed(Type type, Class<?> raw, String path) {
    SealedShape shape = new SealedShape(raw);
    define(type, shape);
    TypeToken<?> token = TypeToken.ofType(type);
    for (Class<?> each : cases(raw)) {
      String casePath = path + "(" + each.getSimpleName() + ")";
      // The case itself, not the type: a class that is a case and sealed as well has its own
      // fields.
      Shape part =
          each == raw
              ? new ObjectCompiler(this, type, raw, casePath).compileFields()
              : concreteCase(token.subtype(each), each, casePath);
      for (String clash : shape.define(each, part)) {
        refuse(
            path,
            "two cases of "
                + raw.getName()
                + " are called \""
                + clash
                + "\", one of them is "
                + each.getName()
                + "; give one another name with @LogicalName");
      }
    }
    return shape;
  }

  private Shape concreteCase(Type type, Class<?> raw, String path) {
    return raw.isSealed() && !raw.isEnum()
        ? new ObjectCompiler(this, type, raw, path).compileFields()
        : of(type, path);
  }

  /** The classes that values of a sealed type can have. */
  private static Set<Class<?>> cases(Class<?> sealed) {
    Set<Class<?>> cases = new LinkedHashSet<>();
    boolean isCase = !Modifier.isAbstract(sealed.getModifiers());
    if (isCase || !sealed.isSealed() || sealed.isEnum()) {
      cases.add(sealed);
    }
    if (sealed.isSealed() && !sealed.isEnum()) {
      for (Class<?> each : sealed.getPermittedSubclasses()) {
        cases.addAll(cases(each));
      }
    }
    return cases;
  }

  private void checkElements(Class<?> raw, Container.Trait trait, Shape element, String path) {
    if (element == Refused.SHAPE) {
      return;
    }
    if (trait == Container.Trait.SORTED && !Comparable.class.isAssignableFrom(element.type())) {
      refuse(
          path,
          element.type().getName()
              + " has no natural order, which "
              + raw.getSimpleName()
              + " needs; let it implement Comparable");
    }
    if (trait == Container.Trait.HASHED) {
      finalChecks.add(
          () ->
              identityHashed(element, Collections.newSetFromMap(new IdentityHashMap<>()))
                  .ifPresent(
                      culprit ->
                          refuse(
                              path,
                              "the order of a "
                                  + raw.getSimpleName()
                                  + " of "
                                  + element.type().getSimpleName()
                                  + " differs from process to process, since "
                                  + culprit.getName()
                                  + " has no hash code of its value; declare a "
                                  + (Map.class.isAssignableFrom(raw)
                                      ? "LinkedHashMap"
                                      : "LinkedHashSet"))));
    }
  }

  /** A class within values of that shape whose hash code depends on where the object lies. */
  private static Optional<Class<?>> identityHashed(Shape shape, Set<Shape> visited) {
    if (!visited.add(shape)) {
      return Optional.empty();
    }
    Class<?> type = shape.type();
    boolean ownHash =
        type.isInterface() || shape instanceof SealedShape || overrides(type, "hashCode");
    if (type.isEnum() || type.isArray() || Queue.class.isAssignableFrom(type) || !ownHash) {
      return Optional.of(type);
    }
    if (shape instanceof ObjectShape && !type.isRecord()) {
      return Optional.empty(); // it says itself what its hash code is
    }
    return shape.parts().stream()
        .flatMap(part -> identityHashed(part, visited).stream())
        .findFirst();
  }

  /**
   * Notes why values of that shape, which has no other problems, might be equal and yet be encoded
   * differently as conflict keys.
   */
  void checkKey(Shape shape) {
    checkKey(shape, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private void checkKey(Shape shape, Set<Shape> visited) {
    if (!visited.add(shape)) {
      return;
    }
    Class<?> type = shape.type();
    if (shape instanceof ObjectShape
        && !type.isRecord()
        && (overrides(type, "equals", Object.class) || Comparable.class.isAssignableFrom(type))) {
      refuse(
          type.getSimpleName(),
          type.getName()
              + " cannot be a conflict key: it has its own idea of what is equal, while keys are"
              + " compared by all their fields; make it a record, or use the part of it that"
              + " identifies it as the key");
    }
    shape.parts().forEach(part -> checkKey(part, visited));
  }

  private static boolean overrides(Class<?> type, String method, Class<?>... parameters) {
    try {
      return type.getMethod(method, parameters).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      throw new AssertionError(type + " has no method " + method, e);
    }
  }

  private static Optional<Container<Collection<@Nullable Object>>> collection(
      Type type, Class<?> raw) {
    if (raw == EnumSet.class) {
      Class<?> e = TypeToken.ofType(argument(type, 0)).rawType();
      return Optional.of(new Container<>(Container.Trait.NONE, () -> emptyEnumSet(e)));
    }
    return Container.ofCollection(raw);
  }

  private static Optional<Container<Map<@Nullable Object, @Nullable Object>>> map(
      Type type, Class<?> raw) {
    if (raw == EnumMap.class) {
      Class<?> e = TypeToken.ofType(argument(type, 0)).rawType();
      return Optional.of(new Container<>(Container.Trait.NONE, () -> emptyEnumMap(e)));
    }
    return Container.ofMap(raw);
  }

  // The three below are the price of enum collections that take their class as an object: the class
  // was found to be an enum, but no type says so.

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Collection<@Nullable Object> emptyEnumSet(Class<?> type) {
    return (Collection) EnumSet.noneOf((Class) type);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Map<@Nullable Object, @Nullable Object> emptyEnumMap(Class<?> type) {
    return (Map) new EnumMap((Class) type);
  }

  @SuppressWarnings("unchecked")
  private static Class<? extends Enum<?>> enumClass(Class<?> type) {
    return (Class<? extends Enum<?>>) type;
  }

  private static Type argument(Type type, int index) {
    return ((ParameterizedType) type).getActualTypeArguments()[index];
  }

  static String simpleName(Type type) {
    return type instanceof TypeVariable<?> || type instanceof WildcardType
        ? type.getTypeName()
        : TypeToken.ofType(type).rawType().getSimpleName();
  }
}
