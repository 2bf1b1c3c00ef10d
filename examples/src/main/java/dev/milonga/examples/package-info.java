/**
 * Small programs to read, run and change. Each makes its store in the directory that it is given,
 * or else in a temporary one, and prints what it does; run one twice on one directory to see what
 * has lasted. {@link dev.milonga.examples.InventoryExample} is the one to read first.
 */
@NullMarked
package dev.milonga.examples;

import org.jspecify.annotations.NullMarked;
