package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AppendRequestTest {

  private static final StreamId A = new StreamId(0, 1);
  private static final Payload EMPTY = Payload.wrap(new byte[0]);

  @Test
  void requestForNoStream_isRefused() {
    assertThatThrownBy(() -> AppendRequest.builder(EMPTY).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one stream");
  }

  @Test
  void streamGivenTwice_isRefusedByName() {
    AppendRequest.Builder builder =
        AppendRequest.builder(EMPTY).write(StreamKeys.keys(A, 1)).write(StreamKeys.keys(A, 2));

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(A.toString());
  }

  @Test
  void builderUsedOn_doesNotChangeWhatItBuilt() {
    AppendRequest.Builder builder = AppendRequest.builder(EMPTY).write(StreamKeys.whole(A));
    AppendRequest built = builder.build();

    builder.write(StreamKeys.whole(new StreamId(0, 2)));

    assertThat(built.writes()).isEqualTo(List.of(StreamKeys.whole(A)));
  }

  @Test
  void payloadCopied_isTheCallersNoMore() {
    byte[] bytes = {1, 2, 3};
    Payload copy = Payload.copyOf(bytes);

    bytes[0] = 9;
    copy.toByteArray()[1] = 9;

    assertThat(copy).isEqualTo(Payload.wrap(new byte[] {1, 2, 3}));
    assertThat(copy.asBuffer().isReadOnly()).isTrue();
  }

  @Test
  void requestNumbersOutOfRange_areRefused() {
    SessionId session = new SessionId(1);

    assertThatThrownBy(() -> new RequestId(session, -1, 0)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new RequestId(session, 3, 4)).hasMessageContaining("[0, 3]");
    assertThatThrownBy(() -> new RequestId(session, 3, -1)).hasMessageContaining("-1");
    assertThat(new RequestId(session, 3, 3).learntBelow()).isEqualTo(3);
    assertThatThrownBy(() -> new SessionId(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> new LogPosition(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new ReadLimit(0, 1)).hasMessageContaining("entriesMax");
    assertThatThrownBy(() -> new ReadLimit(1, 0)).hasMessageContaining("bytesMax");
  }

  @Test
  void positionAfterTheLastOne_doesNotWrapAround() {
    assertThatThrownBy(() -> new LogPosition(Long.MAX_VALUE).next())
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void timeOfAnEntry_isExactAlsoBefore1970() {
    LogEntry entry = new LogEntry(LogPosition.FIRST, -1, List.of(StreamKeys.whole(A)), EMPTY, null);

    assertThat(entry.time()).isEqualTo("1969-12-31T23:59:59.999999Z");
    assertThat(entry.timeMicros()).isEqualTo(-1);
  }
}
