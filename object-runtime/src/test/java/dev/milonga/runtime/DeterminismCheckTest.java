package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.Mutator;
import dev.milonga.runtime.cbor.CborCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What mutators may not reach, wherever they reach it (O7), and what they may. */
class DeterminismCheckTest {

  static class Stamped {
    private final Map<String, Instant> seen = new LinkedHashMap<>();
    private long last;

    @Mutator
    public void clock(String key) {
      seen.put(key, Instant.now());
    }

    @Mutator
    public void random() {
      last = new Random().nextLong();
    }

    @Mutator
    public String id() {
      return UUID.randomUUID().toString();
    }

    @Mutator
    public void file(String name) {
      try {
        last = Files.size(Path.of(name));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Accessor
    public long last() {
      return last;
    }
  }

  @Test
  void mutatorUsingClockRandomUuidAndFile_refusedAtOpen_eachNamedWithItsLine() {
    List<String> problems = Checked.problems(Stamped.class);

    assertThat(problems)
        .satisfiesExactly(
            p ->
                assertThat(p)
                    .contains("mutator 'clock' reads the clock", "Stamped.clock → Instant.now()")
                    .containsPattern("\\(DeterminismCheckTest\\.java:\\d+\\)")
                    .endsWith("use Deterministic.now(), the time of the log entry"),
            p ->
                assertThat(p)
                    .contains("mutator 'random' draws random numbers", "new Random()")
                    .containsPattern("\\(DeterminismCheckTest\\.java:\\d+\\)")
                    .contains("Deterministic.random()"),
            p ->
                assertThat(p)
                    .contains("mutator 'id' draws random numbers", "UUID.randomUUID()")
                    .containsPattern("\\(DeterminismCheckTest\\.java:\\d+\\)")
                    .contains("Deterministic.uuid()"),
            p ->
                assertThat(p)
                    .contains("mutator 'file' does I/O", "Files.size(Path)")
                    .containsPattern("\\(DeterminismCheckTest\\.java:\\d+\\)")
                    .contains("pass what it needs as an argument"));
  }

  /** A class of the user's that is not replicated. */
  static final class Ids {
    private static long issued;

    private Ids() {}

    static long next() {
      return ++issued;
    }

    static String fresh() {
      return "id-" + ThreadLocalRandom.current().nextInt();
    }
  }

  static class Indirect {
    private final Random random = new Random();
    private final List<String> names = new ArrayList<>();

    @Mutator
    public void helper() {
      names.add(stamp());
    }

    @Mutator
    public void sameHelper() {
      names.add(stamp());
    }

    private String stamp() {
      return "at " + System.nanoTime();
    }

    @Mutator
    public void lambda(String name) {
      Optional.of(name).ifPresent(each -> names.add(each + System.getenv("HOME")));
    }

    @Mutator
    public void reference() {
      Supplier<Instant> time = Instant::now;
      names.add(time.get().toString());
    }

    @Mutator
    public void otherClass() {
      names.add(Ids.fresh());
    }

    @Mutator
    public void counter() {
      names.add("" + Ids.next());
    }

    @Mutator
    public void anonymous() {
      names.sort(
          new Comparator<>() {
            @Override
            public int compare(String left, String right) {
              return System.identityHashCode(left) - System.identityHashCode(right);
            }
          });
    }

    @Accessor
    public int draw() {
      return random.nextInt(names.size());
    }
  }

  @Test
  void indirectly_throughHelpersLambdasReferencesOtherAndAnonymousClasses_refusedWithThePath() {
    List<String> problems = Checked.problems(Indirect.class);

    assertThat(problems)
        .anyMatch(
            p ->
                p.contains("the constructor of")
                    && p.contains("new Random()")
                    && p.contains("do that in a mutator, and there use Deterministic.random()"))
        .anyMatch(
            p ->
                p.contains(
                        "Indirect.helper → DeterminismCheckTest.Indirect.stamp → System.nanoTime()")
                    && p.contains("(also mutator 'sameHelper')"))
        .anyMatch(p -> p.contains("Indirect.lambda → System.getenv(String)"))
        .anyMatch(p -> p.contains("Indirect.reference → Instant.now()"))
        .anyMatch(
            p ->
                p.contains("Indirect.otherClass → DeterminismCheckTest.Ids.fresh")
                    && p.contains("ThreadLocalRandom.current()"))
        .anyMatch(p -> p.contains("uses a static variable") && p.contains("'issued'"))
        .anyMatch(p -> p.contains("'anonymous' depends on the identity"));
    assertThat(problems).hasSize(7);
  }

  static class Subtle {
    private String text = "";
    private double number;
    private final List<String> names = new ArrayList<>();

    @Mutator
    public void print() {
      System.out.println(text);
    }

    @Mutator
    public void locale() {
      text = text.toUpperCase();
    }

    @Mutator
    public void format(int n) {
      text = String.format("%d", n);
    }

    @Mutator
    public void bytes() {
      number = text.getBytes().length;
    }

    @Mutator
    public void parallel() {
      number = names.parallelStream().mapToInt(String::length).sum();
    }

    @Mutator
    public void shuffle() {
      Collections.shuffle(names);
    }

    @Mutator
    public void unordered() {
      names.addAll(Set.of("a", "b"));
    }

    @Mutator
    public void copied(Map<String, Integer> map) {
      names.addAll(Map.copyOf(map).keySet());
    }

    @Mutator
    public void power() {
      number = Math.pow(number, 1.5);
    }

    @Mutator
    public void today() {
      text = LocalDate.now().toString() + new Date() + Clock.systemUTC().millis();
    }

    @Mutator
    public void thread() {
      new Thread(() -> text = "").start();
      CompletableFuture.runAsync(() -> text = "");
    }

    @Mutator
    public synchronized void await() throws InterruptedException {
      wait(10);
    }
  }

  @Test
  void subtleDependencies_refusedWithARemedy() {
    List<String> problems = Checked.problems(Subtle.class);

    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("'print' does I/O", "System.out"),
            p -> assertThat(p).contains("'locale'", "String.toUpperCase()", "pass Locale.ROOT"),
            p -> assertThat(p).contains("'format'", "String.format", "pass Locale.ROOT"),
            p -> assertThat(p).contains("'bytes'", "getBytes()", "StandardCharsets.UTF_8"),
            p -> assertThat(p).contains("'parallel'", "List.parallelStream()", "threads"),
            p -> assertThat(p).contains("'shuffle'", "Collections.shuffle(List)"),
            p -> assertThat(p).contains("'unordered'", "Set.of(Object, Object)", "List.of"),
            p -> assertThat(p).contains("'copied'", "Map.copyOf(Map)"),
            p -> assertThat(p).contains("'power'", "Math.pow", "StrictMath"),
            p -> assertThat(p).contains("'today'", "LocalDate.now()"),
            p -> assertThat(p).contains("'today'", "new Date()"),
            p -> assertThat(p).contains("'today'", "Clock.systemUTC()"),
            p -> assertThat(p).contains("'thread'", "new Thread(Runnable)"),
            p -> assertThat(p).contains("'thread'", "Thread.start()"),
            p -> assertThat(p).contains("'thread'", "CompletableFuture.runAsync(Runnable)"),
            p -> assertThat(p).contains("'await'", "Object.wait(long)"));
  }

