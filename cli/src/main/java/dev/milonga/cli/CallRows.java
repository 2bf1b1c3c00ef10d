package dev.milonga.cli;

import dev.milonga.runtime.RecordedCall;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Prints calls as rows: a table has the call as one would write it, JSON its parts. */
final class CallRows implements AutoCloseable {

  private final Format format;
  private final Rows rows;
  private final JsonMapper json = new JsonMapper();

  CallRows(Screen screen, Format format) {
    this.format = format;
    this.rows =
        format == Format.TABLE
            ? new Rows(screen.out(), format, "position", "time", "object", "call", "principal")
            : new Rows(
                screen.out(),
                format,
                "position",
                "time",
                "object",
                "mutator",
                "arguments",
                "principal",
                "application_version",
                "request_id",
                "trace_parent",
                "problem");
  }

  void add(RecordedCall call) {
    if (format == Format.TABLE) {
      rows.add(
          call.position().value(),
          call.time(),
          call.object(),
          call.call(),
          call.principal().orElse(null));
    } else {
      rows.add(
          call.position().value(),
          call.time(),
          call.object(),
          call.problem().isEmpty() ? call.mutator() : null,
          call.problem().isEmpty() ? arguments(call) : null,
          call.principal().orElse(null),
          call.applicationVersion().orElse(null),
          call.requestId().orElse(null),
          call.traceParent().orElse(null),
          call.problem().orElse(null));
    }
  }

  /** Prints what has not been printed yet; more calls may follow. */
  void flush() {
    rows.flush();
  }

  private RawJson arguments(RecordedCall call) {
    Map<String, RawJson> arguments = new LinkedHashMap<>();
    call.arguments().forEach(each -> arguments.put(each.name(), new RawJson(each.json())));
    return new RawJson(json.writeValueAsString(arguments));
  }

  @Override
  public void close() {
    rows.close();
  }
}
