package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogRefusedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RecordingListener;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections that are cut, and servers that are closed and come back, while clients write. */
@Timeout(300)
@SuppressWarnings("try") // a subscription in a try block is there to be closed
class RemoteLogFaultsTest {

  private static final int WRITERS = 3;
  private static final int UNDER_WAY = 20;
  private static final int FAULTS = 4;
  private static final StreamId ALL = StreamId.named("all");

  @TempDir Path directory;
  private EmbeddedLog log;
  private LogServer server;
  private CutWire wire;

  @BeforeEach
  void serve() {
    serve(0);
    wire = new CutWire(server.port());
  }

  private void serve(int port) {
    log = EmbeddedLog.builder(directory).durability(Durability.ASYNC).open();
    server = LogServer.builder(log).drainTime(Duration.ofMillis(500)).port(port).start();
  }

  @AfterEach
  void end() {
    wire.close();
    server.close();
    log.close();
  }

  private RemoteLog connect() {
    return RemoteLog.builder("localhost:" + wire.port()).timeout(Duration.ofSeconds(60)).open();
  }

  private void restart() {
    int port = server.port();
    server.close();
    log.close();
    serve(port);
  }

  @Test
  void cutConnections_loseRepeatAndReorderNothing() throws Exception {
    underFaults(wire::cut);
  }

  @Test
  void restartedServer_losesRepeatsAndReordersNothing() throws Exception {
    underFaults(this::restart);
  }

  /** Writers and readers go on through faults; afterwards everything is there once, in order. */
  private void underFaults(Runnable fault) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    ExecutorService threads = Executors.newCachedThreadPool();
    RecordingListener listener = new RecordingListener();
    try (RemoteLog client = connect();
        RemoteLog other = connect();
        Subscription subscription = other.subscribe(Set.of(ALL), LogPosition.FIRST, listener)) {
      List<Future<Map<Long, LogPosition>>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        Callable<Map<Long, LogPosition>> write = writer(writer, client, over, written);
        writers.add(threads.submit(write));
      }
      Future<Integer> reader = threads.submit(() -> readUntil(other, over));
      for (int i = 0; i < FAULTS; i++) {
        int before = written.get();
        awaitThat(() -> written.get() > before + 200 || writers.stream().anyMatch(Future::isDone));
        fault.run();
      }
      over.set(true);

