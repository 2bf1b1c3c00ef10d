package dev.milonga;

import dev.milonga.checkpoint.Checkpointer;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.Backup;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.ChangeListener;
import dev.milonga.runtime.Codec;
import dev.milonga.runtime.Consistency;
import dev.milonga.runtime.Difference;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.Registration;
import dev.milonga.runtime.RuntimeStatistics;
import dev.milonga.runtime.TypeToken;
import dev.milonga.txn.TransactionOptions;
import dev.milonga.txn.TransactionStatistics;
import dev.milonga.txn.Transactions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store of replicated objects: plain annotated classes and ready-made collections, opened by
 * name. Whoever opens the same name on the same log has the same object.
 *
 * <pre>{@code
 * try (Milonga store = Milonga.open(Path.of("data"))) {
 *   Inventory inventory = store.object(Inventory.class, "warehouse-7");
 *   inventory.restock("sku-1", 5);
 *   ReplicatedMap<String, Order> orders = store.map("orders", String.class, Order.class);
 * }
 * }</pre>
 *
 * <p><b>Guarantees.</b> A mutator that has returned is durable, and its effect is seen by every
 * read that begins afterwards, in whichever process. A read sees everything that was acknowledged
 * before it began (linearizability).
 *
 * <p><b>Errors.</b> What can go wrong is a {@link dev.milonga.log.StoreException}, whose {@code
 * durable()} says whether the call took effect; arguments that cannot be carried are refused before
 * anything is written.
 *
 * <p><b>Threads.</b> A store and all the objects it hands out may be used from any number of
 * threads.
 */
public final class Milonga implements AutoCloseable {

  // Of what a store in the background is to be replayed at most, by estimation.
  private static final Duration REPLAY_MAX = Duration.ofMillis(250);

  private static final Duration BLOCK_LEASE = Duration.ofMinutes(1);

  private final ObjectRuntime runtime;
  private final Transactions transactions;
  private final Checkpointer checkpointer;
  private final SharedLog log;
  private final boolean ownsLog;

  private Milonga(SharedLog log, boolean ownsLog, ObjectRuntime runtime) {
    this.log = log;
    this.ownsLog = ownsLog;
    this.runtime = runtime;
    this.transactions = new Transactions(runtime);
    this.checkpointer = new Checkpointer(runtime);
  }

  /**
   * Opens the durable store in that directory, or creates one there. The log lives in this process;
   * each mutation is on disk before its call returns.
   *
   * @throws dev.milonga.log.StoreException if another process has the directory open, or its
   *     content is damaged or of a newer version; the message says what to do
   */
  public static Milonga open(Path directory) {
    return builder().directory(directory).open();
  }

  /** Opens a store whose log lives in the memory of this process and ends with it. */
  public static Milonga inMemory() {
    return builder().inMemory().open();
  }

  /**
   * Opens a store whose log servers keep: every process that connects to them shares its objects.
   * The connection is made again by itself when it breaks, and calls under way go on; none waits
   * for longer than the {@linkplain Builder#callTimeout time-out of calls}. Servers on this machine
   * are spoken to in the clear, all others over TLS.
   *
   * @param target {@code host:port}, or several with commas between: the servers of one log
   * @throws IllegalArgumentException if the target is not of that form
   * @throws dev.milonga.log.LogUnavailableException if no server can be reached
   * @throws dev.milonga.log.LogRefusedException if they do not serve this client
   */
  public static Milonga connect(String target) {
    return builder().connect(target).open();
  }

  /**
   * Opens a further client of a log that this process already has. It shares the objects with every
   * other client of the log, and nothing else. Closing it leaves the log open.
   */
  public static Milonga over(SharedLog log) {
    return builder().log(log).open();
  }

  /** A store on that client of a log, for simulations. */
  static Milonga over(ObjectRuntime runtime) {
    return new Milonga(runtime.log(), false, runtime);
  }

