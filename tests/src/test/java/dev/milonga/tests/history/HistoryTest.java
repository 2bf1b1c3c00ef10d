package dev.milonga.tests.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreClosedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

  private final AtomicLong time = new AtomicLong();
  private final History history = new History(time::incrementAndGet);

  @Test
  void outcomes_areWrittenAsJsonLines(@TempDir Path directory) throws Exception {
    History.Client client = history.client();
    Path file = directory.resolve("history.jsonl");

    client.call("put", "a", 1, () -> null);
    client.call(
        "put",
        "a",
        2,
        () -> {
          throw new StoreClosedException("the store");
        });
    client.call(
        "put",
        "b",
        3,
        () -> {
          throw new LogUnavailableException("gone", null);
        });
    client.call("get", "b", null, () -> 3);
    history.write(file);

    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{\"process\":0,\"type\":\"invoke\",\"f\":\"put\",\"key\":\"a\",\"value\":1,\"time\":1}",
            "{\"process\":0,\"type\":\"ok\",\"f\":\"put\",\"key\":\"a\",\"value\":null,\"time\":2}",
            "{\"process\":0,\"type\":\"invoke\",\"f\":\"put\",\"key\":\"a\",\"value\":2,\"time\":3}",
            "{\"process\":0,\"type\":\"fail\",\"f\":\"put\",\"key\":\"a\",\"value\":2,\"time\":4}",
            "{\"process\":0,\"type\":\"invoke\",\"f\":\"put\",\"key\":\"b\",\"value\":3,\"time\":5}",
            "{\"process\":0,\"type\":\"info\",\"f\":\"put\",\"key\":\"b\",\"value\":3,\"time\":6}",
            "{\"process\":1,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"b\",\"value\":null,\"time\":7}",
            "{\"process\":1,\"type\":\"ok\",\"f\":\"get\",\"key\":\"b\",\"value\":3,\"time\":8}");
  }

  @Test
  void failureThatIsNoAnswerOfAStore_isNotRecordedAsOne() {
    assertThatThrownBy(
            () ->
                history
                    .client()
                    .call(
                        "put",
                        "a",
                        1,
                        () -> {
                          throw new IllegalStateException("a bug");
                        }))
        .hasMessage("a bug");

    assertThat(history.operations()).isEmpty();
  }
}
