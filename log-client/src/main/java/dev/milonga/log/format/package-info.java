/**
 * The bytes of a log entry, as they are stored and sent. For implementations of a log; applications
 * have no need of it. {@link dev.milonga.log.format.EntryFormat} is all there is.
 */
@NullMarked
package dev.milonga.log.format;

import org.jspecify.annotations.NullMarked;
