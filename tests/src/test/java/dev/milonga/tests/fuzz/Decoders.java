package dev.milonga.tests.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.Milonga;
import dev.milonga.annotations.Snapshots;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.Principal;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.grpc.ClientWireDecoders;
import dev.milonga.log.server.ServerDecoders;
import dev.milonga.log.server.grpc.ServerWireDecoders;
import dev.milonga.runtime.Codec;
import dev.milonga.runtime.DecodingException;
import dev.milonga.runtime.RuntimeDecoders;
import dev.milonga.runtime.TrimLedger;
import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** All decoders of the product. */
final class Decoders {

  /** Where a few bytes are an object: a list in a list takes one byte, and forty to hold. */
  private static final int OBJECTS = 64;

  private static final int BYTES = 2;

  private Decoders() {}

  static List<Decoder> all() {
    List<Decoder> all = new ArrayList<>();
    all.add(entries());
    all.add(records());
    all.addAll(tuples());
    all.addAll(states());
    all.addAll(files());
    all.addAll(messages());
    all.add(log());
    return all;
  }

  static Decoder named(String name) {
    return all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  // ---- Entries.

  private static Decoder entries() {
    LogPosition position = new LogPosition(7);
    return new Decoder(
        "entry",
        entrySamples(position),
        OBJECTS,
        bytes -> {
          byte[] sealed = sealedEntry(position, bytes);
          LogEntry entry = EntryFormat.decode(position, sealed);
          LogEntry again = EntryFormat.decode(position, EntryFormat.encode(entry));
          if (!again.writes().equals(entry.writes())
              || !again.principal().equals(entry.principal())) {
            throw new AssertionError("read again it is another");
          }
          EntryFormat.decode(position, bytes); // most often its checksum is wrong
        });
  }

  private static List<byte[]> entrySamples(LogPosition position) {
    StreamId stream = StreamId.named("sampled");
    Payload payload = Payload.wrap(new byte[] {1, 2, 3});
    RequestId id = new RequestId(new SessionId(300), 70_000, 69_000);
    List<StreamKeys> two =
        List.of(StreamKeys.keys(stream, -1, 5), StreamKeys.whole(StreamId.named("other")));
    return List.of(
        EntryFormat.encode(
            new LogEntry(position, 5, List.of(StreamKeys.whole(stream)), payload, null)),
        EntryFormat.encode(new LogEntry(position, 5, two, payload, id)),
        EntryFormat.encode(
            new LogEntry(position, 5, two, payload, id, new Principal("CN=\u00e4nn \ufffd"))));
  }

  // As somebody would write it who means ill: what is checked first is right.
  private static byte[] sealedEntry(LogPosition position, byte[] bytes) {
    byte[] sealed = bytes.clone();
    int end = sealed.length - Integer.BYTES;
    if (end >= 0) {
      CRC32C crc = new CRC32C();
      crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, position.value()));
      crc.update(sealed, 0, end);
      ByteBuffer.wrap(sealed).putInt(end, (int) crc.getValue());
    }
    return sealed;
  }

  // ---- Messages between a client and a server.

  /** What gRPC, the service, or the client makes the end of a call or of a conversation. */
  private static final Set<Class<? extends Throwable>> NO_MESSAGE =
      Set.of(
          InvalidProtocolBufferException.class,
          IllegalArgumentException.class,
          StoreException.class);

  private static List<Decoder> messages() {
    byte[] entry = entrySamples(new LogPosition(7)).get(1);
    return List.of(
        message("client-frame", ServerWireDecoders.frames(), ServerWireDecoders::frame),
        message("streams", List.of(ServerWireDecoders.streams()), ServerWireDecoders::streams),
        message("server-frame", ClientWireDecoders.frames(entry), ClientWireDecoders::frame),
        message("batch", List.of(ClientWireDecoders.batchOf(entry)), ClientWireDecoders::batch),
        message("trailer", List.of(ClientWireDecoders.trailer()), ClientWireDecoders::trailer),
        message("tokens", List.of(ServerWireDecoders.tokens()), ServerWireDecoders::tokens));
  }

  private static Decoder message(String name, List<byte[]> samples, Decoder.Body body) {
    return new Decoder(name, samples, OBJECTS, NO_MESSAGE, body);
  }

  // ---- Payloads.

  private static Decoder records() {
    return new Decoder("record", RuntimeDecoders.records(), OBJECTS, RuntimeDecoders::record);
  }

  private static List<Decoder> tuples() {
    Codec codec = Codec.standard();
    Type map = new TypeToken<Map<AllKinds.Key, List<AllKinds.Expression>>>() {}.type();
    Map<AllKinds.Key, List<AllKinds.Expression>> pairs = new LinkedHashMap<>();
    pairs.put(new AllKinds.Key("k", 'x'), List.of(AllKinds.expression()));
    List<Decoder> all = new ArrayList<>();
    all.add(tuple("numbers", codec, AllKinds.Numbers.class, AllKinds.numbers()));
    all.add(tuple("times", codec, AllKinds.Times.class, AllKinds.times()));
    all.add(tuple("names", codec, AllKinds.Names.class, AllKinds.names()));
    all.add(tuple("containers", codec, AllKinds.Containers.class, AllKinds.containers()));
    all.add(tuple("objects", codec, AllKinds.Plain.class, AllKinds.plain()));
    all.add(tuple("cases", codec, map, pairs));
    List<byte[]> samples = new ArrayList<>();
    all.forEach(each -> samples.addAll(each.samples()));
    all.add(new Decoder("json", samples, OBJECTS, codec::toJson));
    all.add(leases(codec));
    return all;
  }

  private static Decoder tuple(String name, Codec codec, Type type, Object value) {
    TupleCodec tuple = codec.tuple(List.of(type));
    return new Decoder(
        "tuple-" + name,
        List.of(tuple.encode(value)),
        OBJECTS,
        bytes -> {
          byte[] again = tuple.encode(tuple.decode(bytes));
          if (!Arrays.equals(tuple.encode(tuple.decode(again)), again)) {
            throw new AssertionError("what was accepted is not written as it is read");
          }
        });
  }

  /** What is told of leases and cursors: the arguments of the mutators of their ledger. */
  private static Decoder leases(Codec codec) {
    List<TupleCodec> mutators = new ArrayList<>();
    for (String name : List.of("lease", "renew", "advance", "forget", "agree", "retain")) {
      Method mutator =
          Stream.of(TrimLedger.class.getMethods())
              .filter(each -> each.getName().equals(name))
              .findFirst()
              .orElseThrow();
      mutators.add(codec.tuple(List.of(mutator.getGenericParameterTypes())));
    }
    return new Decoder(
        "leases",
        List.of(
            mutators.get(0).encode(7L, Duration.ofDays(7)),
            mutators.get(2).encode("cursor", 7L, Duration.ofDays(7)),
            mutators.get(5).encode(new TrimLedger.Retention(3, Duration.ofDays(1)))),
        OBJECTS,
        bytes -> {
          int refusals = 0;
          for (TupleCodec each : mutators) {
            try {
              each.decode(bytes);
            } catch (DecodingException e) {
              if (++refusals == mutators.size()) {
                throw e;
              }
            }
          }
        });
  }

  // ---- States, as checkpoints hold them.

  /** A plain class with fields of most kinds. */
  static class Depot {
    static final class Order {
      String id = "";
      int quantity;
      private final Set<String> tags = new LinkedHashSet<>();
      Order related;
    }

    private final Map<String, Integer> stock = new LinkedHashMap<>();
    private final TreeMap<Long, Order> orders = new TreeMap<>();
    private final Deque<Order> line = new ArrayDeque<>();
    private final AtomicLong count = new AtomicLong();
    private final BitSet bits = new BitSet();
    private EnumMap<AllKinds.Color, Long> colors = new EnumMap<>(AllKinds.Color.class);
    private Optional<Order> last = Optional.empty();
    private Order[] all = {};
    private int[] counts = {1, 2};
    private byte[] raw = {3};
    private AllKinds.Expression expression = AllKinds.expression();
    private AllKinds.Times times = AllKinds.times();
    private List<List<String>> lists = new ArrayList<>();

    static Depot filled() {
      Depot depot = new Depot();
      Order order = new Order();
      order.id = "o-1";
      order.tags.add("urgent");
      order.related = new Order();
      depot.stock.put("sku", 3);
      depot.orders.put(5L, order);
      depot.line.add(order);
      depot.count.set(9);
      depot.bits.set(70);
      depot.colors.put(AllKinds.Color.GREEN, 4L);
      depot.last = Optional.of(order);
      depot.all = new Order[] {order, order.related, null};
      depot.lists.add(new ArrayList<>(List.of("a", "b")));
      return depot;
    }
  }

  /** A class that gives its state element by element. */
  static final class Shelf implements Snapshots<AllKinds.Key> {
    private final List<AllKinds.Key> keys = new ArrayList<>();

    @Override
    public Iterator<AllKinds.Key> snapshot() {
      return keys.iterator();
    }

    @Override
    public void restore(Iterator<AllKinds.Key> elements) {
      elements.forEachRemaining(keys::add);
    }

    static Shelf filled() {
      Shelf shelf = new Shelf();
      for (int i = 0; i < 50; i++) {
        shelf.keys.add(new AllKinds.Key("k" + i, 'x'));
      }
      return shelf;
    }
  }

  private static List<Decoder> states() {
    RuntimeDecoders.States<Depot> depots = new RuntimeDecoders.States<>(Depot.class, Depot::new);
    RuntimeDecoders.States<Shelf> shelves = new RuntimeDecoders.States<>(Shelf.class, Shelf::new);
    return List.of(
        new Decoder(
            "state-fields",
            List.of(depots.written(new Depot()), depots.written(Depot.filled())),
            OBJECTS,
            depots::restored),
        new Decoder(
            "state-elements",
            List.of(shelves.written(new Shelf()), shelves.written(Shelf.filled())),
            OBJECTS,
            shelves::restored));
  }

  // ---- Files of a store.

  private static List<Decoder> files() {
    return List.of(
        new Decoder(
            "backup",
            List.of(ServerDecoders.backup()),
            OBJECTS,
            bytes -> ServerDecoders.backup(ServerDecoders.sealedBackup(bytes))),
        new Decoder(
            "backup-unsealed", List.of(ServerDecoders.backup()), OBJECTS, ServerDecoders::backup),
        new Decoder("mark", List.of(ServerDecoders.mark()), BYTES, ServerDecoders::mark),
        new Decoder("meta", List.of(ServerDecoders.meta()), BYTES, ServerDecoders::meta),
        new Decoder("session", List.of(ServerDecoders.session()), BYTES, ServerDecoders::session),
        new Decoder("index", List.of(ServerDecoders.index()), OBJECTS, ServerDecoders::index));
  }

  // ---- A whole log.

  /**
   * An entry of anybody's in each stream that the runtime reads, and then all that leads to reading
   * it. A whole store is opened for each, so it is not measured what it allocates.
   */
  private static Decoder log() {
    List<byte[]> samples = new ArrayList<>();
    int streams = Streams.values().length;
    Stores stores = new Stores();
    for (Streams stream : Streams.values()) {
      for (byte[] each : logPayloads(stream)) {
        byte[] sample = new byte[1 + each.length];
        sample[0] = (byte) stream.ordinal();
        System.arraycopy(each, 0, sample, 1, each.length);
        samples.add(sample);
      }
    }
    return new Decoder(
        "log",
        samples,
        Integer.MAX_VALUE,
        bytes -> {
          if (bytes.length > 0) {
            Streams stream = Streams.values()[Math.floorMod(bytes[0], streams)];
            replay(stream, Arrays.copyOfRange(bytes, 1, bytes.length), stores);
          }
        });
  }

  private enum Streams {
    DIRECTORY(new StreamId(0, 0)),
    LEDGER(new StreamId(0, 1)),
    MAP(StreamId.named("map")),
    CHECKPOINTS(StreamId.named("milonga.checkpoints"));

    final StreamId id;

    Streams(StreamId id) {
      this.id = id;
    }
  }

  /** What the runtime itself has written into that stream. */
  private static List<byte[]> logPayloads(Streams stream) {
    try (SharedLog log = InMemoryLog.create();
        Milonga store = Milonga.over(log)) {
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      map.put("k", 1);
      store.transact(() -> map.put("k", map.get("k") + 1));
      store.checkpointer().checkpoint();
      store.checkpointer().lease(LogPosition.FIRST, Duration.ofDays(1));
      return log.read(stream.id, LogPosition.FIRST, ReadLimit.DEFAULT).join().entries().stream()
          .map(entry -> entry.payload().toByteArray())
          .toList();
    }
  }

  private static void replay(Streams stream, byte[] payload, Stores stores) {
    if (stream == Streams.MAP) {
      stores.replay(payload);
      return;
    }
    try (SharedLog log = InMemoryLog.create()) {
      log.append(AppendRequest.of(stream.id, Payload.wrap(payload))).join();
      try (Milonga store = Milonga.over(log)) {
        use(store, "map");
      }
    }
  }

  private static void use(Milonga store, String name) {
    attempt(store::objects);
    attempt(
        () -> {
          ReplicatedMap<String, Integer> map = store.map(name, String.class, Integer.class);
          attempt(map::size);
          attempt(() -> map.put("k", 1));
          attempt(() -> store.history(map).map(Object::toString).toList());
        });
    attempt(() -> store.checkpointer().lease(LogPosition.FIRST, Duration.ofDays(1)));
  }

  /**
   * One store for many payloads, each in the stream of an object of its own: what is wrong with one
   * is nothing to the others. Followed by another before it is large. Used by one thread.
   */
  private static final class Stores {
    private static final int OBJECTS_MAX = 500;

    private SharedLog log; // null before the first
    private Milonga store;
    private int objects;

    void replay(byte[] payload) {
      if (log != null && objects == OBJECTS_MAX) {
        store.close();
        log.close();
        log = null;
      }
      if (log == null) {
        log = InMemoryLog.create();
        store = Milonga.over(log);
        objects = 0;
      }
      String name = "map-" + objects++;
      log.append(AppendRequest.of(StreamId.named(name), Payload.wrap(payload))).join();
      use(store, name);
    }
  }

  private static void attempt(Runnable call) {
    try {
      call.run();
    } catch (StoreException refused) {
      // As good as an answer: the rest must go on.
    }
  }
}
