package dev.milonga.log.server;

import dev.milonga.log.LogEntry;

/**
 * An entry as the engine has accepted it.
 *
 * @param entry the entry
 * @param bytes its binary form
 * @param previous for each stream written, in the entry's order, the position of the stream's entry
 *     before this one, which may have been trimmed since; below 0 if there is none, or all were
 *     trimmed before the engine was opened
 */
record AcceptedEntry(LogEntry entry, byte[] bytes, long[] previous) {}
