package dev.milonga.runtime;

/**
 * Implemented by generated proxies alone. Public only because they are defined beside the classes
 * they extend; of no use to an application.
 */
public interface Proxied {

  /** The object that the proxy stands for. */
  ObjectHandle<?> milongaHandle();

  /** Called once, before the proxy is handed out. */
  void milongaHandle(ObjectHandle<?> handle);
}
