package dev.milonga.log.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.OpenSessionResponse;
import dev.milonga.log.wire.Opened;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.ReadRequest;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.SubscribeRequest;
import dev.milonga.log.wire.TailsRequest;
import dev.milonga.log.wire.TailsResponse;
import dev.milonga.log.wire.TrimRequest;
import dev.milonga.log.wire.TrimResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Servers that say what the test has them say. */
final class StagedServers implements Link.Dialer {

  static final ByteString LOG = ByteString.copyFromUtf8("the log's number");

  private final List<Connection> connections = new ArrayList<>();

  @Override
  public void dial(Endpoint endpoint, Link.Events events, Consumer<Link> started) {
    Connection connection = new Connection(endpoint, events);
    connections.add(connection);
    started.accept(connection);
  }

  /** How many connections were begun so far. */
  int dialled() {
    return connections.size();
  }

  /** The latest connection. */
  Connection latest() {
    assertThat(connections).isNotEmpty();
    return connections.get(connections.size() - 1);
  }

  /** One connection, and both sides of what is said over it. */
  static final class Connection implements Link {

    private final Endpoint endpoint;
    private final Events events;
    final List<ClientFrame> heard = new ArrayList<>();
    final List<ReadRequest> reads = new ArrayList<>();
    final List<Answer<OpenSessionResponse>> sessions = new ArrayList<>();
    BatchListener lastRead;
    boolean ready = true;
    boolean ended;

    Connection(Endpoint endpoint, Events events) {
      this.endpoint = endpoint;
      this.events = events;
    }

    // What the server says.

    Connection open() {
      return open(0);
    }

    Connection open(long from) {
      return say(
          ServerFrame.newBuilder()
              .setOpened(
                  Opened.newBuilder()
                      .setFrom(from)
                      .setLog(
                          LogDescription.newBuilder()
                              .setLog(LOG)
                              .setProtocol(1)
                              .setEntryBytesMax(1 << 20)))
              .setNext(from));
    }

    Connection say(ServerFrame.Builder frame) {
      events.onFrame(frame.build());
      return this;
    }

    void accept(long number, long position) {
      say(
          ServerFrame.newBuilder()
              .setNext(position + 1)
              .addOutcomes(Outcome.newBuilder().setNumber(number).setPosition(position)));
    }

    void refuse(long number, Failure.Kind kind) {
      say(
          ServerFrame.newBuilder()
              .addOutcomes(
                  Outcome.newBuilder()
                      .setNumber(number)
                      .setFailure(Failure.newBuilder().setKind(kind).setMessage("said " + kind))));
    }

    void answerTail(long query, long tail) {
      say(ServerFrame.newBuilder().setTailQuery(query).setNext(tail));
    }

    void breakDown() {
      events.onEnd(new LinkProblem(true, new LogUnavailableException("cut", null), null));
    }

    void refuse(RuntimeException cause) {
      events.onEnd(new LinkProblem(false, cause, null));
    }

    void becomeReady() {
      ready = true;
      events.onReady();
    }

    static Entry message(LogEntry entry) {
      return Entry.newBuilder()
          .setPosition(entry.position().value())
          .setContent(ByteString.copyFrom(EntryFormat.encode(entry)))
          .build();
    }

    // What it has heard.

    List<Append> appends() {
      return heard.stream().flatMap(frame -> frame.getAppendsList().stream()).toList();
    }

    List<Long> sequences() {
      return appends().stream().map(Append::getSequence).toList();
    }

    List<Long> tailQueries() {
      return heard.stream().map(ClientFrame::getTailQuery).filter(query -> query > 0).toList();
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void send(ClientFrame frame) {
      heard.add(frame);
    }

    @Override
    public void end() {
      ended = true;
    }

    @Override
    public void openSession(Answer<OpenSessionResponse> answer) {
      sessions.add(answer);
    }

    @Override
    public void tails(TailsRequest request, Answer<TailsResponse> answer) {
      throw new AssertionError("not asked for here");
    }

    @Override
    public void trim(TrimRequest request, Answer<TrimResponse> answer) {
      throw new AssertionError("not asked for here");
    }

    @Override
    public void read(ReadRequest request, BatchListener listener) {
      reads.add(request);
      lastRead = listener;
    }

    @Override
    public void subscribe(SubscribeRequest request, BatchListener listener) {
      throw new AssertionError("not asked for here");
    }
  }
}
