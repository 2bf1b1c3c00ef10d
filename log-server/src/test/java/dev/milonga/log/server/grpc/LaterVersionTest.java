package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RecordingListener;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.grpc.RemoteLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client and a server that are, to each other, of a later version of the same protocol. */
@Timeout(120)
class LaterVersionTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  @TempDir Path directory;
  private Served served;
  private LaterVersion between;
  private RemoteLog log; // of which every message is from a later version, and every answer
  private RemoteLog other; // of the same version as the server

  @BeforeEach
  void serve() throws IOException {
    served = new Served(directory);
    between = new LaterVersion(served.server.port());
    log = RemoteLog.builder("localhost:" + between.port()).open();
    other = RemoteLog.builder("localhost:" + served.server.port()).open();
  }

  @AfterEach
  void close() {
    log.close();
    other.close();
    between.close();
    served.close();
  }

  @Test
  void everyCall_isUnderstood_andEveryAnswer() {
    RecordingListener listener = new RecordingListener();
    log.subscribe(Set.of(A, B), LogPosition.FIRST, listener);
    AppendRequest request = request(log.openSession().join(), 0);

    LogPosition first = log.append(request).join();
    LogPosition second = other.append(AppendRequest.of(B, payload(2))).join();

    assertThat(log.append(request).join()).isEqualTo(first);
    assertThat(log.tail().join()).isEqualTo(second.next());
    assertThat(log.tail(List.of(A, B)).join()).containsEntry(A, first.next());
    assertThat(bytes(log)).hasSize(2).isEqualTo(bytes(other));
    assertThat(log.read(A, LogPosition.FIRST, ReadLimit.DEFAULT).join().entries())
        .singleElement()
        .satisfies(entry -> assertThat(entry.requestId()).isEqualTo(request.requestId()));
    listener.awaitPositions(List.of(first, second));
    assertThat(log.trim(second).join()).isEqualTo(second);
    assertThat(between.passed())
        .contains(
            "OpenSessionRequest",
            "OpenSessionResponse",
            "ClientFrame",
            "Opening",
            "Append",
            "StreamKeys",
            "ServerFrame",
            "Opened",
            "LogDescription",
            "Outcome",
            "ReadRequest",
            "EntryBatch",
            "Entry",
            "SubscribeRequest",
            "TrimRequest",
            "TrimResponse");
  }

  @Test
  void everyRefusal_isTheSame() {
    AppendRequest ofNobody = request(new SessionId(4_711), 0);
    log.append(AppendRequest.of(A, payload(1))).join();
    AppendRequest conditional =
        AppendRequest.builder(payload(2))
            .write(StreamKeys.keys(A, 1))
            .condition(new AppendCondition(LogPosition.FIRST, List.of(StreamKeys.keys(A, 1))))
            .build();

    assertThatThrownBy(() -> log.append(conditional).join())
        .hasCauseInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> log.append(ofNobody).join())
        .hasCauseInstanceOf(SessionExpiredException.class);
    log.trim(new LogPosition(1)).join();
    assertThatThrownBy(() -> log.read(A, LogPosition.FIRST, ReadLimit.DEFAULT).join())
        .hasCauseInstanceOf(TrimmedException.class);
    assertThat(log.tail().join()).isEqualTo(new LogPosition(1));
    assertThat(between.passed()).contains("Condition", "Failure");
  }

  private static AppendRequest request(SessionId session, long sequence) {
    return AppendRequest.builder(payload(1))
        .write(StreamKeys.keys(A, 1, 2))
        .requestId(new RequestId(session, sequence, 0))
        .build();
  }

  private static Payload payload(int content) {
    return Payload.wrap(new byte[] {(byte) content});
  }

  private static List<String> bytes(RemoteLog log) {
    List<LogEntry> entries = log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
    return entries.stream()
        .map(entry -> HexFormat.of().formatHex(EntryFormat.encode(entry)))
        .toList();
  }
}
