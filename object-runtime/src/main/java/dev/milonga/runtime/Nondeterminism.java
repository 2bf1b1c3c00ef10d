package dev.milonga.runtime;

import dev.milonga.runtime.ClassFile.Step;
import java.util.Optional;
import java.util.Set;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * What in the JDK can answer differently on another replica, or on the same one when a log is
 * replayed, and what to write instead.
 */
enum Nondeterminism {
  CLOCK("reads the clock", "use Deterministic.now(), the time of the log entry"),
  RANDOMNESS(
      "draws random numbers",
      "use Deterministic.random() or Deterministic.uuid(), which are the same on every replica"),
  IO(
      "does I/O, on every replica and again at every replay",
      "do it before or after the call, and pass what it needs as an argument"),
  THREADS(
      "uses threads, whose timing differs from replica to replica",
      "compute in the calling thread alone"),
  ENVIRONMENT(
      "depends on the process or machine it runs in",
      "read that before the call and pass it as an argument"),
  LOCALE("depends on the default locale of the machine", "pass Locale.ROOT"),
  CHARSET("depends on the default charset of the machine", "pass StandardCharsets.UTF_8"),
  IDENTITY(
      "depends on the identity of objects or on garbage collection",
      "use equals and hashCode of values, with a HashMap or LinkedHashMap"),
  ORDER(
      "makes a collection whose iteration order differs between JVM runs",
      "use List.of, a LinkedHashSet or LinkedHashMap, or a TreeSet or TreeMap"),
  FLOATING_POINT(
      "may differ in the last bit from machine to machine", "use the same method of StrictMath");

  private final String effect;
  private final String remedy;

  Nondeterminism(String effect, String remedy) {
    this.effect = effect;
    this.remedy = remedy;
  }

  /** What it does, as a predicate: {@code reads the clock}. */
  String effect() {
    return effect;
  }

  /** What to write instead. */
  String remedy() {
    return remedy;
  }

  private static final Set<String> INEXACT_MATH =
      Set.of(
          "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "expm1", "log", "log10",
          "log1p", "pow", "cbrt", "sinh", "cosh", "tanh", "hypot");

  /** What that access to a member of a library is, if it is any of these. */
  static Optional<Nondeterminism> of(Step step) {
    if (step.opcode() == Opcodes.NEW) {
      return Optional.empty(); // the constructor call follows
    }
    String owner = step.owner();
    if (owner.endsWith("Exception") || owner.endsWith("Error")) {
      return Optional.empty();
    }
    if (isThreading(owner, step.name(), step.descriptor())) {
      return Optional.of(THREADS);
    }
    if (owner.startsWith("java/lang/")) {
      return inLang(owner.substring(10), step.name(), step.descriptor());
    }
    if (owner.startsWith("java/util/")) {
      return inUtil(owner.substring(10), step.name(), step.descriptor());
    }
    if (owner.startsWith("java/time/")) {
      return inTime(owner.substring(10), step.name(), step.descriptor());
    }
    if (owner.startsWith("java/text/")) {
      return inText(step.name(), step.descriptor());
    }
    return inIo(owner, step.name(), step.descriptor());
  }

  private static boolean isThreading(String owner, String name, String descriptor) {
    String parameters = descriptor.substring(0, descriptor.indexOf(')') + 1);
    return switch (name) {
      case "wait" -> Set.of("()", "(J)", "(JI)").contains(parameters);
      case "notify", "notifyAll", "parallelStream" -> parameters.equals("()");
      case "parallel" -> parameters.equals("()") && owner.startsWith("java/util/stream/");
      default -> false;
    };
  }