  /** A builder, for everything that has a default. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Opens the object of that name, or creates it. Its class has a constructor without parameters,
   * which makes the state that the object has before its first mutation. Opening a name again
   * returns the same object.
   *
   * @throws dev.milonga.runtime.IncompatibleTypeException if the class cannot be a replicated
   *     object, listing every reason, or if the name belongs to an object of another type; nothing
   *     was created
   */
  public <T> T object(Class<T> type, String name) {
    return runtime.open(TypeToken.of(type), name);
  }

  /**
   * Like {@link #object(Class, String)}, with {@code fresh} making the state that the object has
   * before its first mutation. It must make the same state in every process, for ever: it is not
   * recorded in the log. {@code type} may be an interface or an abstract class.
   */
  public <T> T object(Class<T> type, String name, Supplier<? extends T> fresh) {
    return runtime.open(TypeToken.of(type), name, fresh);
  }

  /** Like {@link #object(Class, String)}, for a generic class. */
  public <T> T object(TypeToken<T> type, String name) {
    return runtime.open(type, name);
  }

  /** Like {@link #object(Class, String, Supplier)}, for a generic class. */
  public <T> T object(TypeToken<T> type, String name, Supplier<? extends T> fresh) {
    return runtime.open(type, name, fresh);
  }

  /** Opens or creates a map. */
  public <K, V> ReplicatedMap<K, V> map(String name, Class<K> key, Class<V> value) {
    return map(name, TypeToken.of(key), TypeToken.of(value));
  }

  /** Like {@link #map(String, Class, Class)}, for generic types of keys and values. */
  public <K, V> ReplicatedMap<K, V> map(String name, TypeToken<K> key, TypeToken<V> value) {
    return runtime.open(TypeToken.parameterized(ReplicatedMap.class, key, value), name);
  }

  /** Opens or creates a map that is sorted by the natural order of its keys. */
  public <K extends Comparable<? super K>, V> ReplicatedSortedMap<K, V> sortedMap(
      String name, Class<K> key, Class<V> value) {
    return sortedMap(name, TypeToken.of(key), TypeToken.of(value));
  }

  /** Like {@link #sortedMap(String, Class, Class)}, for generic types of keys and values. */
  public <K extends Comparable<? super K>, V> ReplicatedSortedMap<K, V> sortedMap(
      String name, TypeToken<K> key, TypeToken<V> value) {
    return runtime.open(TypeToken.parameterized(ReplicatedSortedMap.class, key, value), name);
  }

  /** Opens or creates a list. */
  public <E> ReplicatedList<E> list(String name, Class<E> element) {
    return list(name, TypeToken.of(element));
  }

  /** Like {@link #list(String, Class)}, for a generic type of elements. */
  public <E> ReplicatedList<E> list(String name, TypeToken<E> element) {
    return runtime.open(TypeToken.parameterized(ReplicatedList.class, element), name);
  }

  /** Opens or creates a set. */
  public <E> ReplicatedSet<E> set(String name, Class<E> element) {
    return set(name, TypeToken.of(element));
  }

  /** Like {@link #set(String, Class)}, for a generic type of elements. */
  public <E> ReplicatedSet<E> set(String name, TypeToken<E> element) {
    return runtime.open(TypeToken.parameterized(ReplicatedSet.class, element), name);
  }

  /** Opens or creates a queue. */
  public <E> ReplicatedQueue<E> queue(String name, Class<E> element) {
    return queue(name, TypeToken.of(element));
  }

  /** Like {@link #queue(String, Class)}, for a generic type of elements. */
  public <E> ReplicatedQueue<E> queue(String name, TypeToken<E> element) {
    return runtime.open(TypeToken.parameterized(ReplicatedQueue.class, element), name);
  }

  /** Opens or creates a register, which holds one value. */
  public <V> ReplicatedRegister<V> register(String name, Class<V> value) {
    return register(name, TypeToken.of(value));
  }

