package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F5: clients send again what they have had no answer to, over a network that loses a tenth of all
 * requests and a tenth of all answers, doubles a tenth and holds a tenth back to bring it later,
 * long after it was sent again and answered; the log is closed and opened in between. {@code
 * -Dmilonga.f5.retries=…} says how much.
 */
class RetriedAppendsTest {

  private static final int RETRIES = Numbers.of("milonga.f5.retries", 5_000, 100_000);
  private static final int CLIENTS = 4;
  private static final int WINDOW = 32; // requests of a client without an answer
  private static final int HELD_MAX = 200;
  private static final int ROUNDS_PER_RESTART = 100;

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private final List<AppendRequest> held = new ArrayList<>(); // by the network
  private long retries;
  private long duplicates;
  private long late;
  private int restarts;

  @TempDir private Path directory;

  /** One with a session of its own. */
  private static final class Client {
    final int number;
    final SessionId session;
    final TreeMap<Long, Integer> open = new TreeMap<>(); // requests without answer; how often sent
    final List<LogPosition> learnt = new ArrayList<>(); // by request; null if there is no answer

    Client(int number, SessionId session) {
      this.number = number;
      this.session = session;
    }

    AppendRequest request(long sequence) {
      // It says what it has learnt as of the sending, so a retry may say more than the first time.
      long learntBelow = open.isEmpty() ? sequence : Math.min(sequence, open.firstKey());
      byte[] payload = ByteBuffer.allocate(12).putInt(number).putLong(sequence).array();
      return AppendRequest.builder(Payload.wrap(payload))
          .write(StreamKeys.keys(StreamId.named("client-" + number), sequence))
          .requestId(new RequestId(session, sequence, learntBelow))
          .build();
    }
  }

  @Test
  @DisplayName("F5: retries over a network that loses, doubles and reorders")
  void f5_retriedAppends_areInTheLogOnce() {
    Report report = new Report("f5-retries", seed);
    List<Client> clients = new ArrayList<>();
    try (SharedLog log = open()) {
      for (int c = 0; c < CLIENTS; c++) {
        clients.add(new Client(c, log.openSession().join()));
      }
    }
    while (retries < RETRIES) {
      try (SharedLog log = open()) {
        restarts++;
        for (int round = 0; round < ROUNDS_PER_RESTART; round++) {
          exchange(log, clients, true);
        }
      }
    }
    try (SharedLog log = open()) {
      while (clients.stream().anyMatch(client -> !client.open.isEmpty())) {
        exchange(log, clients, false);
      }
      for (AppendRequest request : held) {
        log.append(request).exceptionally(refused -> null).join();
      }

      long entries = checkOnce(log, clients);
      report
          .put("retries", retries)
          .put("entries", entries)
          .put("doubledByTheNetwork", duplicates)
          .put("arrivedLate", late)
          .put("restarts", restarts)
          .put("duplicates", 0)
          .write();
    }
  }

  private SharedLog open() {
    return EmbeddedLog.builder(directory).durability(Durability.ASYNC).open();
  }

  /** A message under way, and the answer to it. */
  private record Sent(Client client, long sequence, CompletableFuture<LogPosition> answer) {}

  // Each client sends some new requests and some again; the network does what it does.
  private void exchange(SharedLog log, List<Client> clients, boolean newOnes) {
    List<Sent> sent = new ArrayList<>();
    for (Client client : clients) {
      while (newOnes && client.open.size() < WINDOW && random.nextInt(8) > 0) {
        client.open.put((long) client.learnt.size(), 0);
        client.learnt.add(null);
      }
      for (long sequence : List.copyOf(client.open.keySet())) {
        if (random.nextBoolean()) {
          retries += client.open.merge(sequence, 1, Integer::sum) > 1 ? 1 : 0;
          send(log, client, sequence, sent);
        }
      }
    }
    while (!held.isEmpty() && (held.size() > HELD_MAX || random.nextInt(3) > 0)) {
      late++; // whoever has sent it listens no more
      log.append(held.remove(random.nextInt(held.size()))).exceptionally(refused -> null).join();
    }
    for (Sent each : sent) {
      LogPosition position = each.answer.join();
      if (random.nextInt(10) > 0) {
        learn(each.client, each.sequence, position);
      }
    }
  }

  private void send(SharedLog log, Client client, long sequence, List<Sent> sent) {
    AppendRequest request = client.request(sequence);
    switch (random.nextInt(10)) {
      case 0 -> {} // lost
      case 1 -> held.add(request);
      case 2 -> {
        duplicates++;
        held.add(request);
        sent.add(new Sent(client, sequence, log.append(request)));
        sent.add(new Sent(client, sequence, log.append(request)));
      }
      default -> sent.add(new Sent(client, sequence, log.append(request)));
    }
  }

  private static void learn(Client client, long sequence, LogPosition position) {
    LogPosition known = client.learnt.set((int) sequence, position);
    if (known != null) {
      assertThat(position).as("second answer to request %d", sequence).isEqualTo(known);
    }
    client.open.remove(sequence);
  }

  private static long checkOnce(SharedLog log, List<Client> clients) {
    List<List<LogPosition>> found = new ArrayList<>();
    clients.forEach(client -> found.add(new ArrayList<>()));
    LogPosition next = LogPosition.FIRST;
    while (next.compareTo(log.tail().join()) < 0) {
      ReadBatch batch = log.readAll(next, ReadLimit.DEFAULT).join();
      for (LogEntry entry : batch.entries()) {
        ByteBuffer payload = entry.payload().asBuffer();
        List<LogPosition> positions = found.get(payload.getInt());
        int sequence = (int) payload.getLong();
        while (positions.size() <= sequence) {
          positions.add(null);
        }
        assertThat(positions.set(sequence, entry.position())).as("a duplicate: %s", entry).isNull();
      }
      next = batch.next();
    }
    for (Client client : clients) {
      assertThat(found.get(client.number)).as("client %d", client.number).isEqualTo(client.learnt);
    }
    return found.stream().mapToLong(List::size).sum();
  }
}
