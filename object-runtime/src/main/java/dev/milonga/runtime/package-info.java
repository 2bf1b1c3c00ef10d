/**
 * What the log means: how calls of mutators become records, how records become state, and how an
 * annotated class becomes a replicated object (Tango §3). {@link dev.milonga.runtime.ObjectRuntime}
 * is the entrance, and the type to read first.
 */
@NullMarked
package dev.milonga.runtime;

import org.jspecify.annotations.NullMarked;
