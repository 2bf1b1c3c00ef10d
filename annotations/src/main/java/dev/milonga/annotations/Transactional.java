package dev.milonga.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method of a replicated class that combines mutators and accessors into one serializable
 * transaction. The method itself runs at the caller, like every unannotated method, and is run
 * again when the transaction has lost against another one; it must therefore have no effects other
 * than on replicated objects.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Transactional {

  /** Whether the method only reads. A read-only method writes nothing and never aborts. */
  boolean readOnly() default false;
}