  record Line(String sku, int count, BigDecimal price) {
    BigDecimal total() {
      return price.multiply(BigDecimal.valueOf(count)).setScale(2, RoundingMode.HALF_UP);
    }
  }

  enum Size {
    SMALL,
    LARGE
  }

  /** Nothing here differs between replicas. */
  static class Orders {
    private static final Map<String, Size> SIZES = Map.of("s", Size.SMALL, "l", Size.LARGE);

    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final Map<Size, AtomicLong> counts = new TreeMap<>();
    private final Random seeded = new Random(42);
    private Instant changed = Instant.EPOCH;

    @Mutator
    public BigDecimal add(Line line) {
      if (line.count() < 0) {
        throw new IllegalArgumentException("count must be >= 0, was " + line);
      }
      lines.merge(line.sku(), line, (old, added) -> added);
      assert !lines.isEmpty() : lines;
      changed = Deterministic.now().plus(Duration.ofSeconds(1));
      return lines.values().stream().map(Line::total).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Mutator
    public synchronized List<String> rename(String prefix) {
      Map<String, List<Line>> byPrefix =
          lines.values().stream()
              .sorted(Comparator.comparing(Line::sku).thenComparing(Line::price))
              .collect(Collectors.groupingBy(line -> line.sku().substring(0, 1)));
      StringBuilder text = new StringBuilder(prefix.strip().toLowerCase(Locale.ROOT));
      for (char c : prefix.toCharArray()) {
        text.append(Character.toUpperCase(c)).append(Math.max(1, c)).append(Math.floorMod(c, 7));
      }
      counts
          .computeIfAbsent(SIZES.getOrDefault(prefix, Size.SMALL), size -> new AtomicLong())
          .incrementAndGet();
      switch (Size.valueOf("SMALL")) {
        case SMALL -> text.append(String.format(Locale.ROOT, "%d", text.length()));
        case LARGE ->
            text.append(
                new String(prefix.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
      }
      Collections.shuffle(new ArrayList<>(lines.keySet()), Deterministic.random());
      lines.putAll(new HashMap<>(lines));
      return Stream.concat(
              byPrefix.keySet().stream(), List.of(text.toString(), "" + draw(), id()).stream())
          .sequential()
          .toList();
    }

    private int draw() {
      return seeded.nextInt(10) + Set.of(1).size();
    }

    private String id() {
      return Deterministic.uuid() + "@" + LocalDate.now(Clock.fixed(changed, ZoneOffset.UTC));
    }

    @Accessor
    public Optional<Line> line(String sku) {
      return Optional.ofNullable(lines.get(sku));
    }

    /** An accessor may differ from replica to replica: its result is not part of the state. */
    @Accessor
    public long age() {
      return Duration.between(changed, Instant.now()).toSeconds();
    }
  }

  @Test
  void ordinaryCode_isNotFlagged() {
    assertThat(Checked.problems(Orders.class)).isEmpty();
  }

  interface Clocked {
    @Mutator
    void touch();

    @Accessor
    long time();
  }

  static class RealClock implements Clocked {
    private long time;

    @Override
    public void touch() {
      time = Math.max(time, System.currentTimeMillis());
    }

    @Override
    public long time() {
      return time++;
    }
  }

  @Test
  void implementationThatASupplierMakes_isCheckedByItself() {
    ReplicatedType<Clocked> type =
        ReplicatedType.of(TypeToken.of(Clocked.class), new CborCodec(), true);

    assertThatThrownBy(() -> type.checkImplementation(RealClock.class))
        .isInstanceOf(IncompatibleTypeException.class)
        .hasMessageContainingAll(
            "mutator 'touch' reads the clock", "accessor 'time' assigns field 'time'");
  }

  static class MyMap extends AbstractMap<String, String> {
    private final Map<String, String> state = new LinkedHashMap<>();

    @Mutator("put")
    @Override
    public String put(String key, String value) {
      return state.put(key, value);
    }

    @Accessor
    @Override
    public Set<String> keySet() {
      return state.keySet();
    }

    @Accessor
    @Override
    public List<String> values() {
      Map<String, String> copy = new LinkedHashMap<>();
      state.forEach(copy::put);
      Map<String, String> viaInterface = copy;
      viaInterface.putIfAbsent("", "");
      viaInterface.put("", "");
      return new ArrayList<>(viaInterface.values());
    }

    @Override
    public Set<Map.Entry<String, String>> entrySet() {
      Map<String, String> copy = new LinkedHashMap<>();
      keySet().forEach(key -> copy.put(key, key));
      return copy.entrySet();
    }
  }

  @Test
  void callsOnAnotherObjectOfAnInheritedInterface_areNotTakenForCallsOnThis() {
    assertThat(Checked.problems(MyMap.class)).isEmpty();
  }

  static class Keeper {
    private long time;

    @Mutator
    public void keep() {
      time = stamp();
    }

    private long stamp() {
      return time + System.currentTimeMillis();
    }
  }

  static class CalmKeeper extends Keeper {
    public long stamp() {
      return 0;
    }
  }

  @Test
  void privateHelperOfASuperclass_isNotTakenForAMethodOfTheSameNameBelow() {
    assertThat(Checked.problems(CalmKeeper.class))
        .singleElement()
        .asString()
        .contains(
            "mutator 'keep' reads the clock", "Keeper.keep → DeterminismCheckTest.Keeper.stamp");
  }
}
