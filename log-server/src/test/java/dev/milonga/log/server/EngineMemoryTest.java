package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine remembers, kept beside the store from one opening to the next. */
class EngineMemoryTest {

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve(MemoryFile.NAME);
  }

  private static AppendRequest request(SessionId session, long sequence) {
    return AppendRequest.builder(Payload.wrap(new byte[] {(byte) sequence}))
        .write(StreamKeys.keys(StreamId.named("s"), sequence % 3))
        .requestId(new RequestId(session, sequence, 0))
        .build();
  }

  private SessionId append(int count) {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      SessionId session = log.openSession().join();
      for (int i = 0; i < count; i++) {
        log.append(request(session, i)).join();
      }
      return session;
    }
  }

  private boolean isRemembered() {
    try (StoreDirectory opened =
        StoreDirectory.open(directory, StoreParts.FILES, EngineParameters.DEFAULT, Instant.EPOCH)) {
      return opened.store().memory().isPresent();
    }
  }

  @Test
  void logThatWasClosed_isRemembered_andAnswersRetriesAsBefore() throws IOException {
    SessionId session = append(5);

    assertThat(isRemembered()).isTrue();
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(directory.resolve(MemoryFile.NAME_IN_THE_MAKING)).doesNotExist();
    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.append(request(session, 3)).join()).isEqualTo(new LogPosition(3));
      assertThat(log.append(request(session, 5)).join()).isEqualTo(new LogPosition(5));
    }
  }

  @Test
  void sessionOfAPrincipal_isRememberedAsItsOwn() {
    SessionId session;
    try (EmbeddedLog log = EmbeddedLog.open(directory)) {
      SharedLog ada = log.actingFor("ada");
      session = ada.openSession().join();
      ada.append(request(session, 0)).join();
    }

    assertThat(isRemembered()).isTrue();
    try (EmbeddedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.actingFor("ada").append(request(session, 0)).join())
          .isEqualTo(new LogPosition(0));
      assertThatThrownBy(() -> log.actingFor("bob").append(request(session, 1)).join())
          .hasCauseInstanceOf(SessionExpiredException.class);
      assertThatThrownBy(() -> log.append(request(session, 1)).join())
          .hasCauseInstanceOf(SessionExpiredException.class);
    }
  }

  @Test
  void memoryOfAnEarlierState_isNotBelieved() throws IOException {
    SessionId session = append(5);
    byte[] old = Files.readAllBytes(file());
    append(1);

    Files.write(file(), old);

    assertThat(isRemembered()).isFalse();
    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.tail().join()).isEqualTo(new LogPosition(6));
      assertThat(log.append(request(session, 4)).join()).isEqualTo(new LogPosition(4));
      assertThat(log.append(request(session, 7)).join()).isEqualTo(new LogPosition(6));
    }
    assertThat(isRemembered()).isTrue();
  }

  @Test
  void memoryThatIsDamagedOrGone_isNotBelieved() throws IOException {
    SessionId session = append(5);
    byte[] whole = Files.readAllBytes(file());
    Random random = new Random(7);

    for (int i = 0; i < 20; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file(), damaged);
      assertThat(isRemembered()).isFalse();
    }
    for (int length : new int[] {0, 10, 100, whole.length - 1}) {
      Files.write(file(), Arrays.copyOf(whole, length));
      assertThat(isRemembered()).isFalse();
    }
    Files.delete(file());
    assertThat(isRemembered()).isFalse();
    Files.createDirectory(file()); // nor can it be read, or written
    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.append(request(session, 2)).join()).isEqualTo(new LogPosition(2));
    }
    Files.delete(file());
    append(1);
    assertThat(isRemembered()).isTrue();
  }
}