      Map<Long, LogPosition> acknowledged = new HashMap<>();
      for (Future<Map<Long, LogPosition>> writer : writers) {
        acknowledged.putAll(writer.get());
      }
      reader.get();
      List<LogEntry> entries = all(client);
      listener.awaitEntries(entries.size());
      assertOnceAndInOrder(entries, acknowledged);
      assertThat(listener.entries())
          .usingElementComparator((a, b) -> a.position().compareTo(b.position()))
          .isEqualTo(entries);
    } finally {
      over.set(true);
      threads.shutdown();
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static Callable<Map<Long, LogPosition>> writer(
      int writer, SharedLog client, AtomicBoolean over, AtomicInteger written) {
    return () -> {
      SessionId session = client.openSession().join();
      Map<Long, LogPosition> positions = new HashMap<>();
      List<CompletableFuture<LogPosition>> underWay = new ArrayList<>();
      long learnt = 0;
      for (long sequence = 0; !over.get(); sequence++) {
        underWay.add(client.append(request(writer, session, sequence, learnt)));
        if (underWay.size() == UNDER_WAY) {
          positions.put(key(writer, learnt), underWay.remove(0).join());
          learnt++;
          written.incrementAndGet();
        }
      }
      for (CompletableFuture<LogPosition> append : underWay) {
        positions.put(key(writer, learnt++), append.join());
      }
      return positions;
    };
  }

  private static AppendRequest request(
      int writer, SessionId session, long sequence, long learntBelow) {
    byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(key(writer, sequence)).array();
    return AppendRequest.builder(Payload.wrap(payload))
        .write(StreamKeys.whole(ALL))
        .write(StreamKeys.keys(StreamId.named("of " + writer), sequence))
        .requestId(new RequestId(session, sequence, learntBelow))
        .build();
  }

  private static long key(int writer, long sequence) {
    return ((long) writer << 32) + sequence;
  }

  private static long keyOf(LogEntry entry) {
    return entry.payload().asBuffer().getLong();
  }

  /** Reads as a view does: to the tail, again and again; each entry once, and none missing. */
  private static int readUntil(SharedLog client, AtomicBoolean over) {
    long next = 0;
    int reads = 0;
    while (!over.get()) {
      long tail = client.tail().join().value();
      while (next < tail) {
        ReadBatch batch = client.read(ALL, new LogPosition(next), ReadLimit.DEFAULT).join();
        for (LogEntry entry : batch.entries()) {
          assertThat(entry.position()).isEqualTo(new LogPosition(next)); // all are in the stream
          next++;
        }
        assertThat(batch.next()).isEqualTo(new LogPosition(next));
        reads++;
      }
    }
    return reads;
  }

  private static List<LogEntry> all(SharedLog client) {
    List<LogEntry> all = new ArrayList<>();
    LogPosition tail = client.tail().join();
    LogPosition next = LogPosition.FIRST;
    while (next.compareTo(tail) < 0) {
      ReadBatch batch = client.readAll(next, ReadLimit.DEFAULT).join();
      all.addAll(batch.entries());
      next = batch.next();
    }
    return all;
  }

  private static void assertOnceAndInOrder(
      List<LogEntry> entries, Map<Long, LogPosition> acknowledged) {
    Map<Long, LogPosition> found = new HashMap<>();
    Map<Long, Long> lastOf = new HashMap<>();
    for (LogEntry entry : entries) {
      long key = keyOf(entry);
      assertThat(found.put(key, entry.position())).as("first place of %x", key).isNull();
      long writer = key >>> 32;
      long last = lastOf.getOrDefault(writer, (writer << 32) - 1);
      assertThat(key).as("after %x", last).isEqualTo(last + 1);
      lastOf.put(writer, key);
    }
    assertThat(found).isEqualTo(acknowledged);
    assertThat(found.size()).isGreaterThan(FAULTS * 200);
  }

  private static void awaitThat(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  @Test
  void serverThatStaysAway_failsCallsByTheirDeadline() {
    try (RemoteLog client =
        RemoteLog.builder("localhost:" + wire.port()).timeout(Duration.ofSeconds(1)).open()) {
      wire.close();

      for (CompletableFuture<?> call :
          List.of(
              client.tail(),
              client.append(AppendRequest.of(ALL, Payload.wrap(new byte[1]))),
              client.read(ALL, LogPosition.FIRST, ReadLimit.DEFAULT),
              client.openSession(),
              client.trimMark(),
              client.tail(List.of(ALL)),
              client.trim(LogPosition.FIRST))) {
        assertThat(call)
            .failsWithin(Duration.ofSeconds(60))
            .withThrowableThat()
            .havingCause()
            .isInstanceOf(LogUnavailableException.class);
      }
    }
  }

  @Test
  void nobodyThere_isSaidWhenTheLogIsOpened() {
    int port = wire.port();
    wire.close();

    assertThatThrownBy(
            () ->
                RemoteLog.builder("localhost:" + port)
                    .connectTimeout(Duration.ofMillis(300))
                    .open())
        .isInstanceOf(LogUnavailableException.class)
        .hasMessageContaining("localhost:" + port)
        .hasMessageContaining("refused");
  }

  @Test
  void anotherLogOnTheSamePort_isRefused(@TempDir Path elsewhere) {
    try (RemoteLog client = RemoteLog.builder("localhost:" + server.port()).open()) {
      int port = server.port();
      server.close();
      log.close();
      log = EmbeddedLog.open(elsewhere);
      server = LogServer.builder(log).port(port).start();

      assertThat(client.tail())
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(LogRefusedException.class);
    }
  }

  @Test
  void secondServerOfTheTarget_takesOverWhenTheFirstDrains() {
    try (LogServer second = LogServer.builder(log).start();
        RemoteLog client =
            RemoteLog.builder("localhost:" + server.port() + ",localhost:" + second.port())
                .open()) {
      List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        appends.add(client.append(AppendRequest.of(ALL, Payload.wrap(new byte[1]))));
        if (i == 250) {
          server.close();
        }
      }

      assertThat(appends.stream().map(CompletableFuture::join).map(LogPosition::value))
          .isSorted()
          .doesNotHaveDuplicates()
          .hasSize(500);
      assertThat(client.tail().join()).isEqualTo(new LogPosition(500));
    }
  }
}
