package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.SharedLog;
import dev.milonga.log.grpc.RemoteLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * F14: peers that mean ill, one kind after the other, while an honest client goes on calling. In
 * the soak profile each of its calls may take 200 ms, and the machine has to be quiet; in a build
 * it is enough that they succeed. {@code -Dmilonga.f14.millis=…} says how long each kind is at it,
 * {@code -Dmilonga.f14.idle=…} how many idle connections there are.
 */
@Timeout(1_200)
class HostilePeersTest {

  private static final int MILLIS = Numbers.of("milonga.f14.millis", 300, 10_000);
  private static final int IDLE = Numbers.of("milonga.f14.idle", 500, 9_900);
  private static final int CALLS_MIN = 20; // of the honest client, during each
  private static final long CALL_MILLIS_MAX = Numbers.soak() ? 200 : 60_000;
  private static final long GROWTH_BYTES_MAX = 100L << 20;
  private static final int PEERS = 2; // of each kind at a time
  private static final byte[] PAYLOAD = new byte[16_384];
  private static final String JCMD =
      Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);

  @TempDir private Path directory;

  /** What somebody does on connections of its own, over and over; it may be thrown out. */
  private interface Attack {
    void on(int port) throws IOException;
  }

  private static Map<String, Attack> attacks() {
    Map<String, Attack> attacks = new LinkedHashMap<>();
    attacks.put("noise", HostilePeersTest::noise);
    attacks.put("another protocol", HostilePeersTest::anotherProtocol);
    attacks.put("oversized message", HostilePeersTest::oversized);
    attacks.put("truncated message", HostilePeersTest::truncated);
    attacks.put("endless stream", HostilePeersTest::endless);
    attacks.put("endless headers", HostilePeersTest::endlessHeaders);
    attacks.put("large metadata", HostilePeersTest::largeMetadata);
    attacks.put("rapid resets", HostilePeersTest::rapidResets);
    attacks.put("many calls", HostilePeersTest::manyCalls);
    attacks.put("compression bomb", HostilePeersTest::bomb);
    attacks.put("pings", HostilePeersTest::pings);
    attacks.put("settings", HostilePeersTest::settings);
    attacks.put("reads nothing", HostilePeersTest::readsNothing);
    attacks.put("not a frame of ours", HostilePeersTest::nonsense);
    return attacks;
  }

  @Test
  @DisplayName("F14: hostile peers")
  void f14_hostilePeers_doNotKeepTheServerFromItsWork() throws Exception {
    Tools.need("test", "-r", "/proc/self/status");
    Tools.need(JCMD, "-l");
    Report report = new Report("f14-hostile-peers", seed);
    try (ServedStore served = new ServedStore(directory, Duration.ofDays(1), false, seed)) {
      served.start();
      int port = served.port();
      try (SharedLog log = RemoteLog.open("127.0.0.1:" + port);
          Milonga store = Milonga.over(log)) {
        Honest honest = new Honest(store);
        honest.work(200); // warms it up
        honest.slowestNanos = 0;
        long before = liveBytes(served.server());
        long residentBefore = residentBytes(served.server());

        for (Map.Entry<String, Attack> each : attacks().entrySet()) {
          long times = run(each.getValue(), port, honest);
          assertThat(times).as(each.getKey()).isPositive();
          report.put(each.getKey(), Map.of("times", times, "slowestMillis", honest.slowest()));
        }
        int idle = idle(port, honest, served);
        report.put("idle", Map.of("connections", idle, "slowestMillis", honest.slowest()));

        assertThat(served.server().errors()).as("what the server logs").hasSizeLessThan(100_000);
        assertThat(honest.calls).isGreaterThan(attacks().size() * (long) CALLS_MIN);
        assertThat(liveBytes(served.server()) - before).isLessThan(GROWTH_BYTES_MAX);
        assertThat(honest.slowestOfAll).as("the slowest call").isLessThan(CALL_MILLIS_MAX);
        report
            .put("honestCalls", honest.calls)
            .put("slowestMillis", honest.slowestOfAll)
            .put("liveBytesGrownBy", liveBytes(served.server()) - before)
            .put("residentBytesGrownBy", residentBytes(served.server()) - residentBefore)
            .write();
      }
    }
  }

  /** Somebody who puts and gets. */
  private static final class Honest {
    private final ReplicatedMap<String, Long> map;
    private long calls;
    private long slowestNanos; // since it was asked last
    private long slowestOfAll; // of what it was asked, in milliseconds

    Honest(Milonga store) {
      map = store.map("honest", String.class, Long.class);
    }

    void work(int count) {
      for (int i = 0; i < count; i++) {
        long n = ++calls;
        long began = System.nanoTime();
        map.put("k", n);
        long put = System.nanoTime();
        assertThat(map.get("k")).isEqualTo(n);
        slowestNanos = Math.max(slowestNanos, put - began);
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - put);
      }
    }

    /** What its slowest call took since this was asked last, in milliseconds. */
    long slowest() {
      long slowest = Duration.ofNanos(slowestNanos).toMillis();
      slowestOfAll = Math.max(slowestOfAll, slowest);
      slowestNanos = 0;
      return slowest;
    }
  }

  private long run(Attack attack, int port, Honest honest) throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong times = new AtomicLong();
    List<Thread> peers = new ArrayList<>();
    for (int i = 0; i < PEERS; i++) {
      Thread peer =
          new Thread(
              () -> {
                while (!over.get()) {
                  try {
                    attack.on(port);
                  } catch (IOException e) {
                    // Thrown out, as it may be.
                  }
                  times.incrementAndGet();
                }
              },
              "hostile");
      peer.setDaemon(true);
      peer.start();
      peers.add(peer);
    }
    long end = System.nanoTime() + Duration.ofMillis(MILLIS).toNanos();
    for (int calls = 0; calls < CALLS_MIN || System.nanoTime() < end; calls++) {
      honest.work(1);
    }
    over.set(true);
    for (Thread peer : peers) {
      peer.join(Duration.ofMinutes(2).toMillis());
      assertThat(peer.isAlive()).as("a peer that hangs").isFalse();
    }
    return times.get();
  }

  /** Connections that say nothing, half of what is to be said first, or nothing more after it. */
  private int idle(int port, Honest honest, ServedStore served) throws IOException {
    List<HostilePeer> peers = new ArrayList<>();
    try {
      for (int i = 0; i < IDLE; i++) {
        HostilePeer peer = i % 3 == 0 ? HostilePeer.deaf(port) : HostilePeer.connect(port);
        if (i % 3 == 1) {
          peer.partOfPreface(1 + random.nextInt(20));
        }
        peers.add(peer);
        if (i % 100 == 0) {
          honest.work(1);
        }
      }
      honest.work(CALLS_MIN);
      return peers.size();
    } finally {
      peers.forEach(HostilePeer::close);
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> descriptors(served.server()) < IDLE / 2 + 200);
      honest.work(CALLS_MIN);
    }
  }

  // ---- What they do.

  private static void noise(int port) throws IOException {
    byte[] bytes = new byte[50_000];
    new Random(1).nextBytes(bytes);
    try (HostilePeer peer = HostilePeer.connect(port)) {
      peer.raw(bytes);
    }
    try (HostilePeer peer = HostilePeer.begin(port)) {
      peer.raw(bytes);
    }
  }

  private static void anotherProtocol(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.connect(port)) {
      peer.raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      peer.raw(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}); // TLS
    }
  }

  private static void oversized(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 20; i++) {
        int stream = peer.call("Describe");
        peer.data(stream, HostilePeer.messageHead(false, Integer.MAX_VALUE), 0);
        peer.data(stream, PAYLOAD, 0);
      }
    }
  }

  private static void truncated(int port) throws IOException {
    for (int i = 0; i < 20; i++) {
      try (HostilePeer peer = HostilePeer.begin(port)) {
        int stream = peer.call("Converse");
        peer.data(stream, HostilePeer.messageHead(false, 10_000_000), 0);
        peer.data(stream, PAYLOAD, i % 2 == 0 ? HostilePeer.END_STREAM : 0);
      }
    }
  }

  private static void endless(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      int stream = peer.call("Converse");
      for (int i = 0; i < 200; i++) {
        peer.data(stream, HostilePeer.messageHead(false, 0), 0); // an empty frame of a client
        peer.data(stream, HostilePeer.message(false, new byte[] {0x28, 1}), 0); // a tail query
      }
    }
  }

  private static void endlessHeaders(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      peer.endlessHeaders(1_000);
    }
  }

  private static void largeMetadata(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 20; i++) {
        peer.call("Describe", "x-large", "y".repeat(15_000));
      }
    }
  }

  private static void rapidResets(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 10_000; i++) {
        peer.reset(peer.call("Converse"));
      }
    }
  }

  private static void manyCalls(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 5_000; i++) {
        peer.call(i % 2 == 0 ? "Converse" : "Subscribe");
      }
    }
  }

  private static final byte[] BOMB = bombBytes();

  private static byte[] bombBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 256; i++) {
        zip.write(zeros);
      }
    } catch (IOException e) {
      throw new AssertionError("no file is written to", e);
    }
    return bytes.toByteArray();
  }

  private static void bomb(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 4; i++) {
        int stream = peer.call("OpenSession", "grpc-encoding", "gzip");
        peer.send(stream, HostilePeer.message(true, BOMB));
        peer.data(stream, new byte[0], HostilePeer.END_STREAM);
      }
    }
  }

  private static void pings(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 5_000; i++) {
        peer.ping();
      }
    }
  }

  private static void settings(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (int i = 0; i < 5_000; i++) {
        peer.settings(i % 2 == 0 ? 0 : Integer.MAX_VALUE);
      }
    }
  }

  private static void readsNothing(int port) throws IOException {
    try (HostilePeer peer = HostilePeer.deaf(port)) {
      peer.settings(Integer.MAX_VALUE);
      peer.window(0, Integer.MAX_VALUE - 70_000);
      for (int i = 0; i < 500; i++) {
        int stream = peer.call("Read"); // of all entries
        peer.data(stream, HostilePeer.message(false, new byte[0]), HostilePeer.END_STREAM);
      }
    }
  }

  private static void nonsense(int port) throws IOException {
    byte[] bytes = new byte[1_000];
    new Random(2).nextBytes(bytes);
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (String method : List.of("Converse", "Read", "Subscribe", "Tails", "Trim", "Nothing")) {
        int stream = peer.call(method);
        peer.data(stream, HostilePeer.message(false, bytes), HostilePeer.END_STREAM);
      }
    }
  }

  // ---- What the server takes.

  /** What it holds in its heap after a collection. */
  private static long liveBytes(Child server) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(JCMD, String.valueOf(server.pid()), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String histogram = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(histogram).isZero();
    String[] total = histogram.strip().lines().reduce("", (a, b) -> b).trim().split("\\s+");
    return Long.parseLong(total[2]);
  }

  private static long residentBytes(Child server) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new AssertionError("the server has no memory");
  }

  private static int descriptors(Child server) {
    String[] open = Path.of("/proc/" + server.pid() + "/fd").toFile().list();
    return open == null ? 0 : open.length;
  }
}
