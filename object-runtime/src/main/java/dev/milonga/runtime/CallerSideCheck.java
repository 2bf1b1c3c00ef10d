package dev.milonga.runtime;

import dev.milonga.runtime.ClassFile.Code;
import dev.milonga.runtime.ClassFile.Step;
import dev.milonga.runtime.ClassFiles.Located;
import dev.milonga.runtime.MethodTable.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Finds unannotated methods that touch the fields of the object. They run at the caller, on an
 * object whose fields are empty, and so would answer wrongly without a word.
 *
 * <p>The walk starts at each method that can be called from outside, and follows private methods,
 * {@code super} calls, lambda expressions and nested classes that are instantiated. It ends at
 * annotated methods, which run where the state is. An access counts whatever object it is made on:
 * the code does not show whether that object is the caller's.
 */
final class CallerSideCheck {

  private final ClassFiles files;
  private final Class<?> type;
  private final Set<String> annotated = new HashSet<>();

  /** The fields that a method leads to, and the first place where it touches one. */
  private static final class Touches {
    final Set<String> read = new LinkedHashSet<>();
    final Set<String> written = new LinkedHashSet<>();
    String place = "";
  }

  CallerSideCheck(ClassFiles files, List<Entry> methods, Class<?> type) {
    this.files = files;
    this.type = type;
    methods.stream()
        .filter(Entry::isAnnotated)
        .flatMap(entry -> entry.declarations().stream())
        .forEach(declaration -> annotated.add(MethodTable.key(declaration)));
  }

  /** A sentence for each method at fault; those inherited from one class of the JDK share one. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    Map<String, Set<String>> inherited = new LinkedHashMap<>();
    for (ClassFile file : files.chain()) {
      for (Code code : file.methods().values()) {
        if (!isEntrance(file, code)) {
          continue;
        }
        Touches touches = touches(new Located(file, code));
        if (touches.place.isEmpty()) {
          continue;
        }
        if (ClassFiles.isJdk(file.name())) {
          inherited
              .computeIfAbsent(file.name(), key -> new TreeSet<>())
              .add(ClassFile.signature(code.name(), code.descriptor()));
        } else {
          problems.add(sentence(file, code, touches));
        }
      }
    }
    inherited.forEach((owner, names) -> problems.add(inheritedSentence(owner, names)));
    return problems;
  }

  private static String sentence(ClassFile file, Code code, Touches touches) {
    boolean writes = !touches.written.isEmpty();
    List<String> accesses = new ArrayList<>();
    if (!touches.read.isEmpty()) {
      accesses.add("reads " + String.join(", ", touches.read));
    }
    if (writes) {
      accesses.add("assigns " + String.join(", ", touches.written));
    }
    String remedy = "annotate it with " + (writes ? "@Mutator" : "@Accessor");
    String alternative =
        code.is(Opcodes.ACC_PUBLIC)
            ? ", or let it call annotated methods only"
            : ", or make it private if only annotated methods call it";
    return ("method %s.%s (%s) is not annotated and so runs at the caller,"
            + " where the fields are empty, but it %s (%s); %s%s")
        .formatted(
            CallWalk.simpleName(file.name()),
            ClassFile.signature(code.name(), code.descriptor()),
            file.at(code.line()),
            String.join(" and ", accesses),
            touches.place,
            remedy,
            alternative);
  }

  private static String inheritedSentence(String owner, Set<String> names) {
    String name = owner.replace('/', '.').replace('$', '.');
    return ("inherited from %s: %s use its fields, which are empty at the caller;"
            + " override each, annotated or calling annotated methods only,"
            + " or do not extend that class")
        .formatted(name, String.join(", ", names));
  }

  /** Whether that method can be called from outside on the caller's object and runs there. */
  private boolean isEntrance(ClassFile file, Code code) {
    int never =
        Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE | Opcodes.ACC_SYNTHETIC | Opcodes.ACC_ABSTRACT;
    return !code.is(never)
        && !code.name().startsWith("<")
        && (code.is(Opcodes.ACC_PUBLIC) || !ClassFiles.isJdk(file.name()))
        && !annotated.contains(code.key())
        && !MethodTable.runsOnState(type, code.key())
        && files
            .resolve(files.root(), code.key())
            .map(found -> found.owner().name().equals(file.name()))
            .orElse(false);
  }

  private Touches touches(Located entrance) {
    Touches touches = new Touches();
    CallWalk.from(
        entrance,
        (at, step, next) -> {
          boolean field = step.opcode() == Opcodes.GETFIELD || step.opcode() == Opcodes.PUTFIELD;
          if (field && files.inChain(step.owner())) {
            (step.opcode() == Opcodes.GETFIELD ? touches.read : touches.written)
                .add("'" + step.name() + "'");
            if (touches.place.isEmpty()) {
              touches.place = at.owner().at(step.line());
            }
          } else if (step.opcode() == Opcodes.NEW && isNested(step.owner())) {
            nestedMethods(step.owner(), next);
          } else if (step.isCall()) {
            callee(step, at.owner()).ifPresent(next);
          }
        });
    return touches;
  }

  private boolean isNested(String name) {
    return !files.inChain(name)
        && files.chain().stream().anyMatch(file -> name.startsWith(file.name() + "$"));
  }

  private void nestedMethods(String name, Consumer<Located> next) {
    files
        .find(name)
        .ifPresent(
            file -> file.methods().values().forEach(code -> next.accept(new Located(file, code))));
  }

  /**
   * What that call runs on the caller's object, unless it is an entrance itself or annotated. No
   * proxy intercepts {@code super.x()}.
   */
  private Optional<Located> callee(Step step, ClassFile at) {
    if (step.name().equals("<init>")
        || !files.isSelf(step.owner(), at)
        || step.isDispatched() && annotated.contains(step.key())) {
      return Optional.empty();
    }
    return files
        .callee(step, at)
        .filter(found -> !step.isDispatched() || !isEntrance(found.owner(), found.code()));
  }
}
