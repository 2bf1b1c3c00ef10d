/**
 * The front door: {@link dev.milonga.Milonga} opens a store and hands out replicated objects.
 * Nothing else is needed to begin.
 */
@NullMarked
package dev.milonga;

import org.jspecify.annotations.NullMarked;
