package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * L4, F2: the file system under a process that writes is shut down at a random moment, so that
 * nothing that was not synced is there afterwards, and what was being written is there in part.
 * {@code -Dmilonga.f2.cuts=…} says how often, on each kind of file system and with each durability.
 */
@Timeout(1_800)
class PowerCutTest {

  private static final int CUTS = Numbers.of("milonga.f2.cuts", 2, 100);
  private static final int DISK_MEBIBYTES = 300;

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);

  @ParameterizedTest(name = "{0}")
  @EnumSource(mode = Mode.EXCLUDE, names = "TMPFS")
  @DisplayName("L4, F2: power is cut, and every append was synced")
  void l4_powerCut_losesNothingAcknowledged(Disk.Kind kind) {
    Report report = new Report("f2-power-cut-" + kind, seed);
    Cuts cuts = new Cuts(Durability.SYNC);
    try (Disk disk = Disk.mount(kind, DISK_MEBIBYTES)) {
      for (int round = 1; round <= CUTS; round++) {
        cuts.cutOnce(disk, round);
      }
    }

    assertThat(cuts.lost).isZero();
    cuts.report(report).write();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(mode = Mode.EXCLUDE, names = "TMPFS")
  @DisplayName("L4, F2: power is cut, and syncs are delayed")
  void l4_powerCutWithDelayedSync_losesASuffixOnly(Disk.Kind kind) {
    Report report = new Report("f2-power-cut-async-" + kind, seed);
    Cuts cuts = new Cuts(Durability.ASYNC);
    try (Disk disk = Disk.mount(kind, DISK_MEBIBYTES)) {
      for (int round = 1; round <= CUTS; round++) {
        cuts.cutOnce(disk, round);
      }
    }

    cuts.report(report).write(); // without gaps, as each round has checked
  }

  @Test
  @DisplayName("L4: a sync that lies is found out by these tests")
  void l4_syncThatLies_isFoundOut() {
    Tools.need("strace", "-V");
    int lost;
    try (Disk disk = Disk.mount(Disk.Kind.EXT4, DISK_MEBIBYTES)) {
      EmbeddedLog.open(disk.store()).close(); // honestly
      List<String> lying =
          List.of(
              "strace",
              "-D",
              "-f",
              "-qq",
              "--seccomp-bpf",
              "-o",
              "/dev/null",
              "-e",
              "trace=fdatasync,fsync",
              "-e",
              "inject=fdatasync,fsync:retval=0");
      Cuts cuts = new Cuts(Durability.SYNC);
      cuts.cutOnce(disk, 1, lying);
      lost = cuts.lost;
    }

    assertThat(lost).isPositive();
  }

  /** Cuts of one disk, one after the other, and what is there after each. */
  private final class Cuts {

    private final Durability durability;
    private final LoadAudit audit = new LoadAudit();
    private int cuts;
    private int acknowledged;
    private int lost;

    Cuts(Durability durability) {
      this.durability = durability;
    }

    void cutOnce(Disk disk, int round) {
      cutOnce(disk, round, List.of());
    }

    void cutOnce(Disk disk, int round, List<String> under) {
      List<String> told;
      try (Child child = Child.start(under, Writing.class, disk.store(), durability, round)) {
        child.go();
        child.await(line -> line.startsWith("entry"));
        LockSupport.parkNanos(random.nextInt(300_000_000));
        disk.cut();
        told = child.kill();
      }
      disk.remount();
      cuts++;
      acknowledged += told.size();
      try (SharedLog log = EmbeddedLog.open(disk.store())) {
        long tail = log.tail().join().value();
        for (String line : told) {
          String[] words = line.split(" ");
          long position = Long.parseLong(words[3]);
          if (position < tail) {
            audit.told(
                new LoadWriter(round, Integer.parseInt(words[1])),
                Long.parseLong(words[2]),
                position);
          } else {
            lost++;
          }
        }
        audit.check(log);
      } catch (StoreException | IllegalArgumentException refused) {
        if (under.isEmpty()) {
          throw refused;
        }
        lost += told.size();
      }
      if (durability == Durability.SYNC && under.isEmpty()) {
        assertThat(lost).as("lost in round %d", round).isZero();
      }
    }

    Report report(Report report) {
      return report
          .put("cuts", cuts)
          .put("acknowledged", acknowledged)
          .put("lost", lost)
          .put("lostBeforeTheEnd", 0)
          .put("entries", audit.entries())
          .put("thereThoughNotAcknowledged", audit.unacknowledged());
    }
  }

  /** The process that writes until its power is cut. */
  static final class Writing {

    private static final int WRITERS = 4;

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      Durability durability = Durability.valueOf(arguments[1]);
      int round = Integer.parseInt(arguments[2]);
      ChildPipe pipe = ChildPipe.open();
      SharedLog log = EmbeddedLog.builder(directory).durability(durability).open();
      List<Callable<Void>> threads = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        LoadWriter writer = new LoadWriter(round, w);
        threads.add(
            () -> {
              Load.run(
                  log,
                  writer,
                  Long.MAX_VALUE,
                  (who, s, p) -> pipe.tell("entry " + who.number() + " " + s + " " + p.value()));
              return null;
            });
      }
      Together.callFor(threads, 1, TimeUnit.HOURS);
    }
  }
}
