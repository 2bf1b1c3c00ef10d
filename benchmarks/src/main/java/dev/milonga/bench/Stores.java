package dev.milonga.bench;

import dev.milonga.Milonga;
import java.nio.file.Path;

/** How the stores that are measured are opened. */
public final class Stores {

  private Stores() {}

  /** A durable store that never checkpoints by itself: nothing but what is measured runs. */
  public static Milonga withoutCheckpoints(Path directory) {
    return Milonga.builder().directory(directory).backgroundCheckpoints(false).open();
  }
}
