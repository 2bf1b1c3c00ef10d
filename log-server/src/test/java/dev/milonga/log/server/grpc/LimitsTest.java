package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.LogInMemory;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.DescribeRequest;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.LogGrpc;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.StreamKeys;
import dev.milonga.log.wire.SubscribeRequest;
import dev.milonga.log.wire.TailsRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one caller may ask for (CONFORMANCE S5). */
final class LimitsTest {

  private static final StreamId A = StreamId.named("a");
  private static final int PATIENCE_MILLIS = 60_000;
  private static final Duration SHORT = Duration.ofMillis(100);

  private final LogInMemory memory =
      new LogInMemory(builder -> builder.entryBytesMax(1 << 20).waitingBytesMax(16 << 20));
  private final EmbeddedLog log = memory.log();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    log.close();
  }

  private Served serve(UnaryOperator<LogServer.Builder> options) {
    Served served = new Served(log, options);
    opened.add(served);
    return served;
  }

  private Talk talk(Served served) {
    Talk talk = served.talk();
    opened.add(0, talk);
    return talk;
  }

  private static StreamId stream(int number) {
    return new StreamId(0, number);
  }

  @Test
  void s5_message_overTheLimit_isRefused() {
    Served served = serve(builder -> builder.messageBytesMax(100_000));
    Talk fitting = talk(served);
    Talk over = talk(served);
    Talk far = talk(served);
    fitting.open();
    over.open();
    far.open();

    Outcome fits = fitting.appended(fitting.append("x".repeat(99_000), A));
    over.say(ClientFrame.newBuilder().addAppends(over.append("x".repeat(100_000), A)));
    far.say(ClientFrame.newBuilder().addAppends(far.append("x".repeat(300_000), A)));

    assertThat(fits.getPosition()).isZero();
    assertThat(over.end().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(over.end().getDescription()).contains("at most 100000 bytes, not 1000");
    assertThat(far.end().isOk()).isFalse();
    assertThat(log.tail().join().value()).isEqualTo(1);
  }

  @Test
  void s5_message_thatIsCompressed_isRefusedUnread() {
    Served served = serve(builder -> builder);

    StatusRuntimeException refused =
        refused(
            () ->
                served
                    .calls()
                    .withCompression("gzip")
                    .describe(DescribeRequest.getDefaultInstance()));

    assertThat(refused.getStatus().getCode()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(refused.getStatus().getDescription()).contains("gzip");
  }

  @Test
  void s5_entry_overTheLimit_isRefused_withBothSizes() {
    Talk talk = talk(serve(builder -> builder));
    talk.open();

    Outcome outcome = talk.appended(talk.append("x".repeat(1 << 20), A));

    assertThat(outcome.getFailure().getKind()).isEqualTo(Kind.ENTRY_TOO_LARGE);
    assertThat(outcome.getFailure().getBytes()).isEqualTo((1 << 20) + 16);
    assertThat(outcome.getFailure().getBytesMax()).isEqualTo(1 << 20);
  }

  @Test
  void s5_streamsAndKeysOfAnEntry_overTheLimit_areRefused() {
    Talk talk = talk(serve(builder -> builder.streamsPerEntryMax(2).keysPerEntryMax(3)));
    talk.open();

    Outcome two = talk.appended(talk.append("x", stream(1), stream(2)));
    Outcome three = talk.appended(talk.append("x", stream(1), stream(2), stream(3)));
    Outcome keys = talk.appended(keys(talk.append("x"), 2, 2));
    Outcome threeKeys = talk.appended(keys(talk.append("x"), 2, 1));
    Append.Builder reading = talk.append("x", A);
    for (int i = 1; i <= 3; i++) {
      reading.setCondition(
          reading.getCondition().toBuilder()
              .setSnapshot(5)
              .addReads(StreamKeys.newBuilder().setStream(Talk.bytes(stream(i)))));
    }
    Outcome reads = talk.appended(reading);

    assertThat(two.getPosition()).isZero();
    assertThat(three.getFailure().getKind()).isEqualTo(Kind.INVALID);
    assertThat(three.getFailure().getMessage()).contains("at most 2 streams, not 3");
    assertThat(keys.getFailure().getMessage()).contains("at most 3 conflict keys, not 4");
    assertThat(threeKeys.getPosition()).isEqualTo(1);
    assertThat(reads.getFailure().getMessage()).contains("at most 2 streams, not 3");
  }

  private static Append.Builder keys(Append.Builder append, int... counts) {
    for (int i = 0; i < counts.length; i++) {
      StreamKeys.Builder keys = StreamKeys.newBuilder().setStream(Talk.bytes(stream(i)));
      for (int key = 0; key < counts[i]; key++) {
        keys.addKeys(key);
      }
      append.addWrites(keys);
    }
    return append;
  }

  @Test
  void s5_batch_overTheLimit_isRefused() {
    Talk talk = talk(serve(builder -> builder.appendsPerMessageMax(2)));
    talk.open();
    ClientFrame.Builder frame = ClientFrame.newBuilder();
    for (int i = 0; i < 3; i++) {
      frame.addAppends(talk.append("x", A));
    }

    talk.say(frame);

    assertThat(talk.end().getDescription()).isEqualTo("a frame of 3 appends; at most 2");
    assertThat(log.tail().join().value()).isZero();
  }

  @Test
  void s5_streamsThatAreWatchedOrNamed_overTheLimit_areRefused() {
    Served served = serve(builder -> builder.watchedStreamsMax(2));
    Talk first = talk(served);
    Talk later = talk(served);
    ByteString x = Talk.bytes(stream(1));
    ByteString y = Talk.bytes(stream(2));
    ByteString z = Talk.bytes(stream(3));

    first.say(
        ClientFrame.newBuilder()
            .setOpening(Opening.newBuilder().setProtocol(1))
            .addAllWatch(List.of(x, y, z)));
    later.open(stream(1), stream(2));
    later.say(ClientFrame.newBuilder().addWatch(z));
    StatusRuntimeException tails =
        refused(
            () ->
                served
                    .calls()
                    .tails(TailsRequest.newBuilder().addAllStreams(List.of(x, y, z)).build()));
    StatusRuntimeException subscribe =
        refused(
            () ->
                served
                    .calls()
                    .subscribe(
                        SubscribeRequest.newBuilder().addAllStreams(List.of(x, y, z)).build())
                    .next());

    assertThat(first.end().getDescription()).contains("at most 2 streams, not 3");
    assertThat(later.end().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(Served.failure(tails).getKind()).isEqualTo(Kind.OVERLOADED);
    assertThat(subscribe.getStatus().getDescription()).contains("at most 2 streams, not 3");
  }

  private static StatusRuntimeException refused(Runnable call) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(refused).as("the call is refused").isNotNull();
    return refused;
  }

  @Test
  void s5_metadata_overTheLimit_isRefused() {
    Served served = serve(builder -> builder.metadataBytesMax(4_096));
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(5_000));
    Channel channel =
        ClientInterceptors.intercept(
            served.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));

    StatusRuntimeException refused =
        refused(
            () -> LogGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance()));

    assertThat(refused).hasStackTraceContaining("Header size exceeded max allowed size (4096)");
  }

  @Test
  void s5_callsOfAConnection_overTheLimit_wait() {
    Served served = serve(builder -> builder.callsPerConnectionMax(2));
    Talk first = talk(served);
    Talk second = talk(served);
    first.open();
    second.open();
    Talk third = talk(served);
    third.say(ClientFrame.newBuilder().setOpening(Opening.newBuilder().setProtocol(1)));
    second.tail(1);
    first.tail(1);

    assertThat(third.heardNothing()).isTrue();
    first.close();
    second.tail(2); // the client holds what it may send then until it has more to say
    assertThat(third.next().hasOpened()).isTrue();
  }

  @Test
  void s5_resets_overTheLimit_endTheConnection() {
    Served served = serve(builder -> builder.resetsMax(20));
    Talk talk = talk(served);
    talk.open();
    for (int i = 0; i < 100; i++) {
      Talk given = served.talk();
      given.say(ClientFrame.newBuilder().setOpening(Opening.newBuilder().setProtocol(1)));
      given.close();
    }

    assertThat(talk.end().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(served.calls().describe(DescribeRequest.getDefaultInstance()).getProtocol())
        .isEqualTo(1); // over a new connection
  }

  @Test
  void s5_handshakeThatDoesNotCome_endsTheConnection() throws IOException {
    Authority.Identity identity = new Authority(directory, "authority").server("localhost");
    Served served =
        serve(
            builder ->
                builder
                    .tls(identity.certificate(), identity.key())
                    .handshakeTimeout(SHORT)
                    .connectionIdleMax(Duration.ofHours(1)));

    assertThat(endOf(served)).isEqualTo(-1);
  }

  @Test
  void s5_idleConnection_isEnded_andOneInUseIsNot() {
    Served served = serve(builder -> builder.connectionIdleMax(SHORT));
    Talk talk = talk(served);
    talk.open();
    LogGrpc.newBlockingStub(served.channel()).describe(DescribeRequest.getDefaultInstance());

    await().atMost(Duration.ofMinutes(1)).until(() -> served.server.connections() == 1);

    assertThat(talk.tail(1).getTailQuery()).isEqualTo(1);
  }

  /** What a connection that says nothing reads at last. */
  private static int endOf(Served served) throws IOException {
    try (Socket socket = connect(served)) {
      int read = socket.getInputStream().read();
      while (read >= 0) {
        read = socket.getInputStream().read();
      }
      return read;
    }
  }

  private static Socket connect(Served served) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.server.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  @Test
  void s5_connections_overTheLimit_areClosedAtOnce() throws IOException {
    Served served = serve(builder -> builder.connectionsMax(2));
    Socket first = connect(served);
    Socket second = connect(served);
    opened.add(0, second);
    opened.add(0, first);
    await().atMost(Duration.ofMinutes(1)).until(() -> served.server.connections() == 2);

    assertThat(endOf(served)).isEqualTo(-1);

    first.close();
    await().atMost(Duration.ofMinutes(1)).until(() -> served.server.connections() == 1);
    assertThat(talk(served).open().hasOpened()).isTrue();
  }

  @Test
  void s5_clientThatSendsWithoutEnd_isNotReadBeyondTheLimit() {
    // If it was, more would wait for the log than it takes.
    Served served = serve(builder -> builder.unansweredBytesMax(2 << 20).threads(1));
    Talk talk = talk(served);
    Talk neighbour = talk(served);
    talk.open();
    neighbour.open();
    CountDownLatch held = memory.holdWrites();
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Append.Builder append = talk.append("x".repeat(512 << 10), A);
      numbers.add(append.getNumber());
      talk.say(ClientFrame.newBuilder().addAppends(append));
    }
    for (int i = 1; i <= 100; i++) {
      neighbour.tail(i); // is served by the same thread, in turn
    }

    held.countDown();

    talk.outcome(numbers.get(numbers.size() - 1));
    assertThat(talk.said().stream().flatMap(frame -> frame.getOutcomesList().stream()))
        .hasSize(numbers.size())
        .allMatch(Outcome::hasPosition);
  }
}
