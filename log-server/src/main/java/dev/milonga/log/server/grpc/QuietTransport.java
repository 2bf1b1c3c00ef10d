package dev.milonga.log.server.grpc;

import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps gRPC's transport from logging what peers do wrong: a stack trace for each frame that is
 * refused, written by the event loop, of which anybody who can connect makes thousands a second. An
 * operator who looks for the reason sets the level of these loggers to {@code FINE}, and sees all.
 */
final class QuietTransport {

  private static final String NETTY = "io.grpc.netty.shaded.io.grpc.netty.";

  // Held, since a logger that nobody holds forgets its filter. They are the same for all servers of
  // a process, whoever sets them up.
  private static final List<Logger> LOGGERS =
      List.of(
          Logger.getLogger(NETTY + "NettyServerHandler"),
          Logger.getLogger(NETTY + "NettyServerStream"),
          Logger.getLogger(NETTY + "NettyServerTransport"),
          Logger.getLogger(NETTY + "NettyServerTransport.connections"));

  // Tells of whatever a call has thrown; of a message that cannot be read it is a status.
  private static final Logger CALLS =
      Logger.getLogger("io.grpc.internal.SerializeReentrantCallsDirectExecutor");

  private QuietTransport() {}

  /** From now on; a filter that somebody else has set stays. */
  static void begin() {
    for (Logger logger : LOGGERS) {
      passOnly(logger, record -> record.getLevel().intValue() > Level.WARNING.intValue());
    }
    passOnly(CALLS, record -> !(record.getThrown() instanceof StatusRuntimeException));
  }

  private static void passOnly(Logger logger, Filter filter) {
    if (logger.getFilter() == null) {
      logger.setFilter(record -> filter.isLoggable(record) || logger.isLoggable(Level.FINE));
    }
  }
}