  /** Like {@link #register(String, Class)}, for a generic type of value. */
  public <V> ReplicatedRegister<V> register(String name, TypeToken<V> value) {
    return runtime.open(TypeToken.parameterized(ReplicatedRegister.class, value), name);
  }

  /** Opens or creates a counter. */
  public ReplicatedCounter counter(String name) {
    return runtime.open(TypeToken.of(ReplicatedCounter.class), name);
  }

  /**
   * Runs a block of calls on any objects of this store as one transaction: strictly serializable,
   * all of it or nothing, and durable when this returns. Where it has lost against another
   * transaction or call it is run again, so it should have no effects other than on the objects.
   *
   * <p>Every accessor in the block, and every mutator that returns a value or can throw, counts as
   * a read of the keys it names or else of the whole object; the block commits only if nothing that
   * it has read was written meanwhile. Inside the block its own mutations are seen, by nobody else.
   * Calls that the block has other threads make, as a parallel stream does, are not part of it.
   *
   * <p>An exception of the block leaves it, and nothing is durable. A block inside a block joins
   * the outer one; if the inner one throws and the outer one goes on, what the inner one has
   * written is undone.
   *
   * @throws dev.milonga.txn.TransactionConflictException if the block has lost too often; nothing
   *     is durable
   * @throws dev.milonga.log.EntryTooLargeException if it writes more than fits into one log entry;
   *     nothing is durable
   * @throws dev.milonga.log.LogUnavailableException if it is not known whether the block has
   *     committed
   */
  public <R extends @Nullable Object> R transact(Supplier<R> block) {
    return transactions.transact(TransactionOptions.DEFAULT, block);
  }

  /** Like {@link #transact(Supplier)}, for a block that returns nothing. */
  public void transact(Runnable block) {
    transact(TransactionOptions.DEFAULT, block);
  }

  /** Like {@link #transact(Supplier)}, with retries, time-out and isolation as given. */
  public <R extends @Nullable Object> R transact(TransactionOptions options, Supplier<R> block) {
    return transactions.transact(options, block);
  }

  /** Like {@link #transact(TransactionOptions, Supplier)}, for a block that returns nothing. */
  public void transact(TransactionOptions options, Runnable block) {
    transactions.transact(
        options,
        () -> {
          block.run();
          return null;
        });
  }

  /**
   * Runs a block that only reads on one consistent snapshot of all objects: it sees everything that
   * was acknowledged before it began, and every object at the same moment. It writes nothing to the
   * log and never aborts.
   */
  public <R extends @Nullable Object> R snapshot(Supplier<R> block) {
    return transactions.snapshot(block);
  }

  /** What this client has done so far, and how its objects stand; always the same object. */
  public RuntimeStatistics runtimeStatistics() {
    return runtime.statistics();
  }

  /** How this client's transactions have ended so far. */
  public TransactionStatistics transactionStatistics() {
    return transactions.statistics();
  }

  /**
   * Makes the one call of a mutator or accessor in the lambda without waiting for it: {@code
   * store.async(() -> orders.put(id, order))}. Calls made one after the other on one thread take
   * effect in that order.
   *
   * <p>The lambda only names a call of a mutator: inside it the call returns {@code null} or zero,
   * and what it really returned completes the stage. A lambda that calls accessors is run once more
   * on a thread of the store, and its result completes the stage. What makes the call impossible
   * from the start, such as an argument that cannot be encoded, is thrown here; everything else
   * completes the stage exceptionally, with what the call itself would have thrown.
   *
   * <p>Actions that depend on the stage may run on a thread of the store, or of anyone who calls
   * one of its objects; they must not block. Give them an executor if they do.
   *
   * @throws IllegalStateException if the lambda makes a second call besides one of a mutator, or
   *     makes something else of its result, or if this is called inside a mutator or another block;
   *     nothing was done
   */
  public <R extends @Nullable Object> CompletionStage<R> async(Supplier<R> call) {
    return runtime.async(call);
  }