  private static Optional<Nondeterminism> inLang(String owner, String name, String descriptor) {
    boolean parameterless = descriptor.startsWith("()");
    return Optional.ofNullable(
        switch (owner) {
          case "System" ->
              switch (name) {
                case "currentTimeMillis", "nanoTime" -> CLOCK;
                case "in", "out", "err", "console", "setIn", "setOut", "setErr" -> IO;
                case "identityHashCode" -> IDENTITY;
                case "arraycopy" -> null;
                default -> ENVIRONMENT;
              };
          case "Math" ->
              name.equals("random")
                  ? RANDOMNESS
                  : INEXACT_MATH.contains(name) ? FLOATING_POINT : null;
          case "StrictMath" -> name.equals("random") ? RANDOMNESS : null;
          case "String" ->
              switch (name) {
                case "toLowerCase", "toUpperCase" -> parameterless ? LOCALE : null;
                case "formatted" -> LOCALE;
                case "format" -> descriptor.startsWith("(Ljava/util/Locale;") ? null : LOCALE;
                case "getBytes" -> parameterless ? CHARSET : null;
                case "<init>" -> Set.of("([B)V", "([BII)V").contains(descriptor) ? CHARSET : null;
                default -> null;
              };
          case "Boolean" -> name.equals("getBoolean") ? ENVIRONMENT : null;
          case "Integer" -> name.equals("getInteger") ? ENVIRONMENT : null;
          case "Long" -> name.equals("getLong") ? ENVIRONMENT : null;
          case "Class", "ClassLoader", "Module" ->
              name.startsWith("getResource") || name.startsWith("getSystemResource") ? IO : null;
          case "Runtime", "ProcessBuilder", "ProcessHandle", "Process", "StackWalker" ->
              ENVIRONMENT;
          case "Thread",
              "ThreadGroup",
              "ThreadLocal",
              "InheritableThreadLocal",
              "Thread$Builder",
              "Thread$Builder$OfVirtual",
              "Thread$Builder$OfPlatform" ->
              THREADS;
          case "ref/WeakReference", "ref/SoftReference", "ref/PhantomReference", "ref/Cleaner" ->
              IDENTITY;
          default -> null;
        });
  }

  private static Optional<Nondeterminism> inUtil(String owner, String name, String descriptor) {
    boolean parameterless = descriptor.startsWith("()");
    return Optional.ofNullable(
        switch (owner) {
          case "Date" -> name.equals("<init>") && parameterless ? CLOCK : null;
          case "Calendar" -> name.equals("getInstance") ? CLOCK : null;
          case "GregorianCalendar" ->
              !name.equals("<init>") ? null : parameterless ? CLOCK : ENVIRONMENT;
          case "UUID" -> name.equals("randomUUID") ? RANDOMNESS : null;
          case "Random", "SplittableRandom" ->
              name.equals("<init>") && parameterless ? RANDOMNESS : null;
          case "random/RandomGenerator" ->
              name.equals("of") || name.equals("getDefault") ? RANDOMNESS : null;
          case "random/RandomGeneratorFactory" -> RANDOMNESS;
          case "concurrent/ThreadLocalRandom" -> name.equals("current") ? RANDOMNESS : null;
          case "Collections" ->
              name.equals("shuffle") && descriptor.equals("(Ljava/util/List;)V")
                  ? RANDOMNESS
                  : null;
          case "Set" -> unordered(name, descriptor, 1);
          case "Map" -> unordered(name, descriptor, 2);
          case "stream/Collectors" ->
              name.equals("toUnmodifiableSet") || name.equals("toUnmodifiableMap") ? ORDER : null;
          case "IdentityHashMap", "WeakHashMap" -> name.equals("<init>") ? IDENTITY : null;
          case "Locale" -> name.equals("getDefault") ? LOCALE : null;
          case "TimeZone" -> name.equals("getDefault") ? ENVIRONMENT : null;
          case "Formatter" ->
              name.equals("<init>") && !descriptor.contains("Ljava/util/Locale;") ? LOCALE : null;
          case "ResourceBundle", "ServiceLoader" -> ENVIRONMENT;
          case "Timer",
              "concurrent/Executors",
              "concurrent/Executor",
              "concurrent/ExecutorService",
              "concurrent/ScheduledExecutorService",
              "concurrent/ThreadPoolExecutor",
              "concurrent/ForkJoinPool",
              "concurrent/ForkJoinTask" ->
              THREADS;
          case "concurrent/CompletableFuture", "concurrent/CompletionStage" ->
              name.endsWith("Async") ? THREADS : null;
          case "concurrent/TimeUnit" -> name.equals("sleep") ? THREADS : null;
          default -> null;
        });
  }

