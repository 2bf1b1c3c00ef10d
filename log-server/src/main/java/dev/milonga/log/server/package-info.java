/**
 * The log itself: a deterministic engine that orders entries and checks conditions, and the driver
 * that feeds it inside one process. {@link dev.milonga.log.server.EmbeddedLog} is the entrance;
 * {@link dev.milonga.log.server.LogEngine} is where every decision is made, and the type to read
 * first.
 */
@NullMarked
package dev.milonga.log.server;

import org.jspecify.annotations.NullMarked;
