package dev.milonga.runtime;

import dev.milonga.runtime.ClassFile.Code;
import dev.milonga.runtime.ClassFile.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * The compiled classes that a check of one class reads, each at most once, without loading or
 * initializing any. Not thread-safe; made for one check.
 *
 * <p>A class is the user's own if it comes from the same jar or directory as the checked class or
 * one of its superclasses, or if its package starts with the same two names ({@code com.acme}).
 * Never so the JDK and the annotations. What cannot be read is treated as a library.
 */
final class ClassFiles {

  private static final List<String> JDK = List.of("java/", "javax/", "jdk/", "sun/", "com/sun/");
  private static final List<String> HOSTS = List.of("github", "gitlab", "apache", "eclipse");
  private static final String ANNOTATIONS = "dev/milonga/annotations/";

  /** A method where it is declared. */
  record Located(ClassFile owner, Code code) {}

  private final @Nullable ClassLoader loader;
  private final String root;
  private final Map<String, Optional<ClassFile>> read = new HashMap<>();
  private final Map<String, Boolean> own = new HashMap<>();
  private final Set<String> locations = new LinkedHashSet<>();
  private final Set<String> organizations = new LinkedHashSet<>();
  private final List<ClassFile> chain = new ArrayList<>();
  private final Set<String> ancestry = new LinkedHashSet<>();

  ClassFiles(Class<?> checked) {
    this.loader = checked.getClassLoader();
    this.root = internalName(checked);
    for (Class<?> type = checked; type != null; type = type.getSuperclass()) {
      ancestry(type);
      String name = internalName(type);
      if (type == Object.class) {
        break;
      }
      find(name).ifPresent(chain::add);
      if (!isJdk(name)) {
        location(name).ifPresent(locations::add);
        organization(name).ifPresent(organizations::add);
      }
    }
  }

  private void ancestry(Class<?> type) {
    if (ancestry.add(internalName(type))) {
      for (Class<?> parent : type.getInterfaces()) {
        ancestry(parent);
      }
    }
  }

  static String internalName(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  /** The checked class. */
  String root() {
    return root;
  }

  /** The checked class and its superclasses below {@code Object}, as far as they can be read. */
  List<ClassFile> chain() {
    return chain;
  }

  /** Whether that is the checked class or a superclass, {@code Object} apart. */
  boolean inChain(String name) {
    return chain.stream().anyMatch(file -> file.name().equals(name));
  }

  /**
   * Whether a member of {@code owner}, used in the code of {@code at}, is taken for one of the
   * checked object. Through an interface that is so only in the interface itself: elsewhere a
   * {@code Map.put} is rather that of another map, also where the checked class is a {@code Map}.
   */
  boolean isSelf(String owner, ClassFile at) {
    return inChain(owner) || owner.equals(at.name()) && ancestry.contains(owner);
  }

  static boolean isJdk(String name) {
    return JDK.stream().anyMatch(name::startsWith);
  }

  /** Whether that class is the user's own. */
  boolean isOwn(String name) {
    return own.computeIfAbsent(
        name,
        any ->
            !name.startsWith("[")
                && !isJdk(name)
                && !name.startsWith(ANNOTATIONS)
                && (organization(name).filter(organizations::contains).isPresent()
                    || location(name).filter(locations::contains).isPresent()));
  }

  Optional<ClassFile> find(String name) {
    Optional<ClassFile> known = read.get(name);
    if (known == null) {
      known = load(name);
      read.put(name, known);
    }
    return known;
  }

  /** The method that a call of {@code key} on exactly that class runs; empty if it has no body. */
  Optional<Located> resolve(String owner, String key) {
    Optional<ClassFile> start = find(owner);
    for (Optional<ClassFile> at = start; at.isPresent(); at = superOf(at.get())) {
      Code code = at.get().methods().get(key);
      if (code != null) {
        return code.is(Opcodes.ACC_ABSTRACT)
            ? Optional.empty()
            : Optional.of(new Located(at.get(), code));
      }
    }
    for (Optional<ClassFile> at = start; at.isPresent(); at = superOf(at.get())) {
      for (String parent : at.get().interfaces()) {
        Optional<Located> found = resolveDefault(parent, key);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** The method that a call in the code of {@code at} runs: in the checked object the lowest. */
  Optional<Located> callee(Step step, ClassFile at) {
    Optional<Located> declared = resolve(step.owner(), step.key());
    boolean isPrivate = declared.map(found -> found.code().is(Opcodes.ACC_PRIVATE)).orElse(false);
    return step.isDispatched() && !isPrivate && isSelf(step.owner(), at)
        ? resolve(root, step.key())
        : declared;
  }

  private Optional<Located> resolveDefault(String owner, String key) {
    Optional<ClassFile> file = find(owner);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Code code = file.get().methods().get(key);
    if (code != null && !code.is(Opcodes.ACC_ABSTRACT)) {
      return Optional.of(new Located(file.get(), code));
    }
    for (String parent : file.get().interfaces()) {
      Optional<Located> found = resolveDefault(parent, key);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<ClassFile> superOf(ClassFile file) {
    return file.superName() == null ? Optional.empty() : find(file.superName());
  }

  private Optional<ClassFile> load(String name) {
    URL url = url(name);
    if (url == null) {
      return Optional.empty();
    }
    try (InputStream in = url.openStream()) {
      return Optional.of(ClassFile.parse(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the class file " + url, e);
    }
  }

  private @Nullable URL url(String name) {
    String path = name + ".class";
    return loader == null ? ClassLoader.getSystemResource(path) : loader.getResource(path);
  }

  /** The jar or directory that a class comes from. */
  private Optional<String> location(String name) {
    URL url = url(name);
    String suffix = name + ".class";
    return Optional.ofNullable(url)
        .map(URL::toString)
        .filter(text -> text.endsWith(suffix))
        .map(text -> text.substring(0, text.length() - suffix.length()));
  }

  /** The first two names of the package, or three where the second is a host of many projects. */
  private static Optional<String> organization(String name) {
    List<String> names = List.of(name.split("/"));
    int length = names.size() > 1 && HOSTS.contains(names.get(1)) ? 3 : 2;
    return names.size() > length
        ? Optional.of(String.join("/", names.subList(0, length)))
        : Optional.empty();
  }
}
