package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.LogInMemory;
import dev.milonga.log.wire.DescribeRequest;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.OpenSessionRequest;
import dev.milonga.log.wire.ReadRequest;
import dev.milonga.log.wire.SubscribeRequest;
import dev.milonga.log.wire.TailsRequest;
import dev.milonga.log.wire.TailsResponse;
import dev.milonga.log.wire.TrimRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The calls of the protocol, conversations apart. */
final class LogServiceTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  private Served served;

  @BeforeEach
  void serve() {
    // Almost nothing is kept in memory: most is read from the store.
    LogInMemory memory =
        new LogInMemory(builder -> builder.cacheBytesMax(2_000).entryBytesMax(100_000));
    served = new Served(memory.log(), builder -> builder);
  }

  @AfterEach
  void close() {
    served.close();
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      served.log.append(
          AppendRequest.of(
              i % 2 == 0 ? A : B, Payload.wrap(("" + i).getBytes(StandardCharsets.UTF_8))));
    }
    served.log.openSession().join(); // comes after them
  }

  private List<EntryBatch> read(ReadRequest.Builder request) {
    List<EntryBatch> batches = new ArrayList<>();
    served.calls().read(request.build()).forEachRemaining(batches::add);
    return batches;
  }

  private static List<Long> positions(List<EntryBatch> batches) {
    return batches.stream()
        .flatMap(batch -> batch.getEntriesList().stream())
        .map(Entry::getPosition)
        .toList();
  }

  private static Failure failure(Runnable call, Code code) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(refused).as("the call fails").isNotNull();
    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    return Served.failure(refused);
  }

  @Test
  void describe_tellsTheLog() {
    LogDescription description = served.calls().describe(DescribeRequest.getDefaultInstance());

    assertThat(description.getLog()).isEqualTo(Wire.bytes(served.log.identity()));
    assertThat(description.getProtocol()).isEqualTo(1);
    assertThat(description.getEntryBytesMax()).isEqualTo(100_000);
    assertThat(description.getSessionTimeoutMicros()).isEqualTo(86_400_000_000L);
  }

  @Test
  void openSession_givesNumbersThatDiffer() {
    long first = served.calls().openSession(OpenSessionRequest.getDefaultInstance()).getSession();
    long second = served.calls().openSession(OpenSessionRequest.getDefaultInstance()).getSession();

    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void read_givesAllEntriesOfAStream_orOfAll_andEnds() {
    append(3_001);

    List<EntryBatch> ofA = read(ReadRequest.newBuilder().setStream(Talk.bytes(A)).setFrom(1));
    List<EntryBatch> all = read(ReadRequest.newBuilder().setFrom(7));

    assertThat(positions(ofA))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, 3_000).filter(i -> i % 2 == 0).boxed().toList());
    assertThat(ofA.get(ofA.size() - 1).getNext()).isEqualTo(3_001);
    assertThat(positions(all))
        .containsExactlyElementsOf(LongStream.rangeClosed(7, 3_000).boxed().toList());
    assertThat(Talk.payload(all.get(0).getEntries(0))).isEqualTo("7");
  }

  @Test
  void read_endsAtItsLimits_andTellsWhereToGoOn() {
    append(3_000);

    List<EntryBatch> entries = read(ReadRequest.newBuilder().setEntriesMax(1_500));
    List<EntryBatch> bytes = read(ReadRequest.newBuilder().setFrom(1_000).setBytesMax(40));

    assertThat(positions(entries)).hasSize(1_500);
    assertThat(entries.get(entries.size() - 1).getNext()).isEqualTo(1_500);
    assertThat(positions(bytes))
        .containsExactly(
            IntStream.range(1_000, 1_010).mapToObj(Long::valueOf).toArray(Long[]::new));
  }

  @Test
  void read_atTheTail_givesAnEmptyBatch() {
    append(3);

    List<EntryBatch> batches = read(ReadRequest.newBuilder().setFrom(3));

    assertThat(positions(batches)).isEmpty();
    assertThat(batches).hasSize(1);
    assertThat(batches.get(0).getNext()).isEqualTo(3);
  }

  @Test
  void read_belowTheTrimMark_failsWithTheMark() {
    append(10);
    served.log.trim(new LogPosition(4)).join();

    Failure failure = failure(() -> read(ReadRequest.newBuilder().setFrom(3)), Code.OUT_OF_RANGE);

    assertThat(failure.getKind()).isEqualTo(Kind.TRIMMED);
    assertThat(failure.getPosition()).isEqualTo(4);
    assertThat(positions(read(ReadRequest.newBuilder().setFrom(4)))).hasSize(6);
  }

  @Test
  void requestsThatCannotBe_areRefused() {
    assertThat(
            failure(() -> read(ReadRequest.newBuilder().setFrom(-1)), Code.INVALID_ARGUMENT)
                .getKind())
        .isEqualTo(Kind.INVALID);
    assertThat(
            failure(
                    () ->
                        read(
                            ReadRequest.newBuilder()
                                .setStream(com.google.protobuf.ByteString.copyFromUtf8("short"))),
                    Code.INVALID_ARGUMENT)
                .getMessage())
        .isEqualTo("a stream is 16 bytes, not 5");
  }

  private Iterator<EntryBatch> subscribe(long from, StreamId... streams) {
    SubscribeRequest.Builder request = SubscribeRequest.newBuilder().setFrom(from);
    for (StreamId stream : streams) {
      request.addStreams(Talk.bytes(stream));
    }
    return served.calls().subscribe(request.build());
  }

  /** The positions of the next entries, that many at least, and what they end at. */
  private static List<Long> next(Iterator<EntryBatch> batches, int count) {
    List<Long> positions = new ArrayList<>();
    while (positions.size() < count) {
      EntryBatch batch = batches.next();
      batch.getEntriesList().forEach(entry -> positions.add(entry.getPosition()));
      assertThat(batch.getNext()).isGreaterThan(positions.get(positions.size() - 1));
    }
    return positions;
  }

  @Test
  void subscribe_beginsInTheStore_andGoesOnAsTheLogGrows() {
    append(2_000);
    Iterator<EntryBatch> ofA = subscribe(1_000, A);
    Iterator<EntryBatch> all = subscribe(1_990);
    Iterator<EntryBatch> later = subscribe(2_005, A, B);

    assertThat(next(ofA, 500).get(0)).isEqualTo(1_000);
    append(10);

    assertThat(next(ofA, 5)).containsExactly(2_000L, 2_002L, 2_004L, 2_006L, 2_008L);
    assertThat(next(all, 20))
        .containsExactlyElementsOf(LongStream.range(1_990, 2_010).boxed().toList());
    assertThat(next(later, 5))
        .containsExactlyElementsOf(LongStream.range(2_005, 2_010).boxed().toList());
  }

  @Test
  void subscribe_belowTheTrimMark_fails_andATrimIsToldToOthers() {
    append(10);
    Iterator<EntryBatch> idle = subscribe(8, A);
    assertThat(next(idle, 1)).containsExactly(8L);
    for (int i = 0; i < 2; i++) {
      served.log.append(AppendRequest.of(B, Payload.wrap(new byte[1]))).join();
    }
    served.log.trim(new LogPosition(11)).join();

    assertThat(failure(() -> subscribe(10, A).next(), Code.OUT_OF_RANGE).getKind())
        .isEqualTo(Kind.TRIMMED);
    EntryBatch told = idle.next();
    assertThat(told.getEntriesCount()).isZero();
    assertThat(told.getNext()).isGreaterThanOrEqualTo(11);
  }

  @Test
  void tails_areOfOneMoment() {
    append(10);
    TailsResponse tails =
        served
            .calls()
            .tails(
                TailsRequest.newBuilder()
                    .addStreams(Talk.bytes(B))
                    .addStreams(Talk.bytes(StreamId.named("none")))
                    .addStreams(Talk.bytes(A))
                    .build());

    assertThat(tails.getTail()).isEqualTo(10);
    assertThat(tails.getTailsList()).containsExactly(10L, 0L, 9L);
  }

  @Test
  void trim_movesTheMark_neverBack_andNotBeyondTheTail() {
    append(10);

    assertThat(trim(4)).isEqualTo(4);
    assertThat(trim(2)).isEqualTo(4);
    assertThat(failure(() -> trim(11), Code.INVALID_ARGUMENT).getKind()).isEqualTo(Kind.INVALID);
    assertThat(served.calls().tails(TailsRequest.getDefaultInstance()).getTrimMark()).isEqualTo(4);
  }

  private long trim(long before) {
    return served.calls().trim(TrimRequest.newBuilder().setBefore(before).build()).getTrimMark();
  }
}
