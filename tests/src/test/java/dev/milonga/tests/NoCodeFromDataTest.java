package dev.milonga.tests;

import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchRule;
import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Opening;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.CheckpointChunk;
import dev.milonga.runtime.record.CheckpointEnd;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.Record;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.dataformat.cbor.CBORMapper;

/** S4: nothing that is read from a log makes code run that it names. */
class NoCodeFromDataTest {

  // ---- What our classes call.

  /** What makes a class or an object out of a name or of bytes. */
  private static final Map<String, Set<String>> FORBIDDEN =
      Map.ofEntries(
          Map.entry("java.io.ObjectInputStream", Set.of()),
          Map.entry("java.io.ObjectOutputStream", Set.of()),
          Map.entry("java.beans.XMLDecoder", Set.of()),
          Map.entry("java.rmi.Naming", Set.of()),
          Map.entry("javax.naming.InitialContext", Set.of()),
          Map.entry("javax.script.ScriptEngineManager", Set.of()),
          Map.entry("java.util.ServiceLoader", Set.of()),
          Map.entry("java.net.URLClassLoader", Set.of()),
          Map.entry("java.lang.Class", Set.of("forName")),
          Map.entry("java.lang.Module", Set.of("forName")),
          Map.entry("java.lang.ClassLoader", Set.of("loadClass", "findClass", "defineClass")),
          Map.entry(
              "java.lang.invoke.MethodHandles$Lookup",
              Set.of("findClass", "defineClass", "defineHiddenClass")),
          Map.entry(
              "tools.jackson.databind.cfg.MapperBuilder",
              Set.of(
                  "activateDefaultTyping",
                  "activateDefaultTypingAsProperty",
                  "setDefaultTyping",
                  "polymorphicTypeValidator",
                  "registerSubtypes",
                  "findAndAddModules")),
          Map.entry(
              "tools.jackson.databind.type.TypeFactory",
              Set.of("findClass", "constructFromCanonical")));

  private static ArchRule rule() {
    return noClasses()
        .should(
            accessTargetWhere(
                DescribedPredicate.describe(
                    "makes code of data", NoCodeFromDataTest::isForbidden)));
  }

  private static boolean isForbidden(JavaAccess<?> access) {
    return FORBIDDEN.entrySet().stream()
        .anyMatch(
            each ->
                access.getTargetOwner().isAssignableTo(each.getKey())
                    && (each.getValue().isEmpty() || each.getValue().contains(access.getName())));
  }

  @Test
  @DisplayName("S4: no class of ours makes code of data")
  void s4_noClassOfOurs_deserializesOrLoadsByName() throws IOException {
    JavaClasses ours = ours();

    for (String each :
        List.of(
            "dev.milonga.Milonga",
            "dev.milonga.annotations.Mutator",
            "dev.milonga.collections.ReplicatedMap",
            "dev.milonga.log.SharedLog",
            "dev.milonga.log.server.LogEngine",
            "dev.milonga.runtime.ObjectRuntime",
            "dev.milonga.runtime.cbor.CborCodec",
            "dev.milonga.txn.Transactions")) {
      assertThat(ours.contain(each)).as(each).isTrue();
    }
    rule().check(ours);
  }

