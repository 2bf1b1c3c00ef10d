package dev.milonga.runtime;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.objenesis.ObjenesisStd;
import org.objenesis.instantiator.ObjectInstantiator;

/**
 * Compiles a declared type into its {@link StateNode}, and notes on the way why no exact copy of
 * its values can be made. Used once, by one thread.
 *
 * <p>In this order a type is: a value, which never changes and is left to the codec; an array; a
 * container of the JDK; a holder of the JDK such as {@code AtomicLong}; a sealed type; a class or
 * record with its fields; or a problem.
 */
final class StateCompiler {

  /** Types within types: only a generic class that contains more of itself has more. */
  private static final int DEPTH_MAX = 100;

  private final Codec codec;
  private final Map<Type, StateNode> nodes = new HashMap<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private int depth;

  StateCompiler(Codec codec) {
    this.codec = codec;
  }

  /** The node of a replicated class; of use only if there are no {@link #problems}. */
  ObjectNode compileWhole(Type type) {
    Class<?> raw = TypeResolver.rawClass(type);
    ObjectNode node = new ObjectNode(raw, () -> neverWritten(raw));
    node.defineClass(
        fieldsOf(type, raw, raw.getSimpleName()),
        () -> {
          throw new AssertionError("a state as a whole is made by its supplier");
        });
    return node;
  }

  /** Why the types compiled so far cannot be part of a state; empty if they can. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  private static <R> R neverWritten(Class<?> raw) {
    throw new StateFailure(raw.getName() + " was never written like this");
  }

  private StateNode of(Type type, String path) {
    StateNode known = nodes.get(type);
    if (known != null) {
      return known;
    }
    if (depth >= DEPTH_MAX) {
      return refuse(
          path,
          "types that contain ever larger types cannot be carried; use a type that refers to itself"
              + " as it is");
    }
    depth++;
    StateNode node = compileNew(type, path);
    depth--;
    nodes.putIfAbsent(type, node);
    return node;
  }

  private StateNode compileNew(Type type, String path) {
    if (type instanceof WildcardType wildcard
        && wildcard.getLowerBounds().length == 0
        && wildcard.getUpperBounds()[0] != Object.class) {
      return of(wildcard.getUpperBounds()[0], path);
    }
    if (type instanceof TypeVariable<?> || type instanceof WildcardType) {
      return refuse(type, path);
    }
    Class<?> raw = TypeResolver.rawClass(type);
    if (isValue(type)) {
      return value(type, raw, path);
    }
    Optional<StateNode> atom = AtomNode.of(raw, codec);
    if (atom.isPresent()) {
      return atom.get();
    }
    if (raw.isArray()) {
      return new ArrayNode(raw.getComponentType(), of(componentOf(type, raw), path + "[*]"));
    }
    if (DeepImmutability.isOfJdk(raw)) {
      return ofJdk(type, raw, path);
    }
    return parts(type, raw, path);
  }

  /** Whether values of that type never change, and are equal by all that they hold. */
  static boolean isValue(Type type) {
    return DeepImmutability.of(type) && ValueEquality.of(type);
  }

  private StateNode value(Type type, Class<?> raw, String path) {
    if (!codec.problems(type).isEmpty()) {
      return refuse(type, path);
    }
    return new ValueNode(
        boxed(raw),
        raw.isPrimitive(),
        new ValueCodec(type, codec),
        () -> partsOfValue(type, raw, codec));
  }

  /** The node by which values of that type were written when they could change. */
  private static StateNode partsOfValue(Type type, Class<?> raw, Codec codec) {
    StateCompiler compiler = new StateCompiler(codec);
    if (DeepImmutability.isOfJdk(raw)) {
      return neverWritten(raw);
    }
    StateNode node = compiler.parts(type, raw, raw.getSimpleName());
    return compiler.problems.isEmpty() ? node : neverWritten(raw);
  }

  private static Class<?> boxed(Class<?> raw) {
    return MethodType.methodType(raw).wrap().returnType();
  }

  private static Type componentOf(Type type, Class<?> raw) {
    return type instanceof GenericArrayType generic
        ? generic.getGenericComponentType()
        : raw.getComponentType();
  }

