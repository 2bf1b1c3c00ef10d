package dev.milonga.cli;

import dev.milonga.log.server.Durability;
import dev.milonga.log.server.grpc.LogServer;
import dev.milonga.log.server.grpc.Role;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts together how a server is to run. What is set by a flag counts more than what is set in the
 * environment, and that more than what stands in the configuration file. Everything that is wrong
 * anywhere is said at once, with the place where it stands.
 */
final class SettingsReader {

  /** Where metrics are served if nothing else is said. */
  static final int METRICS_PORT = 7701;

  private static final Setting<Path> DATA =
      setting("data", "DIR", "data", Path::of, "Directory of the store; made if it is missing.");
  private static final Setting<Endpoint> ADDRESS =
      setting("address", "HOST:PORT", "127.0.0.1:7700", Endpoint::parse, "Where clients connect.");
  private static final Setting<Optional<Endpoint>> METRICS =
      setting(
          "metrics-address",
          "HOST:PORT",
          "127.0.0.1:" + METRICS_PORT,
          text -> text.equals("none") ? Optional.empty() : Optional.of(Endpoint.parse(text)),
          "Where /metrics, /live and /ready are served, to anybody; none for nowhere.");
  private static final Setting<Durability> DURABILITY =
      setting(
          "durability",
          "sync|async",
          "sync",
          SettingsReader::durability,
          "Whether a write is on disk before it is acknowledged, or up to 0.1 seconds later.");
  private static final Setting<Path> CERTIFICATE =
      setting(
          "tls-certificate",
          "FILE",
          null,
          Path::of,
          "Certificate chain of the server, as PEM. Followed when it changes.");
  private static final Setting<Path> KEY =
      setting("tls-key", "FILE", null, Path::of, "Private key of the certificate, as PEM.");
  private static final Setting<Path> CLIENTS =
      setting(
          "tls-clients",
          "FILE",
          null,
          Path::of,
          "Certificates, as PEM, of those whose signature a client's certificate needs.");
  private static final Setting<Role> CLIENTS_ROLE =
      setting(
          "tls-clients-role",
          "read|write|admin",
          "read",
          SettingsReader::role,
          "What a client with such a certificate may do, unless the tokens' file says otherwise.");
  private static final Setting<Path> TOKENS =
      setting("tokens", "FILE", null, Path::of, "Who may do what, by bearer token.");
  private static final Setting<Boolean> INSECURE =
      setting(
          "insecure",
          "",
          "false",
          SettingsReader::truth,
          "Listen beyond this machine without TLS, or without asking who is there.");
  private static final Setting<Long> ENTRY_BYTES =
      setting("entry-bytes-max", "SIZE", "16MiB", SettingsReader::size, "The largest entry.");
  private static final Setting<Long> WAITING_BYTES =
      setting(
          "waiting-bytes-max",
          "SIZE",
          "128MiB",
          SettingsReader::size,
          "How much may wait to be written; further appends are refused.");
  private static final Setting<Long> CACHE_BYTES =
      setting(
          "cache-bytes-max",
          "SIZE",
          "32MiB",
          SettingsReader::size,
          "How much of the newest entries is kept in memory.");
  private static final Setting<Duration> SESSION_TIMEOUT =
      setting(
          "session-timeout",
          "TIME",
          null,
          SettingsReader::duration,
          "How long a new store keeps a session that is not used. Default: 24h");
  private static final Setting<Duration> DRAIN =
      setting(
          "drain-time",
          "TIME",
          "5s",
          SettingsReader::duration,
          "How long clients get to go when the server stops.");

  // With what each does to a server.
  private static final Map<Setting<?>, BiConsumer<LogServer.Builder, Object>> LIMITS =
      new LinkedHashMap<>();

