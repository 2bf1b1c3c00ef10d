package dev.milonga.runtime;

/**
 * The local state of an object is past the snapshot that was asked for, and the state at the
 * snapshot is not kept. A signal between the runtime and its call scopes; no caller of an object
 * sees it.
 */
public final class StaleSnapshotException extends RuntimeException {

  static final StaleSnapshotException INSTANCE = new StaleSnapshotException();

  private StaleSnapshotException() {
    super("the view is past the snapshot", null, false, false);
  }
}
