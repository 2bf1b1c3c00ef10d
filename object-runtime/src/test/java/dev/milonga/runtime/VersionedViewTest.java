package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which versions a view keeps for the blocks that are open, and for how long. */
class VersionedViewTest {

  private final InMemoryLog log = InMemoryLog.create();
  private final ObjectRuntime here = ObjectRuntime.builder(log).build();
  private final ObjectRuntime there = ObjectRuntime.builder(log).build();
  private final Tally tally = here.open(TypeToken.of(Tally.class), "tally");
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
  void blockHasEnded_itsVersionsGoWithTheNextEntry() {
    int slot = here.openSnapshots().open(tail());
    add(50);

    here.openSnapshots().close(slot);
    add(1);

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
    add(1);

    assertThat(view.versions()).isEqualTo(22);
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
      assertThat(view.versions()).isLessThanOrEqualTo(2);
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

    for (int slot : slots) {
      snapshots.close(slot);
    }

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
