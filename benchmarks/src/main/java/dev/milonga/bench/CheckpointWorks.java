package dev.milonga.bench;

import java.util.List;

/** Opening from checkpoints, writing beside them, the past, and trimming. */
final class CheckpointWorks {

  private static final String GROUP = "checkpoints";

  private CheckpointWorks() {}

  static List<Work> all() {
    return List.of(
        CheckpointReopenWork.large("reopen-checkpoint", GROUP, 1_000_000),
        CheckpointReopenWork.background("reopen-background", GROUP, 1_000_000),
        CheckpointPutsWork.work("checkpoint-put-16", GROUP, 1_000_000),
        PastWork.work("at-1000", GROUP),
        TrimWork.work("trim", GROUP, 10_000_000));
  }
}
