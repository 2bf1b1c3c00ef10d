package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;

/**
 * How far the checkpoint has come that is being taken.
 *
 * @param position what it stands for
 * @param done objects that were dealt with
 * @param objects objects in all
 * @param bytes of state written
 */
public record CheckpointProgress(LogPosition position, int done, int objects, long bytes) {}
