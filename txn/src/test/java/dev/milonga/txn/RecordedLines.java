package dev.milonga.txn;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The logging of this module's tests: keeps every line of the store, with its context. */
public final class RecordedLines implements SLF4JServiceProvider {

  /** A line, and the mapped diagnostic context of the thread that wrote it. */
  record Line(Level level, String message, Map<String, String> context) {}

  private static final List<Line> LINES = new CopyOnWriteArrayList<>();

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter contexts = new BasicMDCAdapter();

  /** The lines with that text in them, of all tests so far. */
  static List<Line> with(String text) {
    return LINES.stream().filter(line -> line.message().contains(text)).toList();
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return Recorder::new;
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return contexts;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0";
  }

  @Override
  public void initialize() {}

  private static final class Recorder extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1;

    private final boolean ours;

    Recorder(String name) {
      this.name = name;
      this.ours = name.startsWith("dev.milonga.");
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return ours;
    }

    @Override
    public boolean isInfoEnabled() {
      return ours;
    }

    @Override
    public boolean isWarnEnabled() {
      return ours;
    }

    @Override
    public boolean isErrorEnabled() {
      return ours;
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable thrown) {
      Map<String, String> context = MDC.getCopyOfContextMap();
      LINES.add(
          new Line(
              level,
              MessageFormatter.basicArrayFormat(pattern, arguments),
              context == null ? Map.of() : context));
    }
  }
}
