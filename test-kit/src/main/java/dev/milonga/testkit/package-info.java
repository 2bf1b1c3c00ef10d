/**
 * What tests of applications need. {@link dev.milonga.testkit.Determinism} checks that a class does
 * the same on every replica; read it first.
 */
@NullMarked
package dev.milonga.testkit;

import org.jspecify.annotations.NullMarked;
