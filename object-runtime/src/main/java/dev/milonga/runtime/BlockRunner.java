package dev.milonga.runtime;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the body of a method annotated with {@link dev.milonga.annotations.Transactional}. */
public interface BlockRunner {

  /**
   * Runs the body as one transaction, several times if it has to.
   *
   * @param readOnly whether mutators are refused in it
   */
  @Nullable Object run(boolean readOnly, Supplier<@Nullable Object> body);
}
