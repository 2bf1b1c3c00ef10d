package dev.milonga.log;

/** The store was closed before the call began. Nothing of the call is durable. */
public final class StoreClosedException extends StoreException {

  /** What was called is closed; {@code what} names it. */
  public StoreClosedException(String what) {
    super(what + " is closed", Durable.NOTHING, null);
  }
}
