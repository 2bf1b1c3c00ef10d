package dev.milonga.runtime;

import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;
import dev.milonga.runtime.MethodTable.Entry;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The part of the check at open that looks at how methods are declared. */
final class MethodCheck {

  private static final String SUBCLASS =
      ", but callers get an object of a subclass that overrides it; ";

  private final Type type;
  private final Class<?> raw;
  private final Codec codec;
  private final ClassFiles files;
  private final List<Entry> methods;
  private final Set<String> told;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param told reasons, {@linkplain #withoutPath without path}, that are known of type arguments
   */
  MethodCheck(Type type, Codec codec, ClassFiles files, List<Entry> methods, Set<String> told) {
    this.type = type;
    this.raw = TypeResolver.rawClass(type);
    this.codec = codec;
    this.files = files;
    this.methods = methods;
    this.told = told;
  }

  /** Every problem, in the order of the source; then names that are used twice. */
  List<String> problems() {
    methods.forEach(this::method);
    mutatorNames();
    return problems;
  }

  private void method(Entry entry) {
    String subject = subject(entry);
    if (entry.isMutator() && entry.isAccessor()) {
      problems.add(
          ("%s is both @Mutator and @Accessor;"
                  + " keep @Mutator if it changes the object, else @Accessor")
              .formatted(subject));
    } else if (entry.isAnnotated() && entry.isTransactional()) {
      problems.add(
          "%s is both @%s and @Transactional; one call is atomic anyhow, so remove @Transactional"
              .formatted(subject, annotation(entry)));
    }
    if (entry.isAnnotated() || entry.isTransactional()) {
      overridable(entry, subject);
    }
    if (entry.isAnnotated()) {
      runtimeMethods(entry, subject);
      types(entry, subject);
    } else {
      unannotated(entry, subject);
    }
  }

  private void overridable(Entry entry, String subject) {
    Method method = entry.method();
    for (String modifier : List.of("private", "static", "final")) {
      if (Modifier.toString(method.getModifiers()).contains(modifier)) {
        problems.add(subject + " is " + modifier + SUBCLASS + "remove '" + modifier + "'");
      }
    }
    if (MethodTable.isForeignPackagePrivate(raw, method)) {
      problems.add(
          "%s is package-private in %s%smake it protected or public"
              .formatted(subject, method.getDeclaringClass().getPackageName(), SUBCLASS));
    }
  }

  private void runtimeMethods(Entry entry, String subject) {
    if (MethodTable.runsOnState(raw, MethodTable.key(entry.method()))) {
      problems.add(
          "%s is called by the runtime on the state itself, never through the log; remove @%s"
              .formatted(subject, annotation(entry)));
    }
  }

  private void unannotated(Entry entry, String subject) {
    if (entry.conflictKeys().length > 0) {
      problems.add(
          ("%s has a parameter marked @ConflictKey but is neither @Mutator nor"
                  + " @Accessor, so it has no effect; annotate the method,"
                  + " or remove @ConflictKey")
              .formatted(subject));
    }
    if (entry.is(Modifier.ABSTRACT)
        && !isOfObject(entry.method())
        && !MethodTable.runsOnState(raw, MethodTable.key(entry.method()))) {
      problems.add(
          ("%s has no body and is not annotated, so callers could not call it;"
                  + " annotate it with @Mutator or @Accessor")
              .formatted(subject));
    }
  }

  /** Whether {@code Object} has the body, as of the {@code equals} that {@code List} declares. */
  private static boolean isOfObject(Method method) {
    return Arrays.stream(Object.class.getMethods())
        .anyMatch(each -> MethodTable.key(each).equals(MethodTable.key(method)));
  }

  private void types(Entry entry, String subject) {
    Method method = entry.method();
    if (type instanceof Class<?> && raw.getTypeParameters().length > 0) {
      return; // its types are not known, which is a problem of its own
    }
    if (method.getTypeParameters().length > 0) {
      problems.add(
          ("%s has a type parameter %s of its own,"
                  + " so the log cannot know its types; use a class,"
                  + " or a type parameter of %s")
              .formatted(subject, method.getTypeParameters()[0].getName(), name()));
      return;
    }
    List<Type> parameters = TypeResolver.resolveParameters(method, type);
    List<String> names = ParameterNames.of(entry, files);
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = "parameter '" + names.get(i) + "' of " + subject;
      if (TypeResolver.rawClass(parameters.get(i)) == raw) {
        problems.add(
            "%s is a %s itself, which cannot travel in the log; pass the values it needs"
                .formatted(parameter, name()));
      } else {
        parameter(parameters.get(i), parameter, isKey(entry, i));
      }
    }
    Type returned = TypeResolver.resolveReturn(method, type);
    if (returned == void.class) {
      if (entry.isAccessor()) {
        problems.add(subject + " returns nothing, so it reads nothing; return what it reads");
      }
    } else if (TypeResolver.rawClass(returned) == raw) {
      problems.add(
          ("%s returns a %s, which would hand out the state itself; return void,"
                  + " or the values that callers need")
              .formatted(subject, name()));
    } else {
      returned(entry, subject, returned);
    }
  }