  private StateNode ofJdk(Type type, Class<?> raw, String path) {
    boolean container =
        raw == Optional.class
            || raw == Iterable.class
            || Collection.class.isAssignableFrom(raw)
            || Map.class.isAssignableFrom(raw);
    if (!container) {
      return refuse(type, path);
    }
    if (!ContainerKind.fits(raw)) {
      return refuse(path, raw.getName() + ContainerAdvice.of(raw));
    }
    if (type instanceof Class<?>) {
      return refuse(
          path,
          raw.getName()
              + " is declared without its type arguments; write "
              + raw.getSimpleName()
              + "<…>");
    }
    if (Map.class.isAssignableFrom(raw)) {
      StateNode key = of(argument(Map.class, 0, type), path + "[key]");
      return new ContainerNode(raw, key, of(argument(Map.class, 1, type), path + "[value]"));
    }
    Class<?> declaring = raw == Optional.class ? Optional.class : Iterable.class;
    return new ContainerNode(raw, of(argument(declaring, 0, type), path + "[*]"), null);
  }

  private static Type argument(Class<?> declaring, int index, Type type) {
    return TypeResolver.resolve(declaring.getTypeParameters()[index], type);
  }

  /** A type of the user's, by its parts. */
  private StateNode parts(Type type, Class<?> raw, String path) {
    if (raw.isSealed() && !raw.isEnum()) {
      return sealed(type, raw, path);
    }
    boolean open = raw.isInterface() || Modifier.isAbstract(raw.getModifiers()) || raw.isEnum();
    if (open || Map.class.isAssignableFrom(raw) || Collection.class.isAssignableFrom(raw)) {
      return refuse(type, path);
    }
    ObjectNode node = new ObjectNode(raw, () -> new ValueCodec(type, codec));
    nodes.put(type, node);
    return object(node, type, path);
  }

