package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.EmbeddedLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client is to see of its streams, however fast it takes it. */
final class FollowerTest {

  private static final int STREAMS = 4;

  private final dev.milonga.log.server.LogInMemory memory =
      new dev.milonga.log.server.LogInMemory(builder -> builder.cacheBytesMax(200_000));
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
    List<Long> expected = new ArrayList<>();
    List<Long> taken = new ArrayList<>();
    long tail = 0;
    for (int round = 0; round < 150; round++) {
      // Changes of what is followed, while nothing is under way.
      int changed = random.nextInt(STREAMS);
      if (followed.remove(changed) != null) {
        follower.unfollow(stream(changed));
      } else {
        long from = follower.follow(stream(changed));
        assertThat(from).as("seed %s", seed).isEqualTo(tail);
        followed.put(changed, from);
      }
      int appends = random.nextInt(10) == 0 ? 400 : random.nextInt(20);
      int size = random.nextInt(8) == 0 ? 8_000 : 20;
      CompletableFuture<?> last = CompletableFuture.completedFuture(null);
      for (int i = 0; i < appends; i++) {
        AppendRequest.Builder request = AppendRequest.builder(Payload.wrap(new byte[size]));
        int first = random.nextInt(STREAMS);
        request.write(StreamKeys.whole(stream(first)));
        int second = random.nextInt(STREAMS);
        if (second != first) {
          request.write(StreamKeys.whole(stream(second)));
        }
        if (followed.containsKey(first) || followed.containsKey(second)) {
          expected.add(tail);
        }
        last = log.append(request.build());
        tail++;
      }
      last.join();
      taken.addAll(takeTo(follower, tail, 1 + random.nextInt(100_000)));
      assertThat(taken).as("seed %s, round %s", seed, round).isEqualTo(expected);
      assertThat(follower.heldBytes()).isLessThanOrEqualTo(1 << 20);
    }
    follower.close();
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
  void clientThatTakesNothing_holdsLittle() {
    Follower follower = new Follower(log, feed, 0, true, woken::release);
    CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < 3_000; i++) {
      last = log.append(AppendRequest.of(stream(1), Payload.wrap(new byte[1_000])));
      if (i == 0) {
        last.join();
        follower.take(1); // is live from here on
      }
      assertThat(follower.heldBytes()).isLessThanOrEqualTo(1 << 20);
    }
    last.join();
    feed.advance();

    assertThat(follower.heldBytes()).isLessThanOrEqualTo(1 << 20);
  }
}
