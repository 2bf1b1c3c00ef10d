package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which versions a view keeps for the blocks that are open, and for how long. */
class VersionedViewTest {

  private final InMemoryLog log = InMemoryLog.create();
  private final ObjectRuntime here = ObjectRuntime.builder(log).build();
  private final ObjectRuntime there = ObjectRuntime.builder(log).build();
  private final Tally tally = here.open(TypeToken.of(Tally.class), "tally");
  private final long registrations = tail(); // entries before the first of the tally's own
  private final VersionedView<?> view = (VersionedView<?>) ((Proxied) tally).milongaHandle().view();

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
  }

  @Test
  void noBlockIsOpen_oneVersionIsKept() {
    add(100);

    assertThat(view.versions()).isEqualTo(1);
  }

  @Test
  void blockIsOpen_itFindsEveryStateFromItsSnapshotOn() {
    add(3);
    long snapshot = tail();
    int slot = here.openSnapshots().open(snapshot);

    add(50);

    assertThat(view.versions()).isEqualTo(51);
    for (int i = 0; i <= 50; i++) {
      assertThat(((Tally) view.versionAt(snapshot + i)).total()).isEqualTo(3 + i);
    }
    here.openSnapshots().close(slot);
  }

  @Test
  void blockOnOneSnapshot_thatVersionAloneIsKept() {
    add(3);
    long snapshot = tail();
    int slot = here.openSnapshots().open(tail());
    here.openSnapshots().settle(slot, snapshot);

    add(1_000);

    assertThat(view.versions()).isEqualTo(2);
    assertThat(((Tally) view.versionAt(snapshot)).total()).isEqualTo(3);
    assertThat(view.versionAt(snapshot - 1)).isNull();
    assertThat(view.versionAt(snapshot + 1)).isNull();
    here.openSnapshots().close(slot);
  }

  @Test
  void blocksOnSnapshotsWithGapsBetween_eachSeesItsOwnAndNoneSeesTheGap() {
    int[] slots = new int[3];
    long[] at = new long[3];
    for (int i = 0; i < 3; i++) {
      slots[i] = here.openSnapshots().open(tail());
      at[i] = tail();
      here.openSnapshots().settle(slots[i], at[i]);
      add(10);
    }
    assertThat(view.versions()).isEqualTo(4);

    here.openSnapshots().close(slots[1]);

    assertThat(view.versions()).isEqualTo(3);
    assertThat(((Tally) view.versionAt(at[0])).total()).isZero();
    assertThat(view.versionAt(at[1])).isNull();
    assertThat(((Tally) view.versionAt(at[2])).total()).isEqualTo(20);
    here.openSnapshots().close(slots[0]);
    here.openSnapshots().close(slots[2]);
    assertThat(view.versions()).isEqualTo(1);
  }

  @Test
  void blockHasEnded_itsVersionsGoAtOnceThoughNothingIsWrittenAgain() {
    int slot = here.openSnapshots().open(tail());
    add(50);
    assertThat(view.versions()).isEqualTo(51);

    here.openSnapshots().close(slot);

    assertThat(view.versions()).isEqualTo(1);
  }

  @Test
  void blockSettles_whatWasKeptForOtherPositionsGoesAtOnce() {
    long snapshot = tail();
    int slot = here.openSnapshots().open(snapshot);
    add(50);

    here.openSnapshots().settle(slot, snapshot + 20);

    assertThat(view.versions()).isEqualTo(2);
    assertThat(((Tally) view.versionAt(snapshot + 20)).total()).isEqualTo(20);
    here.openSnapshots().close(slot);
  }

  @Test
  void twoBlocksOnOneSnapshot_theLastOneReleasesIt() {
    int first = here.openSnapshots().open(tail());
    int second = here.openSnapshots().open(tail());
    here.openSnapshots().settle(first, tail());
    here.openSnapshots().settle(second, tail());
    add(1);

    here.openSnapshots().close(first);
    assertThat(view.versions()).isEqualTo(2);

    here.openSnapshots().close(second);
    assertThat(view.versions()).isEqualTo(1);
  }

  @Test
  void olderOfTwoBlocksHasEnded_whatTheYoungerNeedsIsKept() {
    int older = here.openSnapshots().open(tail());
    add(20);
    long snapshot = tail();
    int younger = here.openSnapshots().open(snapshot);
    add(20);
    assertThat(view.versions()).isEqualTo(41);

    here.openSnapshots().close(older);

    assertThat(view.versions()).isEqualTo(21);
    assertThat(((Tally) view.versionAt(snapshot)).total()).isEqualTo(20);
    assertThat(view.versionAt(snapshot - 1)).isNull();
    here.openSnapshots().close(younger);
  }

  @Test
  void blocksComeAndGo_versionsDoNotPileUp() {
    for (int i = 0; i < 1_000; i++) {
      int slot = here.openSnapshots().open(tail());
      add(1);
      here.openSnapshots().close(slot);
      assertThat(view.versions()).isEqualTo(1);
    }
  }

  @Test
  void viewThatIsBehindTheSnapshot_keepsNothingBeforeIt() {
    Tally theirs = there.open(TypeToken.of(Tally.class), "tally");
    for (int i = 0; i < 50; i++) {
      theirs.add(1);
    }
    int slot = here.openSnapshots().open(tail());

    assertThat(tally.total()).isEqualTo(50);

    assertThat(view.versions()).isEqualTo(1);
    here.openSnapshots().close(slot);
  }

  @Test
  void moreBlocksThanSlots_someGoWithout() {
    OpenSnapshots snapshots = here.openSnapshots();
    int[] slots = new int[300];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = snapshots.open(1_000 - i);
    }
    assertThat(Arrays.stream(slots).filter(slot -> slot < 0)).hasSize(300 - 256);
    assertThat(snapshots.oldest()).isEqualTo(1_000 - 255);

    Arrays.stream(slots).filter(slot -> slot >= 0).forEach(snapshots::close);

    assertThat(snapshots.oldest()).isEqualTo(OpenSnapshots.NONE);
  }

  @Test
  void entriesTakenInAtOnce_haveNoVersionsBetween() {
    Tally theirs = there.open(TypeToken.of(Tally.class), "tally");
    add(1);
    long before = tail();
    theirs.add(1);
    theirs.add(1);
    long after = tail();

    assertThat(tally.total()).isEqualTo(3);

    assertThat(((Tally) view.versionAt(after)).total()).isEqualTo(3);
    assertThat(view.versionAt(after - 1)).isNull();
    assertThat(view.versionAt(before)).isNull();
  }

  @Test
  void blocksAndWritersOnManyThreads_whenAllHaveEndedNothingIsKept() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      running.add(
          threads.submit(
              () -> {
                for (int n = 0; n < 5_000; n++) {
                  try (HeldSnapshot held = here.holdSnapshot()) {
                    long snapshot = held.moveToTail().value();
                    if (n % 5 == 0) {
                      tally.add(1);
                    }
                    Tally seen = (Tally) view.versionAt(snapshot);
                    if (seen != null && seen.total() != snapshot - registrations) {
                      throw new AssertionError(seen.total() + " at " + snapshot);
                    }
                  }
                }
                return null;
              }));
    }
    for (Future<?> each : running) {
      each.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();

    assertThat(tally.total()).isEqualTo(4_000);
    assertThat(view.versions()).isEqualTo(1);
  }

  private void add(int times) {
    for (int i = 0; i < times; i++) {
      tally.add(1);
    }
  }

  private long tail() {
    LogPosition tail = log.tail().join();
    return tail.value();
  }
}
