package dev.milonga.tests;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.server.SimulatedDisk;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the log of a simulation has promised so far, checked against what is durable. */
final class Acknowledgements {

  private final SimulatedDisk disk;
  private final long sessionTimeoutMicros;
  private final Map<RequestId, LogPosition> positions = new LinkedHashMap<>(); // learntBelow is 0
  private final Map<SessionId, Long> lastUses = new HashMap<>(); // log time, or before it
  private long latestMicros; // of all times that the clock has told

  Acknowledgements(SimulatedDisk disk, long sessionTimeoutMicros) {
    this.disk = disk;
    this.sessionTimeoutMicros = sessionTimeoutMicros;
  }

  void timeTold(long micros) {
    latestMicros = Math.max(latestMicros, micros);
  }

  void opened(SessionId session, long micros) {
    lastUses.put(session, micros);
  }

  /** It must be durable, hold what was asked for, and stand where an earlier answer said. */
  void appended(AppendRequest request, LogPosition position) {
    if (position.value() >= disk.durableTail()) {
      throw new AssertionError(
          position + " was acknowledged, and durable is " + disk.durableTail());
    }
    LogEntry entry = disk.entries().get((int) position.value());
    if (!entry.payload().equals(request.payload()) || !entry.writes().equals(request.writes())) {
      throw new AssertionError(
          request + " was acknowledged at " + position + ", there is " + entry);
    }
    request
        .requestId()
        .ifPresent(
            id -> {
              lastUses.merge(id.session(), entry.timeMicros(), Math::max);
              LogPosition before = positions.putIfAbsent(identity(id), position);
              if (before != null && !before.equals(position)) {
                throw new AssertionError(id + " was told " + before + " and then " + position);
              }
            });
  }

  /** A session ends only when it has not been used for as long as was promised. */
  void expired(SessionId session) {
    Long used = lastUses.get(session);
    if (used != null && latestMicros - used <= sessionTimeoutMicros) {
      throw new AssertionError(
          session + " is refused " + (latestMicros - used) + " microseconds after its last use");
    }
  }

  /** Everything acknowledged is there. */
  void checkAll() {
    positions.forEach(
        (id, position) -> {
          if (!position.equals(disk.positionOf(id))) {
            throw new AssertionError(
                id + " was acknowledged at " + position + ", it is at " + disk.positionOf(id));
          }
        });
  }

  private static RequestId identity(RequestId id) {
    return new RequestId(id.session(), id.sequence(), 0);
  }
}
