package dev.milonga.runtime;

import dev.milonga.log.StreamId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * In force in a block in the past: every object as it was at one position. Mutators are refused.
 */
final class PastScope implements CallScope {

  private final ObjectRuntime runtime;
  private final PastViews views;
  private final long upTo;
  private final Map<StreamId, Long> asked = new HashMap<>(0); // ends of orders to skip

  /** Sees what stands below {@code upTo}. */
  PastScope(ObjectRuntime runtime, PastViews views, long upTo) {
    this.runtime = runtime;
    this.views = views;
    this.upTo = upTo;
  }

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    throw new IllegalStateException(
        object.mutator(mutator).label()
            + " was called on \""
            + object.name()
            + "\" inside a block in the past, which cannot be changed. Call it outside of the"
            + " block");
  }

  @Override
  public @Nullable Object access(
      ObjectHandle<?> object, int accessor, @Nullable Object[] arguments) {
    if (object.runtime() != runtime) {
      throw new IllegalStateException(
          "a block in the past of one store called " + object + ", which another store has open");
    }
    View<?> present = object.view();
    try {
      // Nor may there be an order to skip an entry that the present view has not come to yet.
      long orders = orders(object.stream());
      if (present.upTo() >= upTo && present.upTo() >= orders) {
        try {
          return present.readAt(upTo, object.accessor(accessor), arguments);
        } catch (StaleSnapshotException e) {
          // The usual case: the present has gone on.
        }
      }
      return views.at(object, upTo, orders).read(object.accessor(accessor), arguments);
    } catch (Throwable e) {
      throw Sneaky.unchecked(e);
    }
  }

  // A log in another process is asked once for each object.
  private long orders(StreamId stream) {
    return views.tellsOrders()
        ? views.orders(stream)
        : asked.computeIfAbsent(stream, views::orders);
  }
}
