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
 * since. Such a mutator counts as a read of its keys. Seen are a {@code throw} in the user's own
 * code, and calls of library methods whose purpose is to throw.
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
    if (!files.isOwn(step.owner())) {
      canThrow |= isMadeToThrow(step);
      return;
    }
    files
        .callee(step, at.owner())
        .ifPresent(
            callee -> {
              look(callee.code());
              next.accept(callee);
            });
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