  /** Like {@link #async(Supplier)}, for a call that returns nothing. */
  public CompletionStage<@Nullable Void> async(Runnable call) {
    return runtime.async(
        () -> {
          call.run();
          return null;
        });
  }

  /**
   * Runs a block whose accessors read with that consistency instead of linearizably. Mutators are
   * refused in it.
   *
   * @throws IllegalStateException if called inside a mutator or another block
   */
  public <R extends @Nullable Object> R read(Consistency consistency, Supplier<R> block) {
    return runtime.read(consistency, block);
  }

  /**
   * Position of this client's latest acknowledged write; empty if it has not written yet. Another
   * client that reads {@link Consistency#atLeast at least} at it sees the write.
   */
  public Optional<LogPosition> position() {
    return runtime.position();
  }

  /**
   * The calls that have changed an object, oldest first, as far back as the log is kept. They are
   * read as the stream advances.
   *
   * @param replicated an object that this store has handed out
   */
  public Stream<Change> history(Object replicated) {
    return runtime.history(replicated);
  }

  /**
   * Tells the listener of every change of an object from now on, in order.
   *
   * @param replicated an object that this store has handed out
   */
  public Subscription onChange(Object replicated, ChangeListener listener) {
    return runtime.onChange(replicated, listener);
  }

  /**
   * Tells the listener of every change of an object from {@code from} on, past ones first, in
   * order. A listener that keeps the position of the last change it has dealt with resumes at the
   * one after it.
   *
   * @param replicated an object that this store has handed out
   */
  public Subscription onChange(Object replicated, LogPosition from, ChangeListener listener) {
    return runtime.onChange(replicated, from, listener);
  }

  /**
   * Tells the listener of every change of an object, in order, from where the cursor of that name
   * stands, and moves the cursor along. The cursor is kept in the log, so that a feed of the same
   * name goes on after a restart, in whichever process.
   *
   * <p><b>Once each.</b> The listener is called in a transaction, one for all changes of one log
   * entry, which moves the cursor as well: what it writes to objects of this store is written
   * exactly once for each entry. What it does elsewhere may be done again after a crash, or if its
   * transaction has lost against another one and is run again. If it throws, the feed ends, and the
   * next feed of that name begins with the same entry.
   *
   * <p><b>Where it begins.</b> A new cursor begins with the object's first change. If that was
   * trimmed, or the next change of a known cursor, the listener is told the position to begin from
   * anew ({@link ChangeListener#onReset}), before this method returns, and the changes after it
   * follow. A cursor keeps what it has not seen from being trimmed for 7 days after it last moved.
   *
   * @param replicated an object that this store has handed out
   * @param cursor its name, one for each feed of the log; one feed at a time may use it
   */
  public Subscription onChange(Object replicated, String cursor, ChangeListener listener) {
    return CursorFeed.ofChanges(runtime, transactions, replicated, cursor, listener);
  }

  /**
   * Hands the listener every entry of raw streams ({@link #log()}), in order, from where the cursor
   * of that name stands, and moves the cursor along: exactly once each, as {@link #onChange(Object,
   * String, ChangeListener)} does it for an object.
   *
   * <p>A new cursor begins with the first entry. If the log was trimmed past where the cursor
   * stands, entries may be missing, of which nothing else in the store tells: the listener learns
   * of it ({@link StreamListener#onReset}), before this method returns, and the entries from the
   * trim mark on follow. A cursor keeps what it has not seen from being trimmed for 7 days after it
   * last moved.
   *
   * @param streams at least one
   * @param cursor its name, one for each feed of the log; one feed at a time may use it
   */
  public Subscription onEntries(Set<StreamId> streams, String cursor, StreamListener listener) {
    return CursorFeed.ofEntries(runtime, transactions, streams, cursor, listener);
  }

