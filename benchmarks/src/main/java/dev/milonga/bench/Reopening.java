package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.runtime.Codec;
import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Record;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * The main class of a process that opens what another one has written, as after a restart. Its
 * arguments are {@link What}, where that is, and how many parts it has: entries of the map, or
 * calls; then, if there is a fourth, where something small of the same kind is, which is opened
 * before: what a process takes to load classes, once, does not count then. The last line that it
 * prints is how many seconds that took, a blank, and the bytes of heap that are in use then.
 */
final class Reopening {

  static final String MAP = "map";

  /** How many parts there are in what is opened before. */
  static final int SMALL = 100;

  /** What there is to open. */
  enum What {
    /** A store with one map. */
    STORE,
    /** The same, as it is opened unless one asks for something else. */
    STORE_WITH_BACKGROUND_CHECKPOINTS,
    /** The same, served by another process: the place is its target. */
    SERVED_STORE,
    /** The payloads of puts in a RocksDB of their own. */
    PAYLOADS,
    /** A file of what a checkpoint of the map holds, in the codec's CBOR. */
    STATE
  }

  private Reopening() {}

  public static void main(String[] arguments) throws Exception {
    Path place = Path.of(arguments[1]);
    int parts = Integer.parseInt(arguments[2]);
    if (arguments.length > 3) {
      main(new String[] {arguments[0], arguments[3], String.valueOf(SMALL)});
    }
    long start = System.nanoTime();
    switch (What.valueOf(arguments[0])) {
      case STORE -> open(Stores.withoutCheckpoints(place), parts, start);
      case STORE_WITH_BACKGROUND_CHECKPOINTS -> open(Milonga.open(place), parts, start);
      case SERVED_STORE -> {
        try (RemoteLog log = RemoteLog.open(place.toString())) {
          open(Milonga.over(log), parts, start);
        }
      }
      case PAYLOADS -> {
        int decoded = decodePayloads(place);
        require(decoded == parts, decoded + " calls were decoded");
        print(start);
      }
      case STATE -> {
        List<String> texts = decodeState(place);
        require(texts.size() == 2 * parts, texts.size() + " keys and values were decoded");
        print(start);
        Values.check(texts.get(1));
      }
    }
  }

  private static void open(Milonga opened, int entries, long start) {
    try (Milonga store = opened) {
      ReplicatedMap<String, String> map = store.map(MAP, String.class, String.class);
      require(map.size() == entries, "the map has " + map.size() + " keys");
      print(start);
      Values.check(map.values().iterator().next());
    }
  }

  private static void print(long start) {
    double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    System.out.printf(Locale.ROOT, "%.6f %d%n", seconds, ManyObjectsWork.liveBytes());
  }

  private static int decodePayloads(Path directory) throws Exception {
    TupleCodec codec = Codec.standard().tuple(List.of(String.class, String.class));
    int calls = 0;
    try (Options options = new Options();
        RocksDB database = RocksDB.openReadOnly(options, directory.toString());
        RocksIterator payloads = database.newIterator()) {
      for (payloads.seekToFirst(); payloads.isValid(); payloads.next()) {
        for (Call call : Record.parseFrom(payloads.value()).getCallsList()) {
          Object value = codec.decode(call.getArguments().toByteArray())[1];
          Values.check((String) Objects.requireNonNull(value));
          calls++;
        }
      }
      payloads.status();
    }
    return calls;
  }

  private static List<String> decodeState(Path file) throws IOException {
    List<String> texts = new ArrayList<>();
    try (JsonParser parser = new CBORMapper().createParser(file)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          texts.add(parser.getString());
        }
      }
    }
    return texts;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
