package dev.milonga.runtime;

import dev.milonga.runtime.CallWalk.Frame;
import dev.milonga.runtime.ClassFile.Code;
import dev.milonga.runtime.ClassFile.Field;
import dev.milonga.runtime.ClassFile.Step;
import dev.milonga.runtime.ClassFiles.Located;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Finds where the code that makes up the state, as compiled, reaches something that differs from
 * replica to replica: a clock, randomness, I/O, threads, the environment, a static variable.
 *
 * <p>The walk starts at each mutator, constructor, {@code fork}, {@code snapshot} and {@code
 * restore}, and follows calls, lambda expressions, method references and anonymous classes through
 * the {@linkplain ClassFiles#isOwn user's own classes}. It does not see what a library does, which
 * implementation of a user's interface is called, what static initializers and reflection do, or
 * the order in which a {@code HashMap} of keys with identity hash codes is read.
 */
final class DeterminismCheck {

  private static final String MUTATOR = "mutator '";

  /** One place in the code that is at fault, and everything that leads there. */
  private record Finding(
      String subject, String effect, String path, String remedy, Set<String> others) {

    String sentence() {
      String all = others.isEmpty() ? "" : " (also " + String.join(", ", others) + ")";
      return subject + " " + effect + ": " + path + all + "; " + remedy;
    }
  }

  /** Where a walk begins, and what to call that. */
  private record Start(String subject, Located method) {}

  private final ClassFiles files;
  private final Map<String, Finding> findings = new LinkedHashMap<>();
  private final List<Start> starts = new ArrayList<>();

  /**
   * @param allConstructors whether instances may come from any constructor, not only from the one
   *     without parameters
   */
  DeterminismCheck(
      ClassFiles files, List<MethodTable.Entry> methods, Class<?> type, boolean allConstructors) {
    this.files = files;
    files.find(files.root()).stream()
        .flatMap(file -> file.methods().values().stream())
        .filter(code -> code.name().equals("<init>"))
        .filter(code -> allConstructors || code.descriptor().equals("()V"))
        .forEach(
            code -> start("the constructor of " + CallWalk.simpleName(files.root()), code.key()));
    for (MethodTable.Entry entry : methods) {
      String name = entry.method().getName();
      String key = MethodTable.key(entry.method());
      if (entry.isMutator()) {
        start(MUTATOR + name + "'", key);
      } else if (MethodTable.runsOnState(type, key)) {
        start("method '" + name + "'", key);
      }
    }
  }

  private void start(String subject, String key) {
    files.resolve(files.root(), key).ifPresent(method -> starts.add(new Start(subject, method)));
  }

  /** A sentence for each place at fault, in the order of the source. */
  List<String> problems() {
    for (Start start : starts) {
      CallWalk.from(start.method(), (at, step, next) -> visit(start.subject(), at, step, next));
    }
    return findings.values().stream().map(Finding::sentence).toList();
  }

  private void visit(String subject, Frame at, Step step, Consumer<Located> next) {
    String owner = step.owner();
    if (!files.isOwn(owner)) {
      Nondeterminism.of(step).ifPresent(found -> report(subject, at, step, found));
      return;
    }
    if (step.opcode() == Opcodes.GETSTATIC || step.opcode() == Opcodes.PUTSTATIC) {
      sharedVariable(subject, at, step);
    } else if (step.opcode() == Opcodes.NEW) {
      if (isAnonymous(owner)) {
        files.find(owner).ifPresent(file -> allMethods(file, next));
      }
    } else if (step.isCall()) {
      call(subject, at, step, next);
    }
  }

  private void call(String subject, Frame at, Step step, Consumer<Located> next) {
    Optional<Located> target = files.callee(step, at.owner());
    if (target.isPresent() && files.isOwn(target.get().owner().name())) {
      next.accept(target.get());
      return;
    }
    // Inherited from a library: judged by the class that declares it.
    String declaring = target.map(method -> method.owner().name()).orElse(step.owner());
    Step inherited =
        new Step(step.opcode(), declaring, step.name(), step.descriptor(), step.line());
    Nondeterminism.of(inherited).ifPresent(found -> report(subject, at, inherited, found));
  }

  private static void allMethods(ClassFile file, Consumer<Located> next) {
    for (Code code : file.methods().values()) {
      if (!code.name().equals("<clinit>")) {
        next.accept(new Located(file, code));
      }
    }
  }

  private static boolean isAnonymous(String name) {
    int dollar = name.lastIndexOf('$');
    return dollar >= 0 && dollar + 1 < name.length() && Character.isDigit(name.charAt(dollar + 1));
  }

  private void sharedVariable(String subject, Frame at, Step step) {
    for (Optional<ClassFile> file = files.find(step.owner());
        file.isPresent();
        file = Optional.ofNullable(file.get().superName()).flatMap(files::find)) {
      Field field = file.get().fields().get(step.name());
      if (field != null) {
        if (!field.is(Opcodes.ACC_FINAL) && !field.is(Opcodes.ACC_SYNTHETIC)) {
          add(
              subject,
              at,
              step,
              "uses a static variable, which is not part of the object",
              "make '" + step.name() + "' a private instance field, or a final constant");
        }
        return;
      }
    }
  }

  private void report(String subject, Frame at, Step step, Nondeterminism found) {
    boolean bound = subject.startsWith(MUTATOR) || found.remedy().indexOf("Deterministic.") < 0;
    String remedy = bound ? found.remedy() : "do that in a mutator, and there " + found.remedy();
    add(subject, at, step, found.effect(), remedy);
  }

  private void add(String subject, Frame at, Step step, String effect, String remedy) {
    String place = at.owner().at(step.line());
    String member = member(step);
    Finding finding =
        findings.computeIfAbsent(
            place + " " + member + " " + effect,
            key ->
                new Finding(
                    subject,
                    effect,
                    at.path() + " → " + member + " (" + place + ")",
                    remedy,
                    new LinkedHashSet<>()));
    if (!finding.subject().equals(subject)) {
      finding.others().add(subject);
    }
  }

  private static String member(Step step) {
    String owner = CallWalk.simpleName(step.owner());
    if (!step.isCall()) {
      return owner + "." + step.name();
    }
    return step.name().equals("<init>")
        ? "new " + ClassFile.signature(owner, step.descriptor())
        : ClassFile.signature(owner + "." + step.name(), step.descriptor());
  }
}
