package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.StreamId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * Blocks on snapshots beside a writer, in the interleavings of their steps that Lincheck chooses: a
 * block finds the version of its snapshot, and when all have ended none is kept.
 */
@EnabledForJreRange(max = JRE.JAVA_21) // Lincheck 3.7 cannot look into the classes of later ones
public class SnapshotsLincheckTest {

  private static final Waiting WAITING = new Waiting(Duration.ofHours(1), Environment.system());
  private static final BoundType<Count> TYPE =
      new TypeBinding(Codec.standard()).bind(TypeToken.of(Count.class), Optional.empty());
  private static final InMemoryLog LOG = InMemoryLog.create();

  private final OpenSnapshots snapshots = new OpenSnapshots(4);
  private final VersionedView<Count> view =
      new VersionedView<>(
          "count",
          StreamId.named("count"),
          TYPE,
          LOG,
          WAITING,
          StoredCheckpoints.alone(LOG, WAITING),
          snapshots);
  private final AtomicLong tail = new AtomicLong();
  private final ReentrantLock applying = new ReentrantLock(); // as the view's own

  /** Appends a call, and brings the view past it. */
  @Operation
  public void write() throws Throwable {
    applyUpTo(tail.incrementAndGet());
  }

  /** A block that reads one object. */
  @Operation
  public boolean block() throws Throwable {
    int slot = snapshots.open(tail.get());
    try {
      long snapshot = tail.get();
      snapshots.settle(slot, snapshot);
      applyUpTo(snapshot);
      Count version = view.versionAt(snapshot);
      return version != null && version.total() == snapshot;
    } finally {
      snapshots.close(slot);
    }
  }

  private void applyUpTo(long target) throws Throwable {
    applying.lock();
    try {
      while (view.upTo() < target) {
        long position = view.upTo();
        view.beginApplying(WAITING.begin());
        view.apply(TYPE.mutatorNamed("add"), new @Nullable Object[] {1L});
        view.entryApplied(position);
        view.publish(position + 1);
      }
    } finally {
      applying.unlock();
    }
  }

  @Validate
  public void nothingIsKept() {
    if (view.versions() != 1) {
      throw new IllegalStateException(view.versions() + " versions are kept, and no block is open");
    }
  }

  /** Makes versions, and nothing besides. */
  public static class Count implements Versioned<Count> {

    private long total;

    @Mutator
    public void add(long n) {
      total += n;
    }

    @Accessor
    public long total() {
      return total;
    }

    @Override
    public Count fork() {
      Count fork = new Count();
      fork.total = total;
      return fork;
    }
  }

  @Test
  void blocksBesideWriters_eachFindsItsVersionAndNoneIsKept() {
    new ModelCheckingOptions()
        .iterations(3 * Integer.getInteger("milonga.lincheck", 1))
        .invocationsPerIteration(40)
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(1)
        .actorsAfter(0)
        .check(SnapshotsLincheckTest.class);
  }
}
