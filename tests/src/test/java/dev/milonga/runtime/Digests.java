package dev.milonga.runtime;

/**
 * Digests of the states behind replicated objects, for tests. Nothing must be applied meanwhile.
 */
public final class Digests {

  private Digests() {}

  /** Of an object as a client has it at this moment. */
  public static long of(Object replicated) {
    return of(((Proxied) replicated).milongaHandle().view());
  }

  private static <T> long of(View<T> view) {
    return view.type.image().digest(view.state());
  }
}
