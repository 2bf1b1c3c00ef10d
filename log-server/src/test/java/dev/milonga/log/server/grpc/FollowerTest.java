package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.LogInMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client is to see of its streams, however fast it takes it. */
final class FollowerTest {

  private static final int STREAMS = 4;

  private final LogInMemory memory = new LogInMemory(builder -> builder.cacheBytesMax(200_000));
  private final EmbeddedLog log = memory.log();
  private final Feed feed = new Feed(log);
  private final Semaphore woken = new Semaphore(0);

  @AfterEach
  void close() {
    feed.close();
    log.close();
  }

  private static StreamId stream(int number) {
    return new StreamId(7, number);
  }

  /** Takes until that position is reached. */
  private List<Long> takeTo(Follower follower, long tail, long bytes) throws InterruptedException {
    List<Long> positions = new ArrayList<>();
    long next = -1;
    while (next < tail) {
      Follower.Batch batch = follower.take(bytes);
      for (SharedEntry entry : batch.entries()) {
        assertThat(entry.position()).isLessThan(batch.next());
        positions.add(entry.position());
      }
      assertThat(batch.next()).isGreaterThanOrEqualTo(next);
      if (batch.entries().isEmpty() && batch.next() == next && next < tail) {
        assertThat(woken.tryAcquire(60, TimeUnit.SECONDS)).as("is woken").isTrue();
      }
      next = batch.next();
    }
    return positions;
  }

  @Test
  void eachEntryOfAFollowedStream_isTakenOnce_inOrder_whoeverIsSlow() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Follower follower = new Follower(log, feed, 0, false, woken::release);
    Map<Integer, Long> followed = new HashMap<>();
    List<Set<Integer>> entries = new ArrayList<>(); // the streams of each
    for (int round = 0; round < 150; round++) {
      int begin = entries.size();
      append(random, entries);
      int added = random.nextInt(STREAMS);
      if (!followed.containsKey(added)) { // while what was appended is not taken
        long from = follower.follow(stream(added));
        assertThat(from).as("seed %s", seed).isBetween((long) begin, (long) entries.size());
        followed.put(added, from);
      }
      append(random, entries);
      List<Long> expected = new ArrayList<>();
      for (long position = begin; position < entries.size(); position++) {
        long at = position;
        if (entries.get((int) at).stream()
            .anyMatch(id -> followed.getOrDefault(id, Long.MAX_VALUE) <= at)) {
          expected.add(at);
        }
      }

      List<Long> taken = takeTo(follower, entries.size(), 1 + random.nextInt(100_000));

      assertThat(taken).as("seed %s, round %s", seed, round).isEqualTo(expected);
      int removed = random.nextInt(STREAMS);
      followed.remove(removed);
      follower.unfollow(stream(removed));
    }
    follower.close();
  }

  private void append(Random random, List<Set<Integer>> entries) {
    int appends = random.nextInt(10) == 0 ? 300 : random.nextInt(20);
    int size = random.nextInt(8) == 0 ? 8_000 : 20;
    CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < appends; i++) {
      Set<Integer> streams = new TreeSet<>(List.of(random.nextInt(STREAMS)));
      streams.add(random.nextInt(STREAMS));
      AppendRequest.Builder request = AppendRequest.builder(Payload.wrap(new byte[size]));
      streams.forEach(id -> request.write(StreamKeys.whole(stream(id))));
      entries.add(streams);
      last = log.append(request.build());
    }
    last.join();
  }

  @Test
  void followersWhileOthersAppend_missNothing() throws Exception {
    int count = 20_000;
    List<CompletableFuture<?>> done = new ArrayList<>();
    Follower all = new Follower(log, feed, 0, true, woken::release);
    Follower one = new Follower(log, feed, 0, false, woken::release);
    one.followFromStart(stream(1));
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; i < count; i++) {
                done.add(log.append(AppendRequest.of(stream(i % 3), Payload.wrap(new byte[50]))));
              }
            });
    writer.start();
    List<Long> ofAll = takeTo(all, count, 5_000);
    List<Long> ofOne = takeTo(one, count, 300_000);
    writer.join();

    assertThat(ofAll).hasSize(count).isSorted().doesNotHaveDuplicates();
    assertThat(ofOne).hasSize(count / 3 + 1).isSorted().doesNotHaveDuplicates();
    assertThat(ofOne).allMatch(position -> position % 3 == 1);
  }

  @Test
  void clientThatTakesNothing_holdsLittle_andMissesNothing() throws Exception {
    int count = 3_000;
    Follower follower = new Follower(log, feed, 0, true, woken::release);
    log.append(AppendRequest.of(stream(1), Payload.wrap(new byte[1]))).join();
    takeTo(follower, 1, 1); // so that it is live
    for (int i = 1; i < count; i++) {
      log.append(AppendRequest.of(stream(1), Payload.wrap(new byte[1_000])));
    }

    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              assertThat(follower.heldBytes()).isLessThanOrEqualTo(1 << 20);
              return feed.advance() == count;
            });
    assertThat(follower.heldBytes()).isLessThanOrEqualTo(1 << 20);
    assertThat(takeTo(follower, count, 10_000)).hasSize(count - 1).isSorted();
  }
}
