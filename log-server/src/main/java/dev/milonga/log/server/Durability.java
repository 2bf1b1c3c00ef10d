package dev.milonga.log.server;

/** When an append is acknowledged. */
public enum Durability {
  /** When it is on disk. What was acknowledged survives the loss of power. The default. */
  SYNC,
  /**
   * When the operating system has it; it is on disk at most 100 milliseconds later, as long as the
   * disk keeps up. What was acknowledged survives the end of the process. When power is lost, the
   * last appends may be gone: a suffix of the log, without gaps.
   */
  ASYNC
}