  /** {@code of} with at most one element has but one order. */
  private static @Nullable Nondeterminism unordered(
      String name, String descriptor, int oneElement) {
    return switch (name) {
      case "copyOf", "ofEntries" -> ORDER;
      case "of" ->
          descriptor.startsWith("([") || Type.getArgumentTypes(descriptor).length > oneElement
              ? ORDER
              : null;
      default -> null;
    };
  }

  private static Optional<Nondeterminism> inTime(String owner, String name, String descriptor) {
    if (name.equals("now")) {
      return descriptor.contains("Ljava/time/Clock;") || descriptor.contains("InstantSource;")
          ? Optional.empty()
          : Optional.of(CLOCK);
    }
    if (name.equals("systemDefault")) {
      return Optional.of(ENVIRONMENT);
    }
    if (owner.equals("Clock") || owner.equals("InstantSource")) {
      boolean real = name.startsWith("system") || (name.startsWith("tick") && !name.equals("tick"));
      return real ? Optional.of(CLOCK) : Optional.empty();
    }
    boolean localized =
        owner.equals("format/DateTimeFormatter")
            && (name.startsWith("ofLocalized")
                || (name.equals("ofPattern") && !descriptor.contains("Ljava/util/Locale;")));
    return localized ? Optional.of(LOCALE) : Optional.empty();
  }

  private static Optional<Nondeterminism> inText(String name, String descriptor) {
    boolean makes =
        name.equals("<init>")
            || name.equals("format") && descriptor.startsWith("(Ljava/lang/String;[")
            || name.startsWith("get") && name.endsWith("Instance");
    return makes
            && !descriptor.contains("Ljava/util/Locale;")
            && !descriptor.contains("FormatSymbols;")
        ? Optional.of(LOCALE)
        : Optional.empty();
  }

  private static Optional<Nondeterminism> inIo(String owner, String name, String descriptor) {
    boolean pureNet =
        owner.equals("java/net/URI")
            || owner.equals("java/net/URLEncoder")
            || owner.equals("java/net/URLDecoder")
            || owner.equals("java/net/IDN");
    boolean io =
        owner.startsWith("java/io/File") && !owner.startsWith("java/io/Filter")
            || owner.equals("java/io/RandomAccessFile")
            || owner.equals("java/io/Console")
            || owner.startsWith("java/nio/file/Files")
            || owner.equals("java/nio/file/FileSystems")
            || owner.equals("java/nio/file/Path")
                && (name.equals("toAbsolutePath") || name.equals("toRealPath"))
            || owner.startsWith("java/nio/channels/")
            || owner.startsWith("java/net/") && !pureNet
            || owner.equals("java/sql/DriverManager")
            || owner.equals("java/sql/Connection")
            || owner.equals("javax/sql/DataSource")
            || owner.startsWith("javax/naming/");
    if (io) {
      return Optional.of(IO);
    }
    return switch (owner) {
      case "java/security/SecureRandom" ->
          name.equals("<init>") || name.startsWith("getInstance")
              ? Optional.of(RANDOMNESS)
              : Optional.empty();
      case "java/nio/charset/Charset" ->
          name.equals("defaultCharset") ? Optional.of(CHARSET) : Optional.empty();
      case "java/io/InputStreamReader" ->
          descriptor.equals("(Ljava/io/InputStream;)V") ? Optional.of(CHARSET) : Optional.empty();
      case "java/io/OutputStreamWriter" ->
          descriptor.equals("(Ljava/io/OutputStream;)V") ? Optional.of(CHARSET) : Optional.empty();
      case "java/io/ByteArrayOutputStream" ->
          name.equals("toString") && descriptor.startsWith("()")
              ? Optional.of(CHARSET)
              : Optional.empty();
      default -> Optional.empty();
    };
  }
}
