package dev.milonga.runtime;

import dev.milonga.log.StoreException;

/**
 * A call of a mutator has taken effect, and what it returned or threw cannot be told: this client
 * was so far behind that the log was trimmed past the call before it was applied here, and the view
 * has gone on from a checkpoint. All is durable; read the object to see what has become of it. A
 * retention by time that is longer than any client's pauses keeps this from happening.
 */
public final class OutcomeLostException extends StoreException {

  /** Of a call on that object. */
  OutcomeLostException(String object) {
    super(
        "the call has taken effect on \""
            + object
            + "\", but the log was trimmed past it before it was applied here: what it returned is"
            + " not known. Retain entries for longer than this client pauses",
        Durable.ALL,
        null);
  }
}
