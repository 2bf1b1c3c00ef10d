/**
 * The shared log as its users see it: one durable, totally ordered sequence of entries, each in one
 * or more streams, with conditional and exactly-once appends (CORFU, Tango §2, vCorfu §4). {@link
 * dev.milonga.log.SharedLog} is the contract, and the type to read first; {@link
 * dev.milonga.log.InMemoryLog} is the simplest log that keeps it.
 */
@NullMarked
package dev.milonga.log;

import org.jspecify.annotations.NullMarked;
