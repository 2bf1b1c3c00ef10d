package dev.milonga.runtime;

import dev.milonga.runtime.CallWalk.Frame;
import dev.milonga.runtime.ClassFile.Step;
import dev.milonga.runtime.ClassFiles.Located;
import dev.milonga.runtime.MethodTable.Entry;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Finds accessors that change the object: assign a field of it or call a mutator. Such a change is
 * in no log, so one replica alone would have it.
 *
 * <p>The walk stays within the checked class and its superclasses. It does not see a change inside
 * a collection that a field refers to.
 */
final class AccessorCheck {

  private final ClassFiles files;
  private final List<Entry> methods;
  private final Set<String> mutators = new HashSet<>();

  AccessorCheck(ClassFiles files, List<Entry> methods) {
    this.files = files;
    this.methods = methods;
    methods.stream()
        .filter(Entry::isMutator)
        .flatMap(entry -> entry.declarations().stream())
        .forEach(declaration -> mutators.add(MethodTable.key(declaration)));
  }

  /** A sentence for each accessor and what it changes. */
  List<String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    for (Entry entry : methods) {
      if (entry.isAccessor() && !entry.isMutator()) {
        String name = entry.method().getName();
        files
            .resolve(files.root(), MethodTable.key(entry.method()))
            .ifPresent(start -> walk(name, start, problems));
      }
    }
    return List.copyOf(problems.values());
  }

  private void walk(String accessor, Located start, Map<String, String> problems) {
    CallWalk.from(
        start,
        (at, step, next) -> {
          Optional<String> change = change(step, at.owner());
          if (change.isPresent()) {
            problems.putIfAbsent(
                accessor + " " + change.get(), sentence(accessor, change.get(), at, step));
          } else if (step.isCall()) {
            callee(step, at.owner()).ifPresent(next);
          }
        });
  }

  private static String sentence(String accessor, String change, Frame at, Step step) {
    return "accessor '%s' %s: %s (%s), which no other replica would see; use @Mutator instead"
        .formatted(accessor, change, at.path(), at.owner().at(step.line()));
  }

  private Optional<String> change(Step step, ClassFile at) {
    if (step.opcode() == Opcodes.PUTFIELD && files.inChain(step.owner())) {
      return Optional.of("assigns field '" + step.name() + "'");
    }
    if (step.isCall() && files.isSelf(step.owner(), at) && mutators.contains(step.key())) {
      return Optional.of("calls mutator '" + step.name() + "'");
    }
    return Optional.empty();
  }

  /** What that call runs on this object; a constructor or {@code fork} makes another one. */
  private Optional<Located> callee(Step step, ClassFile at) {
    return step.name().equals("<init>")
            || step.key().startsWith("fork()")
            || !files.isSelf(step.owner(), at)
        ? Optional.empty()
        : files.callee(step, at);
  }
}