  /**
   * Runs a block that sees every object as it was when the entry at {@code position} had been
   * applied, and nothing after it. It calls the same accessors; mutators are refused. Objects that
   * did not exist then are as new.
   *
   * @param position such as {@link Change#position()} or an earlier {@link #position()}
   * @throws IllegalArgumentException if the position was not written yet
   * @throws dev.milonga.log.TrimmedException out of the block, if an object cannot be read so far
   *     back; it tells from where on it can
   * @throws IllegalStateException if called inside a transaction or another block
   */
  public <R extends @Nullable Object> R at(LogPosition position, Supplier<R> block) {
    return runtime.at(position, block);
  }

  /**
   * Like {@link #at(LogPosition, Supplier)}, at the last entry that the log has accepted at that
   * moment or before; before the first entry, all objects are as new. Of the very present, entries
   * may still be under way.
   *
   * @throws IllegalArgumentException if the moment has not come yet
   * @throws dev.milonga.log.TrimmedException if the log does not tell any more what was then
   */
  public <R extends @Nullable Object> R at(Instant moment, Supplier<R> block) {
    return runtime.at(moment, block);
  }

  /**
   * How an object differs between two moments, value by value, and the calls that have made it so.
   *
   * @param replicated an object that this store has handed out
   * @param from the earlier moment: when the entry at that position had been applied
   * @param to the later one, likewise
   * @throws IllegalArgumentException if {@code from} comes after {@code to}, or {@code to} was not
   *     written yet
   * @throws dev.milonga.log.TrimmedException if the object cannot be read so far back
   */
  public Difference diff(Object replicated, LogPosition from, LogPosition to) {
    return runtime.diff(replicated, from, to);
  }

  /**
   * Makes every client pass over a log entry that an object is halted at ({@link
   * dev.milonga.runtime.ViewHaltedException}). The entry's effect on the object is given up for
   * ever. A client that could apply the entry, and has done so, halts the object in its turn until
   * its store is reopened: try a newer version of the class first.
   *
   * @param replicated the object that is halted
   * @param position the position that the exception names
   * @param reason why, for the record
   * @return the position of this order in the log
   */
  public LogPosition skip(Object replicated, LogPosition position, String reason) {
    return runtime.skip(replicated, position, reason);
  }

  /** Every object in the store, by name, with its type. */
  public List<Registration> objects() {
    return runtime.registrations();
  }

  /** Checkpoints of all objects, and trim of the log. */
  public Checkpointer checkpointer() {
    return checkpointer;
  }

  /** The log itself, for applications that want raw streams. */
  public SharedLog log() {
    return log;
  }

  /**
   * Copies all that the store holds at one moment between now and the return into a new file, while
   * the store is in use: every object, its history back to the trim mark, and all sessions. {@link
   * Backup#restore} makes a store of it. Blocks the calling thread; writes at most 16 MiB a second
   * ({@link EmbeddedLog#backupTo(Path, long)} takes another rate).
   *
   * @throws UnsupportedOperationException if the log of this store is not in a directory of this
   *     process
   * @throws IllegalArgumentException if the file exists
   * @throws dev.milonga.log.server.BackupFailedException if the file cannot be written, or the
   *     thread was interrupted; nothing is left of it
   */
  public Backup backupTo(Path file) {
    if (log instanceof EmbeddedLog embedded) {
      return embedded.backupTo(file);
    }
    throw new UnsupportedOperationException(
        "only a store that was opened on a directory can be backed up, and by the process that has"
            + " it open; the log of this one is "
            + log.getClass().getSimpleName());
  }

  /**
   * Closes the store, and its log if the store has opened it. Calls under way complete or fail with
   * {@link dev.milonga.log.LogUnavailableException}; later ones fail with {@link
   * dev.milonga.log.StoreClosedException}. Closing twice does nothing.
   */
  @Override
  public void close() {
    checkpointer.close();
    runtime.close();
    if (ownsLog) {
      log.close();
    }
  }

  /** Collects the settings of a store. Not thread-safe. */
  public static final class Builder {

