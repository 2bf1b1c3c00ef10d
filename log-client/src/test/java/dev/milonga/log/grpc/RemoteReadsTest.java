package dev.milonga.log.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.Own;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.Watching;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which reads are answered from what the server has sent, and which not. */
class RemoteReadsTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");
  private static final int BUFFER_BYTES = 80_000; // of which a stream gets 10,000

  private final StagedEnvironment environment = new StagedEnvironment();
  private final StagedServers servers = new StagedServers();
  private RemoteLog log;
  private StagedServers.Connection server;

  @BeforeEach
  void openLog() {
    StreamBuffers buffers = new StreamBuffers(BUFFER_BYTES);
    Conversations conversations =
        new Conversations(
            Endpoint.parse("a:1"),
            servers,
            environment,
            java.time.Duration.ofSeconds(30),
            1 << 20,
            buffers);
    conversations.start();
    environment.pass(0);
    server = servers.latest().open();
    log = new RemoteLog("a:1", conversations, buffers, environment, 1 << 20);
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  private static LogEntry entry(long position, StreamId stream, int payloadBytes) {
    return new LogEntry(
        new LogPosition(position),
        1,
        List.of(StreamKeys.whole(stream)),
        Payload.wrap(new byte[payloadBytes]),
        null);
  }

  private CompletableFuture<ReadBatch> read(StreamId stream, long from) {
    return log.read(stream, new LogPosition(from), ReadLimit.DEFAULT);
  }

  private static List<Long> positions(CompletableFuture<ReadBatch> batch) {
    assertThat(batch).isCompleted();
    return batch.join().entries().stream().map(entry -> entry.position().value()).toList();
  }

  /** Has the stream watched from the tail on, which is where it is read first. */
  private void watch(StreamId stream, long from) {
    read(stream, from);
    server.say(
        ServerFrame.newBuilder()
            .setNext(from)
            .addWatching(Watching.newBuilder().setStream(WireFormat.stream(stream)).setFrom(from)));
    server.reads.clear();
  }

  private void push(LogEntry... entries) {
    ServerFrame.Builder frame = ServerFrame.newBuilder();
    for (LogEntry entry : entries) {
      frame.addEntries(StagedServers.Connection.message(entry));
      frame.setNext(entry.position().value() + 1);
    }
    server.say(frame);
  }

  @Test
  void firstRead_goesToTheServerAndHasTheStreamWatched() {
    CompletableFuture<ReadBatch> read = read(A, 0);

    assertThat(read).isNotDone();
    assertThat(server.reads).hasSize(1);
    assertThat(server.heard.get(server.heard.size() - 1).getWatchList())
        .containsExactly(WireFormat.stream(A));

    server.lastRead.onBatch(
        EntryBatch.newBuilder()
            .addEntries(StagedServers.Connection.message(entry(0, A, 1)))
            .setNext(4)
            .build());
    server.lastRead.onCompleted();
    assertThat(positions(read)).containsExactly(0L);
    assertThat(read.join().next()).isEqualTo(new LogPosition(4));
  }

  @Test
  void whatWasSent_isReadWithoutAskingAnybody() {
    watch(A, 0);
    push(entry(0, A, 1), entry(2, A, 1));
    push(entry(5, A, 1));

    assertThat(positions(read(A, 0))).containsExactly(0L, 2L, 5L);
    assertThat(positions(read(A, 3))).containsExactly(5L);
    assertThat(read(A, 0).join().next()).isEqualTo(new LogPosition(6));
    assertThat(positions(log.read(A, new LogPosition(0), ReadLimit.entries(2))))
        .containsExactly(0L, 2L);
    assertThat(server.reads).isEmpty();
  }

  @Test
  void readAtTheKnownTail_asksForTheTailOnly() {
    watch(A, 3);

    CompletableFuture<ReadBatch> empty = read(A, 3);
    CompletableFuture<ReadBatch> more = read(A, 3);
    List<Long> queries = server.tailQueries();
    assertThat(empty).isNotDone();
    server.answerTail(queries.get(0), 3);
    server.say(
        ServerFrame.newBuilder()
            .addEntries(StagedServers.Connection.message(entry(3, A, 1)))
            .setTailQuery(queries.get(1))
            .setNext(4));

    assertThat(empty).isCompletedWithValue(new ReadBatch(List.of(), new LogPosition(3)));
    assertThat(positions(more)).containsExactly(3L);
    assertThat(server.reads).isEmpty();
  }

  @Test
  void streamOverItsBound_losesTheOldestWhichAreReadFromTheServer() {
    watch(A, 0);
    for (int i = 0; i < 20; i++) {
      push(entry(i, A, 800)); // of which ten fit
    }

    assertThat(positions(read(A, 15))).containsExactly(15L, 16L, 17L, 18L, 19L);
    assertThat(server.reads).isEmpty();
    assertThat(read(A, 5)).isNotDone();
    assertThat(server.reads).hasSize(1);
  }

  @Test
  void entryThatDoesNotFit_isAGap() {
    watch(A, 0);
    push(entry(0, A, 1));
    push(entry(1, A, 20_000));
    push(entry(2, A, 1));

    assertThat(read(A, 0)).isNotDone();
    assertThat(read(A, 1)).isNotDone();
    assertThat(server.reads).hasSize(2);
    assertThat(positions(read(A, 2))).containsExactly(2L);
  }

  @Test
  void streamsOverTheBoundOfAll_loseFromTheLeastRecentlyRead() {
    List<StreamId> streams =
        LongStream.range(0, 12).mapToObj(i -> StreamId.named("stream " + i)).toList();
    for (StreamId stream : streams) {
      watch(stream, 0);
      environment.pass(1);
    }
    long position = 0;
    for (StreamId stream : streams) {
      for (int i = 0; i < 9; i++) {
        push(entry(position++, stream, 800));
      }
    }

    assertThat(positions(read(streams.get(11), 0))).hasSize(9);
    assertThat(server.reads).isEmpty();
    assertThat(read(streams.get(0), 0)).isNotDone();
    assertThat(server.reads).hasSize(1);
  }

  @Test
  void damagedEntry_isReadFromTheServer() {
    watch(A, 0);
    Entry whole = StagedServers.Connection.message(entry(0, A, 10));
    byte[] bytes = whole.getContent().toByteArray();
    bytes[bytes.length / 2] ^= 1;

    server.say(
        ServerFrame.newBuilder()
            .addEntries(whole.toBuilder().setContent(ByteString.copyFrom(bytes)))
            .setNext(1));

    assertThat(read(A, 0)).isNotDone();
    assertThat(server.reads).hasSize(1);
  }

  @Test
  void ownEntry_isMadeOfItsRequest() {
    watch(A, 0);
    AppendRequest request =
        AppendRequest.builder(Payload.wrap(new byte[] {1, 2, 3}))
            .write(StreamKeys.keys(A, 5))
            .requestId(new RequestId(new SessionId(4), 9, 9))
            .build();
    CompletableFuture<LogPosition> append = log.append(request);

    server.say(
        ServerFrame.newBuilder()
            .addEntries(own(0, 4, 9))
            .addOutcomes(Outcome.newBuilder().setNumber(1).setPosition(0))
            .setNext(1));

    assertThat(append.join()).isEqualTo(LogPosition.FIRST);
    LogEntry entry = read(A, 0).join().entries().get(0);
    assertThat(entry.payload()).isEqualTo(request.payload());
    assertThat(entry.writes()).isEqualTo(request.writes());
    assertThat(entry.requestId()).isEqualTo(request.requestId());
    assertThat(entry.timeMicros()).isEqualTo(77);
  }

  @Test
  void ownEntryThatIsNotKnownAnyMore_isAGapInAllStreams() {
    watch(A, 0);
    watch(B, 0);
    push(entry(0, A, 1));

    server.say(ServerFrame.newBuilder().addEntries(own(1, 4, 9)).setNext(2));
    push(entry(2, B, 1));

    assertThat(read(A, 0)).isNotDone();
    assertThat(read(B, 1)).isNotDone();
    assertThat(server.reads).hasSize(2);
    assertThat(positions(read(B, 2))).containsExactly(2L);
  }

  private static Entry own(long position, long session, long sequence) {
    return Entry.newBuilder()
        .setPosition(position)
        .setOwn(Own.newBuilder().setSession(session).setSequence(sequence).setTimeMicros(77))
        .build();
  }

  @Test
  void readBelowTheTrimMark_isRefusedAlsoIfTheEntriesAreHere() {
    watch(A, 0);
    push(entry(0, A, 1), entry(1, A, 1));

    server.say(ServerFrame.newBuilder().setTrimMark(1).setNext(2));

    assertThat(read(A, 0))
        .failsWithin(java.time.Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(TrimmedException.class);
    assertThat(positions(read(A, 1))).containsExactly(1L);
  }

  @Test
  void nextConversation_goesOnWithWhatIsHereIfTheServerCan() {
    watch(A, 0);
    push(entry(0, A, 1), entry(1, A, 1));
    server.breakDown();
    environment.pass(2_000);
    server = servers.latest();

    assertThat(server.heard.get(0).getWatchList()).containsExactly(WireFormat.stream(A));
    assertThat(server.heard.get(0).getOpening().getResumeFrom()).isEqualTo(2);
    server.open(2);
    push(entry(2, A, 1));

    assertThat(positions(read(A, 0))).containsExactly(0L, 1L, 2L);
  }

  @Test
  void nextConversationFromFurtherOn_leavesAGap() {
    watch(A, 0);
    push(entry(0, A, 1));
    server.breakDown();
    environment.pass(2_000);
    server = servers.latest();
    server.open(9);
    push(entry(9, A, 1));

    assertThat(read(A, 0)).isNotDone();
    assertThat(server.reads).hasSize(1);
    assertThat(positions(read(A, 9))).containsExactly(9L);
  }

  @Test
  void streamThatIsNotReadForLong_isNotWatchedAnyMore() {
    watch(A, 0);
    watch(B, 0);
    push(entry(0, A, 1), entry(1, B, 1));
    int heard = server.heard.size();
    for (int second = 0; second < 62; second++) {
      environment.pass(1_000);
      assertThat(positions(read(B, 1))).containsExactly(1L);
      server.answerTail(second + 1, 2);
    }

    assertThat(server.heard.subList(heard, server.heard.size()))
        .flatMap(frame -> frame.getUnwatchList())
        .containsExactly(WireFormat.stream(A));
    push(entry(2, A, 1));
    assertThat(read(A, 0)).isNotDone();
    assertThat(server.heard.get(server.heard.size() - 1).getWatchList())
        .containsExactly(WireFormat.stream(A));
  }
}
