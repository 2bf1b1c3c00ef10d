package dev.milonga.log.grpc;

import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLogger;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Keeps gRPC's transport from logging what must not be logged. For the project's own modules.
 *
 * <ul>
 *   <li>The headers of each call, tokens among them, as it does where everything is logged: never.
 *   <li>What peers do wrong: a stack trace for each frame that is refused, written by the event
 *       loop, of which anybody who can connect makes thousands a second. An operator who looks for
 *       the reason sets the level of these loggers of {@code java.util.logging} to {@code FINE}.
 * </ul>
 *
 * <p>It holds for all that uses the same copy of gRPC in the process, as loggers do.
 */
public final class TransportLogs {

  private static final String NETTY = "io.grpc.netty.shaded.io.grpc.netty.";
  private static final String OF_CLIENTS = NETTY + "NettyClientHandler";
  private static final String OF_SERVERS = NETTY + "NettyServerHandler";
  private static final String HEADERS = "HEADERS:"; // how a line with those of a call says so

  // Held, since a logger that nobody holds forgets its filter.
  private static final Logger CLIENTS = Logger.getLogger(OF_CLIENTS);

  private static final List<Logger> SERVERS =
      List.of(
          Logger.getLogger(OF_SERVERS),
          Logger.getLogger(NETTY + "NettyServerStream"),
          Logger.getLogger(NETTY + "NettyServerTransport"),
          Logger.getLogger(NETTY + "NettyServerTransport.connections"));

  // Tells of whatever a call has thrown; of a message that cannot be read it is a status.
  private static final Logger CALLS =
      Logger.getLogger("io.grpc.internal.SerializeReentrantCallsDirectExecutor");

  private TransportLogs() {}

  /** Begins. What somebody else has set up stays as it is. */
  public static void restrain() {
    InternalLoggerFactory present = InternalLoggerFactory.getDefaultFactory();
    if (present.getClass().getPackage() == InternalLoggerFactory.class.getPackage()) {
      InternalLoggerFactory.setDefaultFactory(new Loggers());
    }
    passOnly(CLIENTS, record -> true);
    for (Logger logger : SERVERS) {
      passOnly(logger, record -> isGrave(record) || logger.isLoggable(Level.FINE));
    }
    passOnly(
        CALLS,
        record ->
            !(record.getThrown() instanceof StatusRuntimeException)
                || CALLS.isLoggable(Level.FINE));
  }

  private static boolean isGrave(LogRecord record) {
    return record.getLevel().intValue() > Level.WARNING.intValue();
  }

  private static void passOnly(Logger logger, Filter filter) {
    if (logger.getFilter() == null) {
      logger.setFilter(
          record ->
              (record.getMessage() == null || !record.getMessage().contains(HEADERS))
                  && filter.isLoggable(record));
    }
  }

  /** As usual, but for those that write headers: they are where the filters are. */
  private static final class Loggers extends InternalLoggerFactory {
    @Override
    protected InternalLogger newInstance(String name) {
      return name.equals(OF_CLIENTS) || name.equals(OF_SERVERS)
          ? ((JdkLoggerFactory) JdkLoggerFactory.INSTANCE).newInstance(name)
          : ((Slf4JLoggerFactory) Slf4JLoggerFactory.INSTANCE).newInstance(name);
    }
  }
}
