package dev.milonga.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name under which the log knows a class: a replicated class, or a case of a sealed interface
 * that is passed to one. Without it, the class's simple name is used. The log never holds the name
 * of a Java class or package, so a class may move freely; what it may not do is change its logical
 * name without listing the old one.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface LogicalName {

  /** The name; not empty. */
  String value();

  /** Earlier names of the class, which the log may still hold. */
  String[] aliases() default {};
}
