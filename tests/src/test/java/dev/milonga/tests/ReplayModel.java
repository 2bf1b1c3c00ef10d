package dev.milonga.tests;

import dev.milonga.log.LogEntry;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.SimulatedDisk;
import dev.milonga.runtime.ViewProbe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What every object of a simulation was after each entry, by applying them one after the other. */
final class ReplayModel {

  private static final int VERSIONS = 4; // that are looked at

  private final SimulatedDisk disk;
  private final Map<StreamId, Past> pasts = new HashMap<>();
  private final List<ViewProbe> views = new ArrayList<>();
  private final Map<ViewProbe, Long> seen = new HashMap<>(); // where a view was when it was checked

  ReplayModel(SimulatedDisk disk) {
    this.disk = disk;
  }

  /** Begins to check those views, too. */
  void watch(List<ViewProbe> more) {
    views.addAll(more);
  }

  /** Forgets all views, whose clients are gone. */
  void forgetViews() {
    views.clear();
    seen.clear();
  }

  /** Checks every view that has moved. */
  void checkMoved() {
    for (ViewProbe view : views) {
      Long before = seen.put(view, view.upTo());
      if (before == null || before != view.upTo()) {
        check(view);
        checkVersions(view);
      }
    }
  }

  // What is kept for blocks that are behind.
  private void checkVersions(ViewProbe view) {
    for (long at = view.upTo() - 1; at >= Math.max(0, view.upTo() - VERSIONS); at--) {
      OptionalLong digest = view.digestAt(at);
      if (digest.isPresent() && digest.getAsLong() != pasts.get(view.stream()).digestAt(at)) {
        throw new AssertionError(
            "the version of " + view.name() + " for " + at + " differs from a replay up to there");
      }
    }
  }

  /** Checks that a view is what the log up to its position makes it. */
  void check(ViewProbe view) {
    long upTo = view.upTo();
    if (upTo > disk.durableTail()) {
      throw new AssertionError(
          "the view of " + view.name() + " is at " + upTo + ", durable is " + disk.durableTail());
    }
    Past past = pasts.computeIfAbsent(view.stream(), any -> new Past(view));
    if (view.digest() != past.digestAt(upTo)) {
      throw new AssertionError(
          "the view of " + view.name() + " at " + upTo + " differs from a replay up to there");
    }
  }

  private final class Past {
    private final StreamId stream;
    private final ViewProbe.Replica<?> replica;
    private final TreeMap<Long, Long> digests = new TreeMap<>(); // by the position after the entry
    private int next;

    Past(ViewProbe like) {
      this.stream = like.stream();
      this.replica = like.replica();
      digests.put(0L, replica.digest());
    }

    long digestAt(long upTo) {
      for (; next < disk.entries().size(); next++) {
        LogEntry entry = disk.entries().get(next);
        if (entry.isIn(stream)) {
          replica.apply(entry);
          digests.put(next + 1L, replica.digest());
        }
      }
      return digests.floorEntry(upTo).getValue();
    }
  }
}
