package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A call of a mutator that a call scope has taken down, with its arguments as they were at that
 * moment. Immutable.
 */
public final class EncodedCall {

  private final ObjectHandle<?> object;
  private final BoundMutator mutator;
  private final byte[] arguments;
  private final @Nullable LocalCall local; // null if the arguments have to be decoded
  private final ConflictKeys keys;

  EncodedCall(
      ObjectHandle<?> object,
      BoundMutator mutator,
      byte[] arguments,
      @Nullable LocalCall local,
      ConflictKeys keys) {
    this.object = object;
    this.mutator = mutator;
    this.arguments = arguments;
    this.local = local;
    this.keys = keys;
  }

  /** The object it was called on. */
  public ObjectHandle<?> object() {
    return object;
  }

  /** What the call writes. */
  public ConflictKeys keys() {
    return keys;
  }

  /** Whether the call reads nothing, so that it is never the reason for an abort. */
  public boolean blind() {
    return mutator.model().blind();
  }

  BoundMutator mutator() {
    return mutator;
  }

  byte[] arguments() {
    return arguments;
  }

  /** The call with its arguments, if they need not be decoded; else null. */
  @Nullable LocalCall local() {
    return local;
  }

  /** The arguments as replicas get them; nothing of them is shared that can be changed. */
  @Nullable Object[] values() {
    return local != null ? local.arguments() : mutator.decode(arguments);
  }

  /** The call, by its name in the log: {@code Inventory.take(sku-1, 2)}. */
  @Override
  public String toString() {
    String name =
        object.view().type.model().rawClass().getSimpleName() + "." + mutator.model().name();
    return Arrays.stream(values())
        .map(String::valueOf)
        .collect(Collectors.joining(", ", name + "(", ")"));
  }
}