  /** Iterators and streams run over an immutable version; only their elements are carried. */
  private void returned(Entry entry, String subject, Type returned) {
    Class<?> container = TypeResolver.rawClass(returned);
    boolean lazy = container == Iterator.class || container == Stream.class;
    if (!lazy) {
      carried(returned, "the result of " + subject);
    } else if (!entry.isAccessor() || !Versioned.class.isAssignableFrom(raw)) {
      problems.add(
          "%s returns %s %s, which would go on reading the state after the call; return a List"
              .formatted(
                  subject, container == Iterator.class ? "an" : "a", container.getSimpleName()));
    } else {
      Type element =
          returned instanceof ParameterizedType generic
              ? generic.getActualTypeArguments()[0]
              : Object.class;
      carried(element, "an element of the result of " + subject);
    }
  }

  private static boolean isKey(Entry entry, int parameter) {
    return Arrays.stream(entry.conflictKeys()).anyMatch(key -> key == parameter);
  }

  private void parameter(Type declared, String parameter, boolean isKey) {
    if (isKey) {
      List<String> reasons = codec.keyProblems(declared);
      add(parameter, reasons);
      if (type
          instanceof ParameterizedType) { // most likely its argument, at every method that has it
        reasons.forEach(reason -> told.add(withoutPath(reason)));
      }
    } else {
      carried(declared, parameter);
    }
  }

  private void carried(Type carried, String what) {
    add(what, codec.problems(carried));
  }

  private void add(String what, List<String> reasons) {
    reasons.stream()
        .filter(reason -> !told.contains(withoutPath(reason)))
        .forEach(reason -> problems.add(what + ": " + reason));
  }

  /** Why a type cannot be carried, without where in the whole it is found. */
  static String withoutPath(String reason) {
    return reason.substring(reason.indexOf(": ") + 1);
  }

  private void mutatorNames() {
    Map<String, Set<Entry>> holders = new LinkedHashMap<>();
    for (Entry entry : methods) {
      if (!entry.isMutator()) {
        continue;
      }
      Mutator mutator = entry.annotation(Mutator.class).orElseThrow();
      List<String> names = new ArrayList<>(List.of(mutator.aliases()));
      names.add(0, ReplicatedType.nameOf(entry));
      for (String name : names) {
        if (name.isBlank()) {
          problems.add(
              subject(entry) + " has a blank name or alias; write a name that is not blank");
        }
        holders.computeIfAbsent(name, key -> new LinkedHashSet<>()).add(entry);
      }
    }
    holders.forEach(
        (name, entries) -> {
          if (entries.size() > 1) {
            problems.add(
                "%s share the name '%s' in the log; give each a name of its own: @Mutator(\"…\")"
                    .formatted(
                        entries.stream().map(this::subject).collect(Collectors.joining(" and ")),
                        name));
          }
        });
  }

  /** {@code mutator Inventory.take(String, int) (Inventory.java:12)}. */
  private String subject(Entry entry) {
    Method method = entry.method();
    Class<?> declaring = method.getDeclaringClass();
    String parameters =
        Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
    String role = entry.isMutator() ? "mutator" : entry.isAccessor() ? "accessor" : "method";
    String place =
        files
            .find(ClassFiles.internalName(declaring))
            .map(
                file -> {
                  ClassFile.Code code = file.methods().get(MethodTable.key(method));
                  return file.at(code == null ? 0 : code.line());
                })
            .orElse(declaring.getName());
    return role
        + " "
        + CallWalk.simpleName(ClassFiles.internalName(declaring))
        + "."
        + method.getName()
        + parameters
        + " ("
        + place
        + ")";
  }

  private static String annotation(Entry entry) {
    return entry.isMutator() ? "Mutator" : "Accessor";
  }

  private String name() {
    return raw.getSimpleName().isEmpty() ? raw.getName() : raw.getSimpleName();
  }
}
