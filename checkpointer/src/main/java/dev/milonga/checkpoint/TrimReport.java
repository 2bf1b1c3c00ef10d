package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;

/**
 * What came of trimming.
 *
 * @param mark the trim mark that is in force: the oldest entry that can be read
 * @param before the trim mark as it was
 * @param heldBackBy what keeps the entry at the mark: the object whose checkpoint begins there, or
 *     who holds a lease
 */
public record TrimReport(LogPosition mark, LogPosition before, String heldBackBy) {}