  static {
    number(
        "connections-max",
        "10000",
        LogServer.Builder::connectionsMax,
        "Connections; further ones are closed at once.");
    number(
        "calls-per-connection-max",
        "1024",
        LogServer.Builder::callsPerConnectionMax,
        "Calls under way on a connection; further ones wait.");
    number(
        "streams-per-entry-max",
        "1024",
        LogServer.Builder::streamsPerEntryMax,
        "Streams that an append may write, or read: objects of a transaction.");
    number(
        "keys-per-entry-max",
        "65536",
        LogServer.Builder::keysPerEntryMax,
        "Conflict keys that an append may write, or read.");
    number(
        "watched-streams-max",
        "65536",
        LogServer.Builder::watchedStreamsMax,
        "Streams that a client may watch: its open objects.");
    limit(
        "unanswered-bytes-max",
        "SIZE",
        "16MiB",
        SettingsReader::size,
        LogServer.Builder::unansweredBytesMax,
        "Appends of a client under way, before it has to wait.");
    limit(
        "handshake-timeout",
        "TIME",
        "10s",
        SettingsReader::duration,
        LogServer.Builder::handshakeTimeout,
        "How long setting up a connection may take.");
    limit(
        "connection-idle-max",
        "TIME",
        "5m",
        SettingsReader::duration,
        LogServer.Builder::connectionIdleMax,
        "How long a connection without a call is kept.");
    limit(
        "connection-age-max",
        "TIME",
        null,
        SettingsReader::duration,
        LogServer.Builder::connectionAgeMax,
        "After how long a client has to connect anew. Default: never");
  }

  static final List<Setting<?>> ALL =
      Stream.concat(
              Stream.of(
                  DATA,
                  ADDRESS,
                  METRICS,
                  DURABILITY,
                  CERTIFICATE,
                  KEY,
                  CLIENTS,
                  CLIENTS_ROLE,
                  TOKENS,
                  INSECURE,
                  ENTRY_BYTES,
                  WAITING_BYTES,
                  CACHE_BYTES,
                  SESSION_TIMEOUT,
                  DRAIN),
              LIMITS.keySet().stream())
          .toList();

  static final String CONFIG_VARIABLE = "MILONGA_CONFIG";