  private StateNode sealed(Type type, Class<?> raw, String path) {
    CaseNode node = new CaseNode(raw, () -> new ValueCodec(type, codec));
    nodes.put(type, node);
    for (Class<?> each : cases(raw)) {
      Type subtype = each == raw ? type : TypeResolver.subtype(each, type);
      String at = path + "(" + each.getSimpleName() + ")";
      StateNode part;
      if (isValue(subtype)) {
        part = value(subtype, each, at);
      } else if (each.isSealed()) {
        part = object(new ObjectNode(each, () -> neverWritten(each)), subtype, at);
      } else {
        part = of(subtype, at);
      }
      for (String clash : node.define(each, part)) {
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
    return node;
  }

  /** The classes that values of a sealed type can have. */
  private static Set<Class<?>> cases(Class<?> type) {
    Set<Class<?>> cases = new LinkedHashSet<>();
    if (!Modifier.isAbstract(type.getModifiers()) || type.isEnum() || !type.isSealed()) {
      cases.add(type);
    }
    if (type.isSealed() && !type.isEnum()) {
      for (Class<?> each : type.getPermittedSubclasses()) {
        cases.addAll(cases(each));
      }
    }
    return cases;
  }

  private StateNode object(ObjectNode node, Type type, String path) {
    Class<?> raw = node.type();
    if (raw.isRecord()) {
      List<FieldSlot> components = componentsOf(type, raw, path);
      canonical(raw, path).ifPresent(found -> node.defineRecord(components, found));
      return node;
    }
    List<FieldSlot> fields = fieldsOf(type, raw, path);
    maker(raw, path).ifPresent(found -> node.defineClass(fields, found));
    return node;
  }

  private List<FieldSlot> componentsOf(Type type, Class<?> raw, String path) {
    List<FieldSlot> slots = new ArrayList<>();
    for (RecordComponent component : raw.getRecordComponents()) {
      try {
        slot(raw.getDeclaredField(component.getName()), type, path).ifPresent(slots::add);
      } catch (NoSuchFieldException e) {
        throw new AssertionError(raw + " has no field for its " + component, e);
      }
    }
    return slots;
  }

  private Optional<Constructor<?>> canonical(Class<?> raw, String path) {
    Class<?>[] types =
        Arrays.stream(raw.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> canonical = raw.getDeclaredConstructor(types);
      return makeAccessible(canonical, raw, path) ? Optional.of(canonical) : Optional.empty();
    } catch (NoSuchMethodException e) {
      throw new AssertionError(raw + " has no canonical constructor", e);
    }
  }

  /**
   * Makes objects whose fields are all set then; without a constructor if there is no simple one.
   */
  private Optional<Supplier<?>> maker(Class<?> raw, String path) {
    try {
      Constructor<?> constructor = raw.getDeclaredConstructor();
      return makeAccessible(constructor, raw, path)
          ? Optional.of(() -> ObjectNode.construct(constructor))
          : Optional.empty();
    } catch (NoSuchMethodException absent) {
      Optional<Field> left =
          instanceFields(raw).stream().filter(field -> !isState(field)).findFirst();
      if (left.isPresent()) {
        refuse(
            path,
            raw.getName()
                + " has no constructor without parameters, which would make the transient field "
                + left.get().getName()
                + "; add one");
      }
      ObjectInstantiator<?> instantiator = new ObjenesisStd().getInstantiatorOf(raw);
      return Optional.of(instantiator::newInstance);
    }
  }

  private List<FieldSlot> fieldsOf(Type type, Class<?> raw, String path) {
    List<FieldSlot> slots = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Class<?> each = raw; each != null && each != Object.class; each = each.getSuperclass()) {
      if (DeepImmutability.isOfJdk(each) && !each.getName().startsWith("java.util.Abstract")) {
        refuse(
            path,
            "the state that it inherits from "
                + each.getName()
                + " is closed; hold one in a field instead of extending it");
        return slots;
      }
    }
    for (Field field : instanceFields(raw)) {
      if (isState(field)) {
        slot(field, type, path).ifPresent(slots::add);
      }
    }
    for (FieldSlot slot : slots) {
      if (!names.add(slot.name())) {
        refuse(
            path,
            "two fields are called \""
                + slot.name()
                + "\", one of them in a superclass; name one with @JsonProperty");
      }
    }
    // By name, since reflection has no order. What constructors keep goes first, so that it is
    // what another field refers to as well.
    slots.sort(
        Comparator.comparing((FieldSlot slot) -> !slot.isFinal()).thenComparing(FieldSlot::name));
    return slots;
  }

  /** The fields of objects of that class, but for those that the JDK's own classes declare. */
  static List<Field> instanceFields(Class<?> raw) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> each = raw; each != null; each = each.getSuperclass()) {
      if (!DeepImmutability.isOfJdk(each)) {
        Arrays.stream(each.getDeclaredFields())
            .filter(field -> !Modifier.isStatic(field.getModifiers()))
            .forEach(fields::add);
      }
    }
    return fields;
  }

  static boolean isState(Field field) {
    return !Modifier.isTransient(field.getModifiers())
        && !field.isAnnotationPresent(JsonIgnore.class);
  }

  private Optional<FieldSlot> slot(Field field, Type owner, String path) {
    if (field.isSynthetic()) {
      refuse(
          path,
          field.getDeclaringClass().getName()
              + " carries the object or the variables around it; make it a static class");
      return Optional.empty();
    }
    if (!makeAccessible(field, field.getDeclaringClass(), path)) {
      return Optional.empty();
    }
    JsonProperty property = field.getAnnotation(JsonProperty.class);
    JsonAlias alias = field.getAnnotation(JsonAlias.class);
    StateNode node =
        of(TypeResolver.resolve(field.getGenericType(), owner), path + "." + field.getName());
    return Optional.of(
        new FieldSlot(
            property == null || property.value().isEmpty() ? field.getName() : property.value(),
            alias == null ? List.of() : List.of(alias.value()),
            field,
            node));
  }

  private boolean makeAccessible(AccessibleObject member, Class<?> declaring, String path) {
    try {
      member.setAccessible(true);
      return true;
    } catch (InaccessibleObjectException e) {
      refuse(
          path,
          "the module of "
              + declaring.getName()
              + " does not open its package; add \"opens "
              + declaring.getPackageName()
              + "\" to its module-info");
      return false;
    }
  }

  /** Notes what the codec has to say of that type; if nothing, that it may change unseen. */
  private StateNode refuse(Type type, String path) {
    List<String> reasons = codec.problems(type);
    String name =
        type instanceof TypeVariable<?> || type instanceof WildcardType
            ? type.getTypeName()
            : TypeResolver.rawClass(type).getSimpleName();
    for (String reason : reasons) {
      // The codec begins its paths with the simple name of the type.
      problems.add(
          reason.startsWith(name) ? path + reason.substring(name.length()) : path + ": " + reason);
    }
    return reasons.isEmpty()
        ? refuse(path, type.getTypeName() + " cannot be part of a state; use a record")
        : Refused.NODE;
  }

  private StateNode refuse(String path, String why) {
    problems.add(path + ": " + why);
    return Refused.NODE;
  }

  /** Stands in for the node of a type that cannot be part of a state. */
  private static final class Refused extends StateNode {

    static final StateNode NODE = new Refused();

    Refused() {
      super(Object.class);
    }

    @Override
    Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made) {
      throw new AssertionError("a type that was refused is used");
    }

    @Override
    void writeNew(StateWriter out, Object value, boolean made) {
      throw new AssertionError("a type that was refused is used");
    }

    @Override
    Object readNew(StateReader in, int token, @Nullable Object made) {
      throw new AssertionError("a type that was refused is used");
    }
  }
}
