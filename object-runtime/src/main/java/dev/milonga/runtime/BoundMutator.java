package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** A mutator ready to be called: how its arguments are encoded and how it is invoked. Immutable. */
final class BoundMutator {

  private final MutatorMethod model;
  private final String label;
  private final TupleCodec arguments;
  private final MethodHandle invocation; // (Object, Object[]) Object
  private final KeyHashes keys;
  private final ValueCopier result;
  private final boolean keepsValues; // of the codec of the arguments

  BoundMutator(
      MutatorMethod model, String label, Codec codec, MethodHandle invocation, ValueCopier result) {
    this.model = model;
    this.label = label;
    this.arguments = codec.tuple(model.parameterTypes());
    this.keepsValues = arguments.keepsValues();
    this.invocation = invocation;
    this.keys = KeyHashes.of(model.parameterTypes(), model.conflictKeyParameters(), codec);
    this.result = result;
  }

  MutatorMethod model() {
    return model;
  }

  /** Class and method for messages: {@code Inventory.take}. */
  String label() {
    return label;
  }

  byte[] encode(@Nullable Object[] values) {
    return arguments.encode(values);
  }

  @Nullable Object[] decode(byte[] encoded) {
    return arguments.decode(encoded);
  }

  /** A call that needs no decoding here, if decoding would give what is given. */
  @Nullable LocalCall local(@Nullable Object[] values) {
    return keepsValues ? new LocalCall(this, values) : null;
  }

  /** What a call with those arguments writes. */
  ConflictKeys keys(@Nullable Object[] values) {
    return keys.of(values);
  }

  @Nullable Object invoke(Object state, @Nullable Object[] values) throws Throwable {
    return invocation.invokeExact(state, values);
  }

  /** The returned value as the caller may keep it: it aliases nothing of the state. */
  @Nullable Object detach(@Nullable Object returned) {
    return result.copy(returned);
  }
}