    private @Nullable Path directory;
    private boolean inMemory;
    private @Nullable SharedLog log;
    private @Nullable String target;
    private final List<Consumer<RemoteLog.Builder>> connection = new ArrayList<>();
    private Durability durability = Durability.SYNC;
    private @Nullable Codec codec;
    private @Nullable String applicationVersion;
    private @Nullable Supplier<? extends @Nullable String> requestId;
    private @Nullable Supplier<? extends @Nullable String> traceParent;
    private @Nullable Duration callTimeout;
    private boolean backgroundCheckpoints = true;
    private Duration blockLease = BLOCK_LEASE;

    private Builder() {}

    /** A durable log in that directory, in this process. */
    public Builder directory(Path directory) {
      this.directory = Objects.requireNonNull(directory, "the directory is null");
      return this;
    }

    /** A log in the memory of this process. */
    public Builder inMemory() {
      this.inMemory = true;
      return this;
    }

    /** A log that this process already has; closing the store leaves it open. */
    public Builder log(SharedLog log) {
      this.log = log;
      return this;
    }

    /**
     * A log that servers keep; as {@link Milonga#connect} says.
     *
     * @param target {@code host:port}, or several with commas between
     */
    public Builder connect(String target) {
      this.target = target;
      return this;
    }

    /**
     * How long {@link #open} looks for a server that can be reached, more than 0; 30 seconds if not
     * set.
     */
    public Builder connectTimeout(Duration timeout) {
      return connection(remote -> remote.connectTimeout(timeout));
    }

    /**
     * Shows servers that token, which says who this client is. Without {@link #insecure} it is sent
     * over TLS, and to this machine, only.
     */
    public Builder token(String token) {
      return connection(remote -> remote.token(token));
    }

    /** Shows servers the token in that file, which may be replaced at any time. */
    public Builder tokenFile(Path file) {
      return connection(remote -> remote.tokenFile(file));
    }

    /** Uses TLS also to a server on this machine. */
    public Builder tls() {
      return connection(RemoteLog.Builder::tls);
    }

    /**
     * Uses TLS, and trusts servers whose certificates were signed by one of those in that file
     * (PEM); by whom Java trusts if not set.
     */
    public Builder trust(Path certificates) {
      return connection(remote -> remote.trust(certificates));
    }

    /**
     * Uses TLS, and shows servers that certificate. Both files may be replaced at any time.
     *
     * @param certificate a chain of X.509 certificates in PEM
     * @param key its private key, PKCS #8 in PEM, not encrypted
     */
    public Builder certificate(Path certificate, Path key) {
      return connection(remote -> remote.certificate(certificate, key));
    }

    /**
     * Speaks to servers without TLS, wherever they are: whoever is on the way can read and change
     * everything, a token included.
     */
    public Builder insecure() {
      return connection(RemoteLog.Builder::insecure);
    }

    private Builder connection(Consumer<RemoteLog.Builder> option) {
      connection.add(option);
      return this;
    }

    /** When a write to a durable log is acknowledged; {@link Durability#SYNC} if not set. */
    public Builder durability(Durability durability) {
      this.durability = durability;
      return this;
    }

    /** The codec of arguments and results; Jackson CBOR if not set. */
    public Builder codec(Codec codec) {
      this.codec = codec;
      return this;
    }

    /**
     * The version of the application, recorded with each of its calls and found in its history;
     * none if not set.
     *
     * @param version at most 256 characters
     */
    public Builder applicationVersion(String version) {
      this.applicationVersion = version;
      return this;
    }

    /**
     * Gives the application's identity of the request that it is serving, which is recorded with
     * each mutator called and each transaction committed meanwhile, and found in their history: at
     * most 256 characters, null or empty for none. Asked on the thread that makes the call, before
     * anything is sent; what it throws is thrown by the call, and nothing of that is durable then.
     * Must be fast. None if not set.
     */
    public Builder requestId(Supplier<? extends @Nullable String> requestId) {
      this.requestId = requestId;
      return this;
    }

