package dev.milonga.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method that reads the object and changes nothing (Tango §3.1).
 *
 * <p>A call first brings the local state up to the tail of the log and then runs against it, so it
 * sees every mutation that was acknowledged anywhere before the call began. Several accessors may
 * run at the same time; none runs while a mutation is applied to the state it reads.
 *
 * <p>What an accessor returns never aliases replicated state: values of deeply immutable types
 * (primitives, {@code String}, enums, {@code java.time}, records of such, …) are returned as they
 * are, everything else as a copy. In a {@link Versioned} class an accessor may also return an
 * {@code Iterator} or a {@code Stream}, which then runs over the one immutable version it was made
 * from.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Accessor {}
