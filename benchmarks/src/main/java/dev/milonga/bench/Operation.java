package dev.milonga.bench;

import java.util.SplittableRandom;

/** What a thread of the {@link ClosedLoop} does over and over. Called by many threads at a time. */
@FunctionalInterface
interface Operation {

  /**
   * Does it once.
   *
   * @param random the calling thread's own
   * @return how many operations it counts as, at least 1
   */
  int run(SplittableRandom random) throws Exception;
}
