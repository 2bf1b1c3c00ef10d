package dev.milonga.runtime;

import dev.milonga.runtime.CallWalk.Frame;
import dev.milonga.runtime.ClassFile.Code;
import dev.milonga.runtime.ClassFile.Step;
import dev.milonga.runtime.ClassFiles.Located;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides whether a mutator that returns nothing is blind: whether a transaction may buffer a call
 * of it without looking at the state.
 *
 * <p>A mutator that can refuse by throwing is not: {@code withdraw(100)} says by not throwing that
 * the money was there, and a transaction that went by that must abort if the account has changed
 * since. Such a mutator counts as a read of its keys. Seen are a {@code throw} in the class itself
 * and in those it extends, and calls of methods there whose name says that they are made to throw.
 * What goes unseen is not lost: a blind call that throws when it is applied is reported by the
 * commit.
 */
final class BlindCheck {

  private final ClassFiles files;
  private boolean canThrow;

  private BlindCheck(ClassFiles files) {
    this.files = files;
  }

  /** Whether that mutator, which returns nothing, cannot refuse. */
  static boolean cannotRefuse(MethodTable.Entry mutator, ClassFiles files) {
    if (mutator.method().getExceptionTypes().length > 0) {
      return false;
    }
    Optional<Located> code = files.resolve(files.root(), MethodTable.key(mutator.method()));
    if (code.isEmpty()) {
      return false; // what cannot be looked at may throw
    }
    BlindCheck check = new BlindCheck(files);
    check.look(code.get().code());
    CallWalk.from(code.get(), check::visit);
    return !check.canThrow;
  }

  private void look(Code code) {
    canThrow |= code.throwing();
  }

  private void visit(Frame at, Step step, Consumer<Located> next) {
    if (!step.isCall()) {
      return;
    }
    Optional<Located> callee = files.callee(step, at.owner());
    if (callee.isPresent() && isOfTheClass(callee.get().owner())) {
      look(callee.get().code());
      next.accept(callee.get());
    } else {
      canThrow |= isMadeToThrow(step);
    }
  }

  private boolean isOfTheClass(ClassFile owner) {
    for (Optional<ClassFile> type = files.find(files.root());
        type.isPresent();
        type = Optional.ofNullable(type.get().superName()).flatMap(files::find)) {
      if (type.get().name().equals(owner.name())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isMadeToThrow(Step call) {
    String name = call.name();
    return name.endsWith("Exact")
        || name.equals("orElseThrow")
        || name.startsWith("requireNonNull")
        || name.startsWith("check")
        || name.startsWith("parse");
  }
}
