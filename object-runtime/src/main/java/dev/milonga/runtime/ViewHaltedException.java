package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * An object's local view stopped at a log entry that it cannot apply. A call refused for this is
 * not durable; one whose own entry was accepted before the view stopped is, and {@link #durable()}
 * says so. Other objects go on. The remedy is a version of the class that can read the entry, or,
 * if the entry itself is at fault, skipping it through the log, which heals every client.
 */
public final class ViewHaltedException extends StoreException {

  private final String object;
  private final LogPosition position;

  /** The view of that object stopped at that entry for that reason. */
  public ViewHaltedException(
      String object,
      LogPosition position,
      String reason,
      Durable durable,
      @Nullable Throwable cause) {
    super(
        "object \"" + object + "\" is halted at log position " + position + ": " + reason,
        durable,
        cause);
    this.object = object;
    this.position = position;
  }

  /** The name of the object. */
  public String object() {
    return object;
  }

  /** The entry that cannot be applied. */
  public LogPosition position() {
    return position;
  }
}
