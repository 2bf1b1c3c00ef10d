package dev.milonga.runtime;

import dev.milonga.runtime.record.Header;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this client writes into the headers of its records: what is the same for all of them, and
 * what the application says of each call when it is made. Thread-safe.
 */
final class Headers {

  /** As much text as a header takes of an application at once, in UTF-16 units. */
  static final int TEXT_MAX = 256;

  private final Header constant;
  private final @Nullable Supplier<? extends @Nullable String> requestId;
  private final @Nullable Supplier<? extends @Nullable String> traceParent;

  Headers(
      Header constant,
      @Nullable Supplier<? extends @Nullable String> requestId,
      @Nullable Supplier<? extends @Nullable String> traceParent) {
    this.constant = constant;
    this.requestId = requestId;
    this.traceParent = traceParent;
  }

  /** The header of what the store does of its own accord. */
  Header constant() {
    return constant;
  }

  /** The header of a call that this thread is making. */
  Header ofCall() {
    if (requestId == null && traceParent == null) {
      return constant;
    }
    String request = told(requestId, "request id");
    String trace = told(traceParent, "trace parent");
    if (request.isEmpty() && trace.isEmpty()) {
      return constant;
    }
    return constant.toBuilder().setRequestId(request).setTraceParent(trace).build();
  }

  private static String told(@Nullable Supplier<? extends @Nullable String> supplier, String what) {
    String text = supplier == null ? null : supplier.get();
    return text == null ? "" : checked(text, what);
  }

  /** That text, if a header takes it. */
  static String checked(String text, String what) {
    if (text.length() > TEXT_MAX) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " has "
              + text.length()
              + " characters, and at most "
              + TEXT_MAX
              + " are recorded: "
              + text.substring(0, 40)
              + "\u2026; give a shorter one, or none");
    }
    return text;
  }
}