  // What an orchestrator sets in every process beside a service of the name "milonga".
  private static final Pattern NOT_OURS =
      Pattern.compile("MILONGA_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT)|PORT)(_[A-Z0-9_]+)?");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB)?");
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  private final List<String> problems = new ArrayList<>();
  private final Map<String, Text> texts = new LinkedHashMap<>(); // by name, the one that counts
  private final Map<String, Object> values = new LinkedHashMap<>();

  /** What was set, and where, as a user finds it. */
  private record Text(String value, String place) {}

  private SettingsReader() {}

  /**
   * The settings of a server.
   *
   * @param flags what was given for each name on the command line
   * @param config the file that was named there; null if none was
   * @param environment all variables
   * @throws CommandFailedException with all that is wrong
   */
  static ServerSettings read(
      Map<String, String> flags, @Nullable Path config, Map<String, String> environment) {
    SettingsReader reader = new SettingsReader();
    reader.takeFile(config, environment);
    reader.takeEnvironment(environment);
    flags.forEach((name, value) -> reader.texts.put(name, new Text(value, "--" + name)));
    reader.parseAll();
    ServerSettings settings = reader.settings();
    reader.check(settings);
    reader.failIfAnythingIsWrong();
    return settings;
  }

  private static <T> Setting<T> setting(
      String name,
      String value,
      @Nullable String standard,
      Function<String, T> parse,
      String description) {
    return new Setting<>(name, value, Optional.ofNullable(standard), parse, description);
  }

  private static void number(
      String name, String standard, ObjIntConsumer<LogServer.Builder> apply, String description) {
    limit(name, "N", standard, SettingsReader::count, apply::accept, description);
  }

  @SuppressWarnings("unchecked") // the setting has made the value
  private static <T> void limit(
      String name,
      String value,
      @Nullable String standard,
      Function<String, T> parse,
      BiConsumer<LogServer.Builder, T> apply,
      String description) {
    LIMITS.put(
        setting(name, value, standard, parse, description),
        (builder, given) -> apply.accept(builder, (T) given));
  }

  // ---- Where values come from.

  private void takeFile(@Nullable Path named, Map<String, String> environment) {
    String variable = environment.get(CONFIG_VARIABLE);
    Path file = named != null || variable == null ? named : Path.of(variable);
    if (file == null) {
      return;
    }
    Lines lines = new Lines();
    try (Reader in = Files.newBufferedReader(file)) {
      lines.load(in);
    } catch (IOException | IllegalArgumentException e) {
      problems.add("the configuration file " + file + " cannot be read: " + e);
      return;
    }
    lines.repeated.forEach(name -> problems.add(file + ": " + name + " stands there twice"));
    List<String> names = ALL.stream().map(Setting::name).toList();
    new TreeMap<>(lines)
        .forEach(
            (key, value) -> {
              String name = key.toString();
              if (names.contains(name)) {
                texts.put(name, new Text(value.toString().strip(), file + ": " + name));
              } else {
                problems.add(file + ": " + unknown(name, names));
              }
            });
  }

  /** Lines of a file, with the names that stand in it more than once. */
  private static final class Lines extends Properties {
    private final List<String> repeated = new ArrayList<>();

    @Override
    public synchronized @Nullable Object put(Object key, Object value) {
      if (containsKey(key)) {
        repeated.add(key.toString());
      }
      return super.put(key, value);
    }
  }

  private void takeEnvironment(Map<String, String> environment) {
    Map<String, String> names =
        ALL.stream().collect(Collectors.toMap(Setting::variable, Setting::name));
    new TreeMap<>(environment)
        .forEach(
            (variable, value) -> {
              String name = names.get(variable);
              if (name != null) {
                texts.put(name, new Text(value.strip(), variable));
              } else if (variable.startsWith("MILONGA_")
                  && !variable.equals(CONFIG_VARIABLE)
                  && !NOT_OURS.matcher(variable).matches()) {
                problems.add(unknown(variable, names.keySet()));
              }
            });
  }

  private static String unknown(String name, Collection<String> names) {
    return name
        + " is not a setting"
        + Spelling.nearest(name, names)
            .map(near -> "; did you mean " + near + "?")
            .orElse("; 'milonga serve --help' shows all there are");
  }

  // ---- What they say.

  private void parseAll() {
    for (Setting<?> setting : ALL) {
      Text text = texts.get(setting.name());
      if (text != null) {
        try {
          if (text.value.isEmpty()) {
            throw new IllegalArgumentException("it is empty");
          }
          values.put(setting.name(), setting.parse().apply(text.value));
        } catch (IllegalArgumentException e) {
          problems.add(text.place + ": " + e.getMessage());
        }
      }
    }
  }

  private ServerSettings settings() {
    return new ServerSettings(
        standing(DATA),
        standing(ADDRESS),
        standing(METRICS),
        standing(DURABILITY),
        given(CERTIFICATE),
        given(KEY),
        given(CLIENTS),
        standing(CLIENTS_ROLE),
        given(TOKENS),
        standing(INSECURE),
        (int) Math.min(Integer.MAX_VALUE, standing(ENTRY_BYTES)),
        standing(WAITING_BYTES),
        standing(CACHE_BYTES),
        given(SESSION_TIMEOUT),
        standing(DRAIN),
        limits());
  }

  private List<Consumer<LogServer.Builder>> limits() {
    List<Consumer<LogServer.Builder>> limits = new ArrayList<>();
    LIMITS.forEach(
        (setting, apply) ->
            given(setting).ifPresent(value -> limits.add(builder -> apply.accept(builder, value))));
    return limits;
  }

  // The setting has made the value.
  @SuppressWarnings("unchecked")
  private <T> Optional<T> given(Setting<T> setting) {
    return Optional.ofNullable((T) values.get(setting.name()));
  }

  private <T> T standing(Setting<T> setting) {
    return given(setting).orElseGet(() -> setting.parse().apply(setting.standard().orElseThrow()));
  }

  private static Durability durability(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "sync" -> Durability.SYNC;
      case "async" -> Durability.ASYNC;
      default -> throw new IllegalArgumentException("it is sync or async; was " + text);
    };
  }

  private static Role role(String text) {
    for (Role role : Role.values()) {
      if (role.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return role;
      }
    }
    throw new IllegalArgumentException("it is read, write or admin; was " + text);
  }

  private static int count(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As for a number that is too small.
    }
    throw new IllegalArgumentException("it is a whole number over 0; was " + text);
  }

  private static boolean truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("it is true or false; was " + text);
    };
  }

  private static long size(String text) {
    Matcher parts = SIZE.matcher(text);
    if (!parts.matches() || Long.parseLong(parts.group(1)) == 0) {
      throw new IllegalArgumentException(
          "a size is a number over 0, as in 65536, 64KiB or 16MiB; was " + text);
    }
    long number = Long.parseLong(parts.group(1));
    long unit =
        switch (parts.group(2) == null ? "B" : parts.group(2)) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1;
        };
    try {
      return Math.multiplyExact(number, unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("the size " + text + " is too large", e);
    }
  }

  private static Duration duration(String text) {
    Matcher parts = TIME.matcher(text);
    if (!parts.matches() || Long.parseLong(parts.group(1)) == 0) {
      throw new IllegalArgumentException(
          "a time is a number over 0 with ms, s, m, h or d, as in 30s or 24h; was " + text);
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  // ---- Whether they go together.

  private void check(ServerSettings settings) {
    if (settings.certificate().isPresent() != settings.key().isPresent()) {
      problems.add(
          "TLS needs both "
              + CERTIFICATE.name()
              + " and "
              + KEY.name()
              + ", and only "
              + (settings.key().isPresent() ? KEY : CERTIFICATE).name()
              + " is set");
    }
    if (settings.clients().isPresent() && settings.certificate().isEmpty()) {
      problems.add(CLIENTS.name() + " is of use only with " + CERTIFICATE.name());
    }
    for (Setting<Path> each : List.of(CERTIFICATE, KEY, CLIENTS, TOKENS)) {
      given(each).ifPresent(file -> checkReadable(each, file));
    }
    if (standing(ENTRY_BYTES) > Integer.MAX_VALUE / 2) {
      problems.add(ENTRY_BYTES.name() + " is at most 1GiB");
    }
    checkAddresses(settings);
  }

  private void checkReadable(Setting<Path> setting, Path file) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      problems.add(
          texts.get(setting.name()).place
              + ": there is no file "
              + file
              + " that can be read here");
    }
  }

  private void checkAddresses(ServerSettings settings) {
    boolean beyond = isBeyondThisMachine(ADDRESS, settings.address());
    settings.metrics().ifPresent(metrics -> isBeyondThisMachine(METRICS, metrics));
    if (settings.address().port() > 0
        && settings.metrics().map(Endpoint::port).equals(Optional.of(settings.address().port()))) {
      problems.add(
          ADDRESS.name() + " and " + METRICS.name() + " need a port each, not the same one");
    }
    boolean asks = settings.tokens().isPresent() || settings.clients().isPresent();
    if (beyond && !settings.insecure() && !(settings.certificate().isPresent() && asks)) {
      problems.add(
          ADDRESS.name()
              + " "
              + settings.address()
              + " can be reached from other machines: that needs TLS ("
              + CERTIFICATE.name()
              + ", "
              + KEY.name()
              + ") and either "
              + TOKENS.name()
              + " or "
              + CLIENTS.name()
              + ". Set them, listen on 127.0.0.1, or accept the danger with --"
              + INSECURE.name());
    }
  }

  private boolean isBeyondThisMachine(Setting<?> setting, Endpoint endpoint) {
    try {
      return !endpoint.resolved().getAddress().isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      problems.add(setting.name() + ": " + e.getMessage());
      return false;
    }
  }

  private void failIfAnythingIsWrong() {
    if (problems.size() == 1) {
      throw new CommandFailedException(problems.get(0));
    }
    if (!problems.isEmpty()) {
      throw new CommandFailedException(
          problems.size()
              + " things are wrong with the configuration:"
              + problems.stream()
                  .map(problem -> System.lineSeparator() + "  - " + problem)
                  .collect(Collectors.joining()));
    }
  }
}
