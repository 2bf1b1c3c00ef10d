package dev.milonga.log.server;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One client's session: which of its requests were accepted, for as long as it has not said that it
 * knows of it. Not thread-safe.
 */
final class Session {

  static final int UNLEARNT_MAX = 65_536;

  /** Where a request was accepted, and what tells it apart from another of its number. */
  record Accepted(long position, long digest) {}

  /** Receives what is remembered of a request. */
  interface AcceptedVisitor {
    void accepted(long sequence, Accepted accepted);
  }

  private final long number;
  private final NavigableMap<Long, Accepted> unlearnt = new TreeMap<>(); // none below learntBelow
  private long learntBelow;
  private long lastUsedMicros; // log time; never goes back
  private boolean behind; // the stored row lacks what entries since have changed

  Session(long number, long learntBelow, long lastUsedMicros) {
    this.number = number;
    this.learntBelow = learntBelow;
    this.lastUsedMicros = lastUsedMicros;
  }

  /** Writes all of it. */
  void writeTo(DataOutputStream out) throws IOException {
    out.writeLong(number);
    out.writeLong(learntBelow);
    out.writeLong(lastUsedMicros);
    out.writeBoolean(behind);
    out.writeInt(unlearnt.size());
    for (Map.Entry<Long, Accepted> request : unlearnt.entrySet()) {
      out.writeLong(request.getKey());
      out.writeLong(request.getValue().position());
      out.writeLong(request.getValue().digest());
    }
  }

  /** What {@link #writeTo} wrote. */
  static Session readFrom(ByteBuffer in) {
    Session session = new Session(in.getLong(), in.getLong(), in.getLong());
    session.behind = in.get() != 0;
    for (int left = in.getInt(); left > 0; left--) {
      session.accepted(in.getLong(), new Accepted(in.getLong(), in.getLong()));
    }
    return session;
  }

  long number() {
    return number;
  }

  long learntBelow() {
    return learntBelow;
  }

  long lastUsedMicros() {
    return lastUsedMicros;
  }

  void used(long timeMicros) {
    lastUsedMicros = Math.max(lastUsedMicros, timeMicros);
  }

  boolean isBehind() {
    return behind;
  }

  void setBehind(boolean behind) {
    this.behind = behind;
  }

  /** What is remembered of that request; null if it was not accepted, or is learnt. */
  @Nullable Accepted find(long sequence) {
    return unlearnt.get(sequence);
  }

  /** Whether one more request can be remembered. */
  boolean hasRoom() {
    return unlearnt.size() < UNLEARNT_MAX;
  }

  /** Notes an accepted request, at or above {@link #learntBelow}. */
  void accepted(long sequence, Accepted accepted) {
    unlearnt.put(sequence, accepted);
  }

  /** Forgets the requests below {@code below}; {@code dropped} gets each. */
  void learn(long below, AcceptedVisitor dropped) {
    if (below <= learntBelow) {
      return;
    }
    learntBelow = below;
    Iterator<Map.Entry<Long, Accepted>> oldest = unlearnt.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Long, Accepted> request = oldest.next();
      if (request.getKey() >= below) {
        return;
      }
      oldest.remove();
      dropped.accepted(request.getKey(), request.getValue());
    }
  }

  /** Shows every request that is remembered, in ascending order of sequence. */
  void forEach(AcceptedVisitor visitor) {
    unlearnt.forEach(visitor::accepted);
  }
}
