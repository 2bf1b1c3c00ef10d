package dev.milonga.cli;

import dev.milonga.log.grpc.RemoteLog;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how to connect to a log server. */
final class ConnectionOptions {

  // Shorter than a program's: somebody waits, and can try again.
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);

  @Option(
      names = "--connect",
      paramLabel = "HOST:PORT",
      description = "Server of the store, or several with commas between, instead of a directory.")
  private @Nullable String target;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token that says who you are.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description =
          "Certificates, as PEM, of those whose signature the server's needs. Default: whom Java"
              + " trusts")
  private @Nullable Path trust;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "Your certificate, as PEM, for a server that asks for it.")
  private @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "Its private key, as PEM.")
  private @Nullable Path key;

  @Option(names = "--tls", description = "Use TLS also to a server on this machine.")
  private boolean tls;

  @Option(
      names = "--insecure",
      description = "Speak to the server in the clear, wherever it is, a token included.")
  private boolean insecure;

  /** Where to connect to; null if a directory is meant. */
  @Nullable String target() {
    return target;
  }

  /** Whether anything was said that is of use with a server only. */
  boolean areGiven() {
    return tokenFile != null
        || trust != null
        || certificate != null
        || key != null
        || tls
        || insecure;
  }

  /**
   * Connects.
   *
   * @throws CommandFailedException if the options are wrong
   * @throws dev.milonga.log.StoreException if no server can be reached, or none serves this client
   */
  RemoteLog open(String servers) {
    if ((certificate == null) != (key == null)) {
      throw new CommandFailedException("--certificate and --key are of use only together");
    }
    try {
      RemoteLog.Builder builder = RemoteLog.builder(servers);
      if (tokenFile != null) {
        builder.tokenFile(tokenFile);
      }
      if (trust != null) {
        builder.trust(trust);
      }
      if (certificate != null && key != null) {
        builder.certificate(certificate, key);
      }
      if (tls) {
        builder.tls();
      }
      if (insecure) {
        builder.insecure();
      }
      return builder.connectTimeout(CONNECT_TIMEOUT).open();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }
}
