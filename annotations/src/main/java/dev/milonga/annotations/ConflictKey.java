package dev.milonga.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the parameter of a mutator or accessor that says which part of the object the call touches.
 *
 * <p>Two transactions that touch different keys of one object do not conflict. A method without a
 * conflict key touches the whole object, and conflicts with every key of it. Where several
 * parameters are marked, the call touches each of those keys. A {@code null} key counts as a key of
 * its own.
 *
 * <p>Marking a parameter is a promise: a mutator changes nothing, and an accessor depends on
 * nothing, that does not belong to its keys. Keys are compared by their encoded form, so equal keys
 * must encode alike.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface ConflictKey {}
