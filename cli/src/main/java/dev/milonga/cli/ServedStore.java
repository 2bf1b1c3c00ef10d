package dev.milonga.cli;

import dev.milonga.MilongaMeters;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.LogStatistics;
import dev.milonga.log.server.grpc.LogServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** A store that is served: its log, the server, its meters, and where they are shown. */
final class ServedStore implements AutoCloseable {

  private final ServerSettings settings;
  private final EmbeddedLog log;
  private final LogServer server;
  private final Optional<MetricsEndpoint> metrics;

  // In the order in which they were opened. Of the thread that starts and closes.
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private volatile boolean stopping; // goes to true once

  private ServedStore(ServerSettings settings) {
    this.settings = settings;
    try {
      log = opened(openLog(settings));
      PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      open.push(meters::close);
      bind(meters);
      metrics =
          settings
              .metrics()
              .map(at -> opened(MetricsEndpoint.start(at.resolved(), new Told(meters))));
      server = opened(startServer());
      gauge(meters, "connections", "Connections of clients", LogServer::connections);
      gauge(meters, "conversations", "Clients in conversation", LogServer::conversations);
      gauge(meters, "subscriptions", "Calls that wait for entries", LogServer::subscriptions);
    } catch (RuntimeException | Error e) {
      closeAll();
      throw e;
    }
  }

  /**
   * Opens the store and begins to serve it.
   *
   * @throws CommandFailedException if the configuration does not fit what is there
   * @throws dev.milonga.log.StoreException if the store cannot be opened
   */
  static ServedStore start(ServerSettings settings) {
    return new ServedStore(settings);
  }

  private static EmbeddedLog openLog(ServerSettings settings) {
    EmbeddedLog.Builder builder =
        EmbeddedLog.builder(settings.data())
            .durability(settings.durability())
            .entryBytesMax(settings.entryBytesMax())
            .waitingBytesMax(settings.waitingBytesMax())
            .cacheBytesMax(settings.cacheBytesMax());
    settings.sessionTimeout().ifPresent(builder::sessionTimeout);
    try {
      return builder.open();
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private LogServer startServer() {
    InetSocketAddress address = settings.address().resolved();
    LogServer.Builder builder =
        LogServer.builder(log)
            .address(address.getAddress())
            .port(address.getPort())
            .drainTime(settings.drain())
            .insecure(settings.insecure());
    settings.certificate().ifPresent(file -> builder.tls(file, settings.key().orElseThrow()));
    settings.clients().ifPresent(file -> builder.clientCertificates(file, settings.clientsRole()));
    settings.tokens().ifPresent(builder::tokens);
    settings.limits().forEach(limit -> limit.accept(builder));
    try {
      return builder.start();
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private void bind(PrometheusMeterRegistry meters) {
    new MilongaMeters(log, Tags.empty()).bindTo(meters);
    new JvmMemoryMetrics().bindTo(meters);
    opened(new JvmGcMetrics()).bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new FileDescriptorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
  }

  private void gauge(
      PrometheusMeterRegistry meters,
      String what,
      String description,
      ToDoubleFunction<LogServer> value) {
    Gauge.builder("milonga.server." + what, server, value)
        .baseUnit(what)
        .description(description)
        .register(meters);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  private final class Told implements MetricsEndpoint.Source {

    private final PrometheusMeterRegistry meters;

    Told(PrometheusMeterRegistry meters) {
      this.meters = meters;
    }

    @Override
    public String metrics() {
      return meters.scrape();
    }

    @Override
    public Optional<String> dead() {
      return log.statistics().isBroken()
          ? Optional.of("writing has failed: nothing is accepted until the server is started again")
          : Optional.empty();
    }

    @Override
    public Optional<String> unready() {
      LogStatistics statistics = log.statistics();
      return stopping
          ? Optional.of("the server is stopping")
          : statistics.isDiskFull()
              ? Optional.of("there is no room on the disk: nothing is accepted until there is")
              : dead();
    }
  }

  /** Where it listens, and how to connect, in one line. */
  String line() {
    Endpoint address = settings.address().at(server.port());
    Endpoint reached = new Endpoint(reachedAs(), server.port());
    return "serving "
        + settings.data()
        + " on "
        + address
        + metrics.map(at -> ", metrics on http://" + metricsAddress(at) + "/metrics").orElse("")
        + "; connect with Milonga.connect(\""
        + reached
        + "\") or --connect "
        + reached;
  }

  private Endpoint metricsAddress(MetricsEndpoint endpoint) {
    return settings.metrics().orElseThrow().at(endpoint.port());
  }

  // Nobody connects to "all addresses".
  private String reachedAs() {
    if (!settings.address().resolved().getAddress().isAnyLocalAddress()) {
      return settings.address().host();
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "127.0.0.1";
    }
  }

  /** What of the configuration may not be meant; empty if nothing is. */
  Optional<String> warning() {
    return settings
        .metrics()
        .filter(at -> !at.resolved().getAddress().isLoopbackAddress())
        .map(at -> "whoever reaches " + at + " can read metrics, without TLS or a token");
  }

  int port() {
    return server.port();
  }

  /** Empty if metrics are served nowhere. */
  Optional<Integer> metricsPort() {
    return metrics.map(MetricsEndpoint::port);
  }

  EmbeddedLog log() {
    return log;
  }

  /**
   * Stops: appends under way are answered, clients get the time to go, and the store is closed.
   * That it is not ready any more is told until the end.
   */
  @Override
  public void close() {
    stopping = true;
    closeAll();
  }

  private void closeAll() {
    IllegalStateException failed = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        if (failed == null) {
          failed = new IllegalStateException("the server did not stop as it should: " + e, e);
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
