package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StoreException;
import dev.milonga.runtime.CallScopes;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.TrimLedger;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the log for the blocks of one client that last: from the oldest of them on, against whoever
 * trims. Blocks are short, and a lease is two entries in the log; so a block gets one only when it
 * is seen for the second time. The lease is renewed as long as the block lasts. A process that dies
 * in it renews nothing, and its lease runs out.
 */
final class BlockLease {

  private static final Logger LOG = LoggerFactory.getLogger(BlockLease.class);

  /** How often it looks while a lease lasts. */
  private static final int LOOKS = 12;

  private static final int LOOKS_UNTIL_RENEWED = LOOKS / 3;

  private final ObjectRuntime runtime;
  private final Duration length;

  // Held while it looks, and while it ends: ending the schedule does not wait for the last look.
  private final ReentrantLock looking = new ReentrantLock();

  // Guarded by looking.
  private Optional<LogPosition> seen = Optional.empty();
  private Optional<Held> held = Optional.empty();
  private boolean ended;

  private record Held(long lease, LogPosition from, int looks) {}

  BlockLease(ObjectRuntime runtime, Duration length) {
    this.runtime = runtime;
    this.length = length;
  }

  /** How long to wait before each look, in nanoseconds. */
  long pauseNanos() {
    return Math.max(1, length.toNanos() / LOOKS);
  }

  /** Looks whether there is a block to hold the log for. */
  void look() {
    looking.lock();
    try {
      if (!ended) {
        adjust(runtime.oldestBlock());
      }
    } catch (StoreException e) {
      // It is tried again with the next look; until then the lease that there is has some time.
      LOG.debug("the log is not held for a block: {}", e.getMessage());
    } finally {
      looking.unlock();
    }
  }

  private void adjust(Optional<LogPosition> oldest) {
    TrimLedger ledger = runtime.trimLedger();
    if (held.isPresent() && !held.map(Held::from).equals(oldest)) {
      release();
    }
    if (held.isPresent()) {
      Held known = held.get();
      held = Optional.of(new Held(known.lease, known.from, known.looks + 1));
      if (known.looks >= LOOKS_UNTIL_RENEWED) {
        held =
            ledger.renew(known.lease, length)
                ? Optional.of(new Held(known.lease, known.from, 0))
                : Optional.empty();
      }
    }
    if (held.isEmpty() && oldest.isPresent() && oldest.equals(seen)) {
      long lease = ledger.lease(oldest.get().value(), length);
      if (lease >= 0) { // or what the block sees was trimmed already
        held = Optional.of(new Held(lease, oldest.get(), 0));
      }
    }
    seen = oldest;
  }

  private void release() {
    Held known = held.orElseThrow();
    held = Optional.empty(); // whatever comes of it: it runs out by itself
    runtime.trimLedger().release(known.lease);
  }

  /** Gives up the lease, if there is one, and looks no more. */
  void end() {
    looking.lock();
    try {
      ended = true;
      if (held.isPresent() && CallScopes.current() == null) {
        release(); // inside a block it would be part of that
      }
    } catch (StoreException e) {
      LOG.debug("a lease was not given back, and will run out: {}", e.getMessage());
    } finally {
      looking.unlock();
    }
  }
}
