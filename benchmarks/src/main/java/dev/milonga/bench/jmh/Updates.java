package dev.milonga.bench.jmh;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.Codec;
import dev.milonga.runtime.TupleCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The steps of an update of 116 bytes, {@code map.put}: encode, decode, apply. */
@State(Scope.Benchmark)
public class Updates {

  private static final int ENTRIES = 10_000;

  private final TupleCodec codec = Codec.standard().tuple(List.of(String.class, String.class));
  private final String key = "key-000000000007";
  private final String value = "v".repeat(100);
  private byte[] encoded;
  private SharedLog log;

  /** Writes a history. */
  @Setup
  public void write() {
    encoded = codec.encode(key, value);
    log = InMemoryLog.create();
    try (Milonga writer = Milonga.over(log)) {
      ReplicatedMap<String, String> map = writer.map("map", String.class, String.class);
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < ENTRIES; i++) {
        String each = String.format("key-%012d", i % 1_000);
        calls.add(writer.async(() -> map.put(each, value)).toCompletableFuture());
      }
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
    }
  }

  /** Ends the log. */
  @TearDown
  public void close() {
    log.close();
  }

  /** The arguments to bytes. */
  @Benchmark
  public byte[] encode() {
    return codec.encode(key, value);
  }

  /** The bytes to arguments. */
  @Benchmark
  public Object[] decode() {
    return codec.decode(encoded);
  }

  /** An entry decoded and applied, by a new client that plays a history of 10,000 puts. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public int apply() {
    try (Milonga reader = Milonga.over(log)) {
      return reader.map("map", String.class, String.class).size();
    }
  }
}
