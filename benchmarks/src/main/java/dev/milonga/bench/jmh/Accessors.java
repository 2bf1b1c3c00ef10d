package dev.milonga.bench.jmh;

import dev.milonga.Milonga;
import dev.milonga.bench.Stores;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.Proxied;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** An accessor on an up-to-date view of a durable store, and the same method called directly. */
@State(Scope.Benchmark)
public class Accessors {

  /** The system property that names the directory to make stores in. */
  public static final String DIRECTORY = "milonga.bench.directory";

  private VersionedCell directVersioned = new VersionedCell();
  private PlainCell directPlain = new PlainCell();
  private Milonga store;
  private VersionedCell versioned;
  private PlainCell plain;
  private ObjectHandle<?> handle;

  /** Opens a store with both objects. */
  @Setup
  public void open() throws IOException {
    Path parent = Path.of(System.getProperty(DIRECTORY, System.getProperty("java.io.tmpdir")));
    store = Stores.withoutCheckpoints(Files.createTempDirectory(parent, "accessors-"));
    versioned = store.object(VersionedCell.class, "versioned");
    plain = store.object(PlainCell.class, "plain");
    directVersioned.set(7);
    directPlain.set(7);
    versioned.set(7);
    plain.set(7);
    handle = ((Proxied) versioned).milongaHandle();
  }

  /** Closes it. */
  @TearDown
  public void close() {
    store.close();
  }

  /** The method of the class that makes versions, called directly. */
  @Benchmark
  public long versionedDirect() {
    return directVersioned.get();
  }

  /** The same through the proxy. */
  @Benchmark
  public long versionedProxy() {
    return versioned.get();
  }

  /** The method of the plain class, called directly. */
  @Benchmark
  public long plainDirect() {
    return directPlain.get();
  }

  /** The same through the proxy. */
  @Benchmark
  public long plainProxy() {
    return plain.get();
  }

  /** What a proxy does first: make sure that the view covers all that was acknowledged. */
  @Benchmark
  public Object sync() {
    return Objects.requireNonNull(handle.upToDateState());
  }
}
