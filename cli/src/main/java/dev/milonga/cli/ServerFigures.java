package dev.milonga.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The figures that a server shows at its metrics address, at one moment.
 *
 * @param values by name, with the tags as Prometheus writes them
 */
record ServerFigures(Map<String, Double> values) {

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int BYTES_MAX = 4 << 20;
  private static final Pattern LINE = Pattern.compile("(milonga_\\S+) (\\S+)");

  /**
   * Asks the server there.
   *
   * @throws IOException if it does not answer, or something else does
   */
  static ServerFigures of(HttpClient client, Endpoint metrics)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://" + metrics + "/metrics");
    HttpResponse<InputStream> answer =
        client.send(
            HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != 200) {
        throw new IOException(uri + " answers with status " + answer.statusCode());
      }
      return parse(new String(body.readNBytes(BYTES_MAX), StandardCharsets.UTF_8));
    }
  }

  /** The figures in a text of Prometheus's format. */
  static ServerFigures parse(String text) {
    Map<String, Double> values = new HashMap<>();
    text.lines()
        .forEach(
            line -> {
              Matcher parts = LINE.matcher(line);
              if (parts.matches()) {
                try {
                  values.put(parts.group(1), Double.parseDouble(parts.group(2)));
                } catch (NumberFormatException e) {
                  values.put(parts.group(1), Double.NaN); // "+Inf" and the like
                }
              }
            });
    return new ServerFigures(values);
  }

  /** The figure of that name; NaN if there is none. */
  double of(String name) {
    return values.getOrDefault(name, Double.NaN);
  }

  /** How much the figure of that name has grown since. */
  double since(ServerFigures before, String name) {
    return of(name) - before.of(name);
  }
}
