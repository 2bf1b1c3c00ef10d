package dev.milonga.runtime;

import dev.milonga.annotations.LogicalName;
import dev.milonga.runtime.MethodTable.Entry;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The check of a class that is opened as a replicated object. It finds every problem at once; each
 * is a sentence that says where it is and what to write instead.
 *
 * <p>This class looks at the class itself. {@link MethodCheck} looks at the declarations of its
 * methods; {@link CallerSideCheck}, {@link AccessorCheck} and {@link DeterminismCheck} at code.
 */
final class ClassCheck {

  private final Type type;
  private final Class<?> raw;
  private final Codec codec;
  private final boolean suppliedFactory;
  private final ClassFiles files;
  private final List<Entry> methods;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> told = new HashSet<>(); // reasons that methods need not repeat

  ClassCheck(
      Type type, Codec codec, boolean suppliedFactory, ClassFiles files, List<Entry> methods) {
    this.type = type;
    this.raw = TypeResolver.rawClass(type);
    this.codec = codec;
    this.suppliedFactory = suppliedFactory;
    this.files = files;
    this.methods = methods;
  }

  /** Every problem: of the class, its fields, its methods in the order of the source, its code. */
  List<String> problems() {
    if (raw.isPrimitive() || raw.isArray() || raw.isAnnotation()) {
      return List.of("it is not a class; write a class with @Mutator and @Accessor methods");
    }
    typeArguments();
    logicalName();
    kind();
    construction();
    fields();
    if (methods.stream().noneMatch(Entry::isAnnotated)) {
      problems.add(
          "no method is annotated; annotate those that change the object with @Mutator, and those"
              + " that read it with @Accessor");
      return problems; // all that follows would say the same of each method
    }
    problems.addAll(new MethodCheck(type, codec, files, methods, told).problems());
    problems.addAll(new CallerSideCheck(files, methods, raw).problems());
    problems.addAll(new AccessorCheck(files, methods).problems());
    problems.addAll(new DeterminismCheck(files, methods, raw, suppliedFactory).problems());
    return problems;
  }

  private void typeArguments() {
    if (type instanceof Class<?> && raw.getTypeParameters().length > 0) {
      String arguments =
          Arrays.stream(raw.getTypeParameters())
              .map(TypeVariable::getName)
              .collect(Collectors.joining(", ", "<", ">"));
      problems.add(
          ("class %s is generic, but was opened without type arguments;"
                  + " open it with a type token, new TypeToken<%s%s>() {},"
                  + " with a class for each")
              .formatted(name(), name(), arguments));
    }
    if (type instanceof ParameterizedType generic) {
      for (Type argument : generic.getActualTypeArguments()) {
        if (argument instanceof WildcardType || argument instanceof TypeVariable<?>) {
          problems.add(
              "the type argument %s of %s stands for any type; name a class in its place"
                  .formatted(argument.getTypeName(), name()));
        } else {
          for (String reason : codec.problems(argument)) {
            problems.add("type argument of %s: %s".formatted(name(), reason));
            told.add(MethodCheck.withoutPath(reason));
          }
        }
      }
    }
  }

  private void logicalName() {
    LogicalName logical = raw.getAnnotation(LogicalName.class);
    if (logical != null) {
      Stream.concat(Stream.of(logical.value()), Arrays.stream(logical.aliases()))
          .filter(String::isBlank)
          .forEach(
              blank ->
                  problems.add(
                      "@LogicalName of class %s holds a blank name; write a name that is not blank"
                          .formatted(name())));
    }
  }

  private void kind() {
    String subject = "class " + name() + " (" + file(raw) + ")";
    if (raw.isEnum() || raw.isRecord()) {
      problems.add(
          "%s is %s, which cannot have a subclass; write a class with private fields"
              .formatted(subject, raw.isEnum() ? "an enum" : "a record"));
    } else if (Modifier.isFinal(raw.getModifiers())) {
      problems.add(
          subject + " is final, but callers get an object of a subclass of it; remove 'final'");
    } else if (raw.isSealed()) {
      problems.add(
          subject + " is sealed, but callers get an object of a subclass of it; remove 'sealed'");
    }
    if (raw.isAnonymousClass() || raw.isLocalClass()) {
      problems.add(
          ("%s is declared inside a method; move it to a file of its own,"
                  + " or make it a static nested class")
              .formatted(subject));
    } else if (raw.isMemberClass()
        && !raw.isInterface()
        && !Modifier.isStatic(raw.getModifiers())) {
      problems.add(
          "%s is an inner class, which cannot be made without an object of %s; declare it static"
              .formatted(subject, raw.getDeclaringClass().getSimpleName()));
    }
  }

  private void construction() {
    boolean inner = raw.getEnclosingClass() != null && !Modifier.isStatic(raw.getModifiers());
    if (suppliedFactory || raw.isEnum() || raw.isRecord() || inner && !raw.isInterface()) {
      return;
    }
    if (Modifier.isAbstract(raw.getModifiers())) {
      problems.add(
          "%s %s has no instances of its own; open a class %s, or pass a supplier of such an object"
              .formatted(
                  raw.isInterface() ? "interface" : "abstract class",
                  name(),
                  raw.isInterface() ? "that implements it" : "that extends it"));
      return;
    }
    try {
      Constructor<?> constructor = raw.getDeclaredConstructor();
      if (!constructor.trySetAccessible()) {
        problems.add(
            ("the constructor of %s is not accessible;"
                    + " write 'opens %s;' in module-info.java of module %s, or pass a supplier")
                .formatted(name(), raw.getPackageName(), raw.getModule().getName()));
      }
    } catch (NoSuchMethodException absent) {
      problems.add(
          ("class %s (%s) has no constructor without parameters; add one,"
                  + " or pass a supplier: () -> new %s(…)")
              .formatted(name(), file(raw), name()));
    }
  }

  /** Fields that others can reach: they would see those of the proxy. */
  private void fields() {
    for (Class<?> at = raw; at != null && at != Object.class; at = at.getSuperclass()) {
      if (ClassFiles.isJdk(ClassFiles.internalName(at))) {
        continue;
      }
      for (Field field : at.getDeclaredFields()) {
        int never = Modifier.PRIVATE | Modifier.STATIC;
        if ((field.getModifiers() & never) == 0 && !field.isSynthetic() && !isConstant(field)) {
          problems.add(
              ("field '%s' of %s (%s) is not private,"
                      + " but the fields of the object that callers get are empty;"
                      + " make it private and read it through an @Accessor")
                  .formatted(field.getName(), at.getSimpleName(), file(at)));
        }
      }
    }
  }

  private boolean isConstant(Field field) {
    return files
        .find(ClassFiles.internalName(field.getDeclaringClass()))
        .map(file -> file.fields().get(field.getName()))
        .map(ClassFile.Field::constant)
        .orElse(false);
  }

  private String file(Class<?> declaring) {
    return files
        .find(ClassFiles.internalName(declaring))
        .map(file -> file.at(0))
        .orElse(declaring.getName());
  }

  private String name() {
    return raw.getSimpleName().isEmpty() ? raw.getName() : raw.getSimpleName();
  }
}
