package dev.milonga.log.server;

import java.io.IOException;

/** Two small slots that are overwritten in place, each of {@link #SLOT_BYTES} bytes. */
interface MarkSlots extends AutoCloseable {

  int SLOT_BYTES = 64;

  /** What is in that slot, 0 or 1; fewer bytes if there are fewer. */
  byte[] read(int slot) throws IOException;

  /** Overwrites that slot; a crash may leave any mixture of old and new. */
  void write(int slot, byte[] bytes) throws IOException;

  /** Makes all writes so far durable. */
  void sync() throws IOException;

  @Override
  void close();
}
