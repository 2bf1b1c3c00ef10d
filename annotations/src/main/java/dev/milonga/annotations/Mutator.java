package dev.milonga.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method that changes the object (Tango §3.1).
 *
 * <p>A call through a replicated object is written to the shared log and then applied, in log
 * order, by every process that has the object open. The call returns, or throws, what the
 * application of its own log entry returned or threw.
 *
 * <p>The method runs once on every replica, possibly years later when a log is replayed. It must
 * therefore depend on the object's state and its arguments alone: time and randomness come from
 * {@link Deterministic}, and there is no I/O. It must leave the state as it was when it throws, and
 * it must not call other replicated objects. The object is refused at open, with every reason
 * listed, where this can be seen from the class.
 *
 * <p>A mutator may be public, protected or package-private, but not private, static or final. A
 * {@code void} mutator that cannot throw is <em>blind</em>: inside a transaction it counts as a
 * write only, never as a read.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Mutator {

  /**
   * The name under which calls are recorded in the log; the method's own name if empty. It is part
   * of the object's history for ever, and one class has at most one mutator of a name: overloaded
   * mutators need a name each.
   */
  String value() default "";

  /** Earlier names of this mutator, under which the log may still hold calls. */
  String[] aliases() default {};
}