  /** Of all modules: those that this one depends on, and what the build has made of the others. */
  private static JavaClasses ours() throws IOException {
    List<Path> others = new ArrayList<>();
    try (Stream<Path> siblings = Files.list(Path.of(".."))) {
      siblings
          .map(each -> each.resolve("target/classes"))
          .filter(Files::isDirectory)
          .forEach(others::add);
    }
    ClassFileImporter importer =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("test-classes"))
            .withImportOption(location -> !location.contains("-tests.jar"));
    List<Location> all = new ArrayList<>();
    others.forEach(each -> all.add(Location.of(each)));
    all.addAll(Locations.ofPackage("dev.milonga"));
    return importer.importLocations(all);
  }

  /** What the scan must find. */
  static final class Offender {
    Object deserialize(byte[] bytes) throws IOException, ClassNotFoundException {
      return new ObjectInputStream(new ByteArrayInputStream(bytes)).readObject();
    }

    Class<?> byName(String name) throws ClassNotFoundException {
      return Class.forName(name);
    }

    Class<?> byLoader(String name) throws ClassNotFoundException {
      return Offender.class.getClassLoader().loadClass(name);
    }

    Class<?> byLookup(String name) throws Exception {
      return MethodHandles.lookup().findClass(name);
    }
  }

  @Test
  void s4_offender_isFound() {
    JavaClasses offender = new ClassFileImporter().importClasses(Offender.class);

    assertThatThrownBy(() -> rule().check(offender))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("deserialize")
        .hasMessageContaining("byName")
        .hasMessageContaining("byLoader")
        .hasMessageContaining("byLookup");
  }

  // ---- What a log can bring about.

  private static final String SUNG = "milonga.canary";

  /** Says so when it is initialized, or read by Java's serialization. */
  static final class Canary implements Serializable {
    private static final long serialVersionUID = Stand.serialVersionUID;

    static {
      System.setProperty(SUNG, "initialized");
    }

    private void readObject(ObjectInputStream in) {
      System.setProperty(SUNG, "deserialized");
    }
  }

  /** Another one: a class is initialized only once. */
  static final class LoudCanary implements Serializable {
    private static final long serialVersionUID = Stand.serialVersionUID;

    static {
      System.setProperty(SUNG + ".loud", "initialized");
    }
  }

  private static final String CANARY = NoCodeFromDataTest.class.getName() + "$Canary";

  @Test
  void s4_canary_singsWhenItIsDeserialized() throws Exception {
    byte[] bytes = serialized(LoudCanary.class.getName());

    new ObjectInputStream(new ByteArrayInputStream(bytes)).readObject();

    assertThat(System.getProperty(SUNG + ".loud")).isEqualTo("initialized");
    System.clearProperty(SUNG + ".loud");
  }

  @Test
  @DisplayName("S4: a class named in every kind of payload never runs")
  void s4_classNamedInAnyPayload_neverRuns() throws Exception {
    Map<StreamId, String> mutators =
        Map.of(
            new StreamId(0, 0),
            "open", // the directory
            StreamId.named("ledger"),
            "add",
            StreamId.named("map"),
            "put");
    for (Map.Entry<StreamId, String> at : mutators.entrySet()) {
      for (Map.Entry<String, byte[]> named : payloads(at.getValue()).entrySet()) {
        try (Logs logs = Logs.open(LogKind.IN_MEMORY)) {
          use(logs.client());
          logs.log().append(AppendRequest.of(at.getKey(), Payload.wrap(named.getValue()))).join();

          use(logs.client());
        }
        assertThat(System.getProperty(SUNG)).as(named.getKey()).isNull();
      }
    }
  }

  @Test
  @DisplayName("S4: a class named in every place of a checkpoint never runs")
  void s4_classNamedInACheckpoint_neverRuns() throws Exception {
    for (String object : List.of("ledger", "map", "tangle")) {
      for (Map.Entry<String, byte[]> named : states().entrySet()) {
        try (Logs logs = Logs.open(LogKind.IN_MEMORY)) {
          use(logs.client());
          appendCheckpoint(logs, StreamId.named(object), named.getValue());
          long readBefore = logs.tail().value();

          use(logs.client());

          assertThat(logs.tail().value()).isGreaterThan(readBefore); // others went on
        }
        assertThat(System.getProperty(SUNG)).as(object + ": " + named.getKey()).isNull();
      }
    }
  }

  /** States that name the canary, in every place where a name or a value can stand. */
  private static Map<String, byte[]> states() throws IOException {
    byte[] name = CANARY.getBytes(US_ASCII);
    byte[] java = serialized(CANARY);
    byte[] cbor = new CBORMapper().writeValueAsBytes(List.of(Map.of("@class", CANARY), CANARY));
    Map<String, byte[]> states = new LinkedHashMap<>();
    states.put("a serialized object as the whole state", java);
    states.put("the name as the whole state", name);
    for (int form = 1; form <= 2; form++) { // by fields, by elements
      String of = ", form " + form;
      states.put("an object's class" + of, state(form, 4, 0, 1, 0, name));
      states.put("a field's name" + of, state(form, 4, 0, 2, 0, name, 1, name, 0));
      states.put("the kind of a collection" + of, state(form, 5, 0, name, 1, name, 0));
      states.put("the kind of a map" + of, state(form, 6, 0, name, 1, name, 0));
      states.put("a value" + of, state(form, 2, name));
      states.put("a serialized value" + of, state(form, 2, java));
      states.put("a typed value" + of, state(form, 2, cbor));
      states.put("a serialized holder" + of, state(form, 3, java));
      states.put("serialized elements" + of, state(form, 1, 7, java, 0));
      states.put("typed elements" + of, state(form, 1, 7, cbor, 0));
    }
    return states;
  }

  /** Format, form, and then numbers as they are and bytes after their length. */
  private static byte[] state(int form, Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(1);
    out.write(form);
    for (Object part : parts) {
      if (part instanceof byte[] bytes) {
        for (int rest = bytes.length; ; rest >>>= 7) {
          out.write(rest > 0x7f ? rest & 0x7f | 0x80 : rest);
          if (rest <= 0x7f) {
            break;
          }
        }
        out.writeBytes(bytes);
      } else {
        out.write((Integer) part);
      }
    }
    return out.toByteArray();
  }

  private static void appendCheckpoint(Logs logs, StreamId object, byte[] state) {
    LogPosition upTo = logs.tail();
    Record chunk =
        Record.newBuilder()
            .setChunk(CheckpointChunk.newBuilder().setState(ByteString.copyFrom(state)))
            .build();
    LogPosition first =
        logs.log()
            .append(
                AppendRequest.of(
                    beside(object, "milonga.checkpoint-chunks"), Payload.wrap(chunk.toByteArray())))
            .join();
    ByteBuffer stream = ByteBuffer.allocate(16).putLong(object.high()).putLong(object.low());
    Record end =
        Record.newBuilder()
            .setEnd(
                CheckpointEnd.newBuilder()
                    .setStream(ByteString.copyFrom(stream.flip()))
                    .setUpTo(upTo.value())
                    .setFirst(first.value())
                    .setChunks(1)
                    .setBytes(state.length)
                    .setCodec(1))
            .build();
    logs.log()
        .append(
            AppendRequest.builder(Payload.wrap(end.toByteArray()))
                .write(StreamKeys.whole(beside(object, "milonga.checkpoint-ends")))
                .write(StreamKeys.whole(StreamId.named("milonga.checkpoints")))
                .build())
        .join();
  }

  private static StreamId beside(StreamId object, String what) {
    StreamId with = StreamId.named(what);
    return new StreamId(object.high() ^ with.high(), object.low() ^ with.low());
  }

  @Test
  @DisplayName("S4: a class named in anything that goes over the wire never runs")
  void s4_classNamedOnTheWire_neverRuns(@TempDir Path directory) throws Exception {
    try (EmbeddedLog log = EmbeddedLog.open(directory);
        LogServer server = LogServer.builder(log).start();
        SharedLog remote = RemoteLog.open("127.0.0.1:" + server.port());
        Milonga store = Milonga.over(remote)) {
      int number = 0;
      for (byte[] payload : payloads("put").values()) {
        String name = "map-" + number++;
        remote.append(AppendRequest.of(StreamId.named(name), Payload.wrap(payload))).join();
        attempt(() -> store.map(name, String.class, String.class).size());
        attempt(() -> store.history(store.map(name, String.class, String.class)).count());
      }
      sayTheName(server.port());

      assertThat(System.getProperty(SUNG)).isNull();
      assertThat(number).isGreaterThan(20);
      assertThat(store.counter("after").addAndGet(1)).isEqualTo(1);
    }
  }

  /** In every place of a call where a name can stand. */
  private static void sayTheName(int port) throws IOException {
    byte[] named =
        ClientFrame.newBuilder()
            .setOpening(Opening.newBuilder().setProtocol(1))
            .addWatch(ByteString.copyFromUtf8(CANARY))
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFrom(serialized(CANARY)))
                            .build())
                    .build())
            .build()
            .toByteArray();
    try (HostilePeer peer = HostilePeer.begin(port)) {
      for (String header :
          List.of(
              "x-class", "grpc-encoding", "grpc-message-type", "authorization", "traceparent")) {
        for (String method : List.of("Converse", "Describe", "Read", "Subscribe", "Tails")) {
          int stream = peer.call(method, header, CANARY);
          peer.data(stream, HostilePeer.message(false, named), 0);
          peer.data(stream, HostilePeer.message(false, serialized(CANARY)), HostilePeer.END_STREAM);
        }
      }
      peer.call(CANARY);
    }
  }

  /** Does all that leads to reading what is in the log; typed refusals are as good as answers. */
  private static void use(Milonga store) {
    Ledger ledger = attempt(() -> store.object(Ledger.class, "ledger"));
    ReplicatedMap<String, String> map = attempt(() -> store.map("map", String.class, String.class));
    attempt(() -> store.list(CANARY, String.class).size());
    attempt(() -> store.object(Tangle.class, "tangle").everything());
    if (ledger != null) {
      attempt(() -> ledger.add(1));
      attempt(() -> store.history(ledger).map(Object::toString).toList());
    }
    if (map != null) {
      attempt(() -> map.put("class", CANARY));
      attempt(() -> store.history(map).map(Object::toString).toList());
    }
    attempt(() -> store.log().readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join());
  }

  private interface Attempt<T> {
    T run();
  }

  private static <T> T attempt(Attempt<T> attempt) {
    try {
      return attempt.run();
    } catch (StoreException refused) {
      return null;
    }
  }

  /** Payloads that name the canary, in every place where a name or a value can stand. */
  private static Map<String, byte[]> payloads(String ofStream) throws IOException {
    Map<String, byte[]> payloads = new LinkedHashMap<>();
    byte[] java = serialized(CANARY);
    payloads.put("a serialized object as the whole payload", java);
    payloads.put("the name as the whole payload", CANARY.getBytes());
    CBORMapper cbor = new CBORMapper();
    Map<String, byte[]> arguments = new LinkedHashMap<>();
    arguments.put("a serialized object", java);
    arguments.put("the name as text", cbor.writeValueAsBytes(List.of(CANARY, CANARY)));
    arguments.put(
        "typed arrays", cbor.writeValueAsBytes(List.of(List.of(CANARY, Map.of()), Map.of())));
    for (String property : List.of("@class", "@type", "@c", "class", "type")) {
      arguments.put(property, cbor.writeValueAsBytes(List.of(Map.of(property, CANARY), CANARY)));
    }
    for (String mutator : List.of(ofStream, CANARY)) {
      for (int codec : List.of(1, 77)) {
        arguments.forEach(
            (what, bytes) ->
                payloads.put(
                    what + " for " + mutator + " by codec " + codec,
                    record(
                        Call.newBuilder()
                            .setMutator(mutator)
                            .setCodec(codec)
                            .setArguments(ByteString.copyFrom(bytes)))));
      }
    }
    return payloads;
  }

  private static byte[] record(Call.Builder call) {
    Header.Builder header =
        Header.newBuilder()
            .setPrincipal(CANARY)
            .setApplicationVersion(CANARY)
            .setRequestId(CANARY)
            .setTraceParent(CANARY);
    return Record.newBuilder().setHeader(header).addCalls(call).build().toByteArray();
  }

  /** An object of that class, as Java's serialization writes it, without loading the class. */
  private static byte[] serialized(String className) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
      objects.writeObject(new Stand());
    }
    // The stand-in's name is replaced, and its length before it; both classes have no fields.
    byte[] bytes = out.toByteArray();
    String text = new String(bytes, ISO_8859_1);
    String old = Stand.class.getName();
    int at = text.indexOf(old);
    String length = "" + (char) (className.length() >> 8) + (char) (className.length() & 0xff);
    return (text.substring(0, at - 2) + length + className + text.substring(at + old.length()))
        .getBytes(ISO_8859_1);
  }

  /** Stands in for a canary that must not be loaded. */
  static final class Stand implements Serializable {
    private static final long serialVersionUID = 1;
  }
}
