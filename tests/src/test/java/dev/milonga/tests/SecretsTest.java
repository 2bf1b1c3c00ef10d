package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * S7: a server and clients in a process that logs everything, with tokens that are right, wrong and
 * in the wrong place, and keys that are none; nothing of them is in what it prints.
 */
class SecretsTest {

  private static final String RIGHT = "right-4e1243bd22c66e76c2ba9eddc1f91394";
  private static final String WRONG = "wrong-9c1185a5c5e9fc54612808977ee8f548";
  private static final String MISPLACED = "misplaced-2c26b46b68ffc68ff99b453c1d30";
  private static final String KEY = "key-fcde2b2edba56bf408601fb721fe9b5c338d";
  private static final int PART = 8; // characters of a secret that must not be told either

  @TempDir private Path directory;

  @Test
  @DisplayName("S7: tokens and keys are in no log line, no message and no string")
  void s7_tokensAndKeys_areNowhere() {
    List<String> told;
    String logged;
    try (Child child = Child.start(Talkative.class, directory)) {
      child.go();
      told = child.awaitEnd();
      logged = child.errors();
      assertThat(child.exitCode()).as(logged).isZero();
    }

    assertThat(told).contains("appended", "end");
    assertThat(told).as("refusals").filteredOn(line -> line.startsWith("refused")).hasSize(9);
    assertThat(logged).as("it logs everything").contains("DEBUG");
    String all = String.join("\n", told) + logged;
    for (String secret : List.of(RIGHT, WRONG, MISPLACED, KEY)) {
      String rest = secret.substring(secret.indexOf('-') + 1);
      for (int i = 0; i + PART <= rest.length(); i += PART) {
        assertThat(all).doesNotContain(rest.substring(i, i + PART));
      }
    }
  }

  /** The process that logs everything. */
  static final class Talkative {

    public static void main(String[] arguments) throws Exception {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "trace");
      Logger.getLogger("").setLevel(Level.ALL);
      Logger.getLogger("").getHandlers()[0].setLevel(Level.ALL);
      Path directory = Path.of(arguments[0]);
      ChildPipe pipe = ChildPipe.open();
      Path tokens = secret(directory.resolve("tokens"), RIGHT + " write somebody\n");
      Path misplaced = secret(directory.resolve("misplaced"), "write somebody " + MISPLACED + "\n");
      Path reversed = secret(directory.resolve("reversed"), "somebody " + MISPLACED + " write\n");
      Path key = secret(directory.resolve("key"), "-----BEGIN PRIVATE KEY-----\n" + KEY + "\n");
      try (EmbeddedLog log = EmbeddedLog.open(directory.resolve("store"))) {
        LogServer.Builder builder = LogServer.builder(log).tokens(tokens);
        builder.reloadInterval(Duration.ofMillis(50));
        try (LogServer server = builder.start()) {
          String target = "127.0.0.1:" + server.port();
          RemoteLog.Builder right = RemoteLog.builder(target).token(RIGHT);
          pipe.tell("built " + builder + right);
          try (SharedLog remote = right.open();
              Milonga store = Milonga.over(remote)) {
            pipe.tell("opened " + server + remote + store);
            remote.append(AppendRequest.of(new StreamId(1, 2), Payload.wrap(new byte[1]))).join();
            store.counter("calls").add(1);
            pipe.tell("appended");
            tell(pipe, () -> remote.trim(remote.tail().join()).join()); // not with that role
          }
          tell(pipe, () -> RemoteLog.builder(target).token(WRONG).open());
          tell(pipe, () -> RemoteLog.builder(target).token(WRONG + " " + WRONG).open());
          tell(pipe, () -> client(target).tokenFile(tokens).open());
          tell(pipe, () -> client(target).tls().certificate(key, key).open());
          tell(pipe, () -> client(target).tls().trust(key).open());
        }
        tell(pipe, () -> LogServer.builder(log).tokens(misplaced).start());
        tell(pipe, () -> LogServer.builder(log).tokens(reversed).start());
        tell(pipe, () -> LogServer.builder(log).tls(key, key).start());
      }
      pipe.tell("end");
      System.exit(0);
    }

    private static RemoteLog.Builder client(String target) {
      return RemoteLog.builder(target).connectTimeout(Duration.ofSeconds(5));
    }

    private static Path secret(Path file, String content) throws IOException {
      Files.writeString(file, content);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** Tells how that is refused, with all causes. */
    private static void tell(ChildPipe pipe, Callable<?> call) {
      try {
        pipe.tell("not refused: " + call.call());
      } catch (Exception e) {
        e.printStackTrace();
        pipe.tell("refused " + e.toString().replace('\n', ' '));
      }
    }
  }
}