    /**
     * Gives the trace that a call is part of, likewise: the value of the {@code traceparent} header
     * of W3C Trace Context, which is recorded as it is given. A listener finds it in {@link
     * dev.milonga.runtime.Change#traceParent}, and can go on with the trace.
     */
    public Builder traceParent(Supplier<? extends @Nullable String> traceParent) {
      this.traceParent = traceParent;
      return this;
    }

    /** How long one call waits for the log, more than 0; 30 seconds if not set. */
    public Builder callTimeout(Duration timeout) {
      this.callTimeout = timeout;
      return this;
    }

    /**
     * Whether a durable log of this store's own is checkpointed by itself from time to time, so
     * that opening it does not take long; yes if not set. Other logs never are.
     */
    public Builder backgroundCheckpoints(boolean wanted) {
      this.backgroundCheckpoints = wanted;
      return this;
    }

    /**
     * For how long the log is held for a block of this store (a transaction, a snapshot, a block in
     * the past) that lasts, when the store is not heard of any more: so long is the lease that the
     * block gets, and that is renewed while it lasts. It gets one when it has lasted a twelfth to a
     * sixth of that time; other clients may trim before that. Zero: blocks hold the log only
     * against their own store. 1 minute if not set.
     *
     * @param length at least 0 and at most 1 day
     */
    public Builder blockLease(Duration length) {
      if (length.isNegative() || length.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "the lease of a block lasts from 0 to 1 day, was " + length);
      }
      this.blockLease = length;
      return this;
    }

    /**
     * Opens the store.
     *
     * @throws IllegalStateException unless exactly one of {@link #directory}, {@link #inMemory},
     *     {@link #connect} and {@link #log} was set; or if something was said of connections, and
     *     none is to be made
     */
    public Milonga open() {
      long places = Stream.of(directory, log, target).filter(Objects::nonNull).count();
      places += inMemory ? 1 : 0;
      if (places != 1) {
        throw new IllegalStateException(
            "a store has one log, and "
                + places
                + " were named: set one of directory(Path), inMemory(), connect(String) and"
                + " log(SharedLog)");
      }
      if (target == null && !connection.isEmpty()) {
        throw new IllegalStateException(
            "a token, certificates, TLS or a time to connect were set, and the store is not one to"
                + " connect to: set connect(String), or leave them out");
      }
      if (log != null) {
        return over(log, false);
      }
      SharedLog own = ownLog();
      try {
        return over(own, true);
      } catch (RuntimeException | Error e) {
        own.close();
        throw e;
      }
    }

    private SharedLog ownLog() {
      if (directory != null) {
        return EmbeddedLog.builder(directory).durability(durability).open();
      }
      if (target == null) {
        return InMemoryLog.create();
      }
      RemoteLog.Builder remote = RemoteLog.builder(target);
      if (callTimeout != null) {
        remote.timeout(callTimeout);
      }
      connection.forEach(option -> option.accept(remote));
      return remote.open();
    }

    private Milonga over(SharedLog log, boolean ownsLog) {
      ObjectRuntime.Builder runtime = ObjectRuntime.builder(log);
      if (codec != null) {
        runtime.codec(codec);
      }
      if (applicationVersion != null) {
        runtime.applicationVersion(applicationVersion);
      }
      if (requestId != null) {
        runtime.requestId(requestId);
      }
      if (traceParent != null) {
        runtime.traceParent(traceParent);
      }
      if (callTimeout != null) {
        runtime.callTimeout(callTimeout);
      }
      Milonga store = new Milonga(log, ownsLog, runtime.build());
      if (!blockLease.isZero()) {
        store.checkpointer.holdForBlocks(blockLease);
      }
      if (directory != null && backgroundCheckpoints) {
        store.checkpointer.runInBackground(REPLAY_MAX);
      }
      return store;
    }
  }
}
