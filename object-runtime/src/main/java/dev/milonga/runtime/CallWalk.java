package dev.milonga.runtime;

import dev.milonga.runtime.ClassFile.Code;
import dev.milonga.runtime.ClassFile.Step;
import dev.milonga.runtime.ClassFiles.Located;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/** A breadth-first walk over the methods that a method leads to; the caller says which. */
final class CallWalk {

  /** Code larger than this is looked at in part: a check at open has to end. */
  private static final int METHODS_MAX = 10_000;

  /** A method that was reached, and from where. */
  record Frame(ClassFile owner, Code code, @Nullable Frame caller) {

    /**
     * The way here: {@code Inventory.take → Inventory.stamp}. Compiler-made methods are left out.
     */
    String path() {
      String before = caller == null ? "" : caller.path();
      if (caller != null && (code.is(Opcodes.ACC_SYNTHETIC) || code.name().equals("<clinit>"))) {
        return before;
      }
      String name = simpleName(owner.name());
      String here = code.name().equals("<init>") ? "new " + name : name + "." + code.name();
      return before.isEmpty() ? here : before + " → " + here;
    }
  }

  /** Looks at one step of one method, and passes on the methods to look at because of it. */
  interface Visitor {
    void visit(Frame at, Step step, Consumer<Located> next);
  }

  private CallWalk() {}

  /** Visits every step of that method and of all methods passed on, each method once. */
  static void from(Located start, Visitor visitor) {
    Set<String> seen = new HashSet<>();
    Deque<Frame> queue = new ArrayDeque<>();
    enqueue(start, null, seen, queue);
    while (!queue.isEmpty()) {
      Frame at = queue.remove();
      for (Step step : at.code().steps()) {
        visitor.visit(at, step, next -> enqueue(next, at, seen, queue));
      }
    }
  }

  private static void enqueue(
      Located next, @Nullable Frame caller, Set<String> seen, Deque<Frame> queue) {
    if (seen.size() < METHODS_MAX && seen.add(next.owner().name() + "." + next.code().key())) {
      queue.add(new Frame(next.owner(), next.code(), caller));
    }
  }

  /** The name of a class as one reads it: {@code Map.Entry}, not {@code java/util/Map$Entry}. */
  static String simpleName(String internalName) {
    return internalName.substring(internalName.lastIndexOf('/') + 1).replace('$', '.');
  }
}
