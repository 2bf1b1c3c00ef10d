package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** An accessor ready to be called. Immutable. */
final class BoundAccessor {

  private final AccessorMethod model;
  private final String label;
  private final MethodHandle invocation; // (Object, Object[]) Object
  private final KeyHashes keys;
  private final ValueCopier result;

  BoundAccessor(
      AccessorMethod model,
      String label,
      Codec codec,
      MethodHandle invocation,
      ValueCopier result) {
    this.model = model;
    this.label = label;
    this.invocation = invocation;
    this.keys = KeyHashes.of(model.parameterTypes(), model.conflictKeyParameters(), codec);
    this.result = result;
  }

  AccessorMethod model() {
    return model;
  }

  /** Class and method for messages: {@code Inventory.inStock}. */
  String label() {
    return label;
  }

  /** What a call with those arguments reads. */
  ConflictKeys keys(@Nullable Object[] values) {
    return keys.of(values);
  }

  @Nullable Object invoke(Object state, @Nullable Object[] values) throws Throwable {
    return invocation.invokeExact(state, values);
  }

  /** What makes a returned value one that the caller may keep. */
  ValueCopier result() {
    return result;
  }

  /** The returned value as the caller may keep it: it aliases nothing of the state. */
  @Nullable Object detach(@Nullable Object returned) {
    return result.copy(returned);
  }
}
