/**
 * Replicated collections, written the way a user would write them: each is an ordinary annotated
 * class that compiles against the annotations alone. Read {@link
 * dev.milonga.collections.ReplicatedCounter} first.
 */
@NullMarked
package dev.milonga.collections;

import org.jspecify.annotations.NullMarked;
