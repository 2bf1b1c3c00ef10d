/**
 * Checkpoints of all objects, and trim of what they cover (Tango §3.1, "history"). {@link
 * dev.milonga.checkpoint.Checkpointer} is what users see; {@link dev.milonga.checkpoint.TrimPlan}
 * decides what may go, and is the type to read first.
 */
@NullMarked
package dev.milonga.checkpoint;

import org.jspecify.annotations.NullMarked;
