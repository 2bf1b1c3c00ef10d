package dev.milonga.log.server.grpc;

import dev.milonga.log.LogEntry;
import dev.milonga.log.wire.Entry;
import org.jspecify.annotations.Nullable;

/** An entry on its way to several clients, which is encoded once for all of them. */
final class SharedEntry {

  private final LogEntry entry;

  // Immutable once there. Two threads may both encode it; either of the results will do.
  private volatile @Nullable Entry message;

  SharedEntry(LogEntry entry) {
    this.entry = entry;
  }

  LogEntry entry() {
    return entry;
  }

  long position() {
    return entry.position().value();
  }

  /** About what it holds in memory. */
  int bytes() {
    return entry.payload().size() + 128;
  }

  Entry message() {
    Entry known = message;
    if (known == null) {
      known = Wire.entry(entry);
      message = known;
    }
    return known;
  }
}
