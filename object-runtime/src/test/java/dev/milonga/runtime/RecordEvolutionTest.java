package dev.milonga.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnknownFieldSet;
import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Record;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Records of a later version of the runtime. */
class RecordEvolutionTest {

  /** A number that can be set. */
  static class Cell {
    private int value;

    @Mutator
    public void set(int to) {
      value = to;
    }

    @Accessor
    public int value() {
      return value;
    }
  }

  private static final StreamId STREAM = StreamId.named("cell");
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(1_000, UnknownFieldSet.Field.newBuilder().addVarint(-1).build())
          .addField(
              1_001,
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFromUtf8("from a later version"))
                  .build())
          .build();

  private final SharedLog log = InMemoryLog.create();
  private final ObjectRuntime runtime =
      ObjectRuntime.builder(log).applicationVersion("1.0").requestId(() -> "r-1").build();
  private final Cell cell = runtime.open(TypeToken.of(Cell.class), "cell");

  @AfterEach
  void close() {
    runtime.close();
    log.close();
  }

  @Test
  void fieldsThatNobodyKnows_changeNothing_andSurvive() throws IOException {
    cell.set(1);
    LogEntry known = last();
    Record record = Record.parseFrom(known.payload().array());
    byte[] later = later(record).toByteArray();
    cell.set(2);

    log.append(again(known, later)).join();

    assertThat(cell.value()).isEqualTo(1);
    List<Change> history = runtime.history(cell).toList();
    assertThat(history)
        .extracting(Change::call)
        .containsExactly("set(to: 1)", "set(to: 2)", "set(to: 1)");
    assertThat(history.get(2).applicationVersion()).contains("1.0");
    assertThat(history.get(2).requestId()).contains("r-1");
    assertThat(LogInspector.of(log).history("cell"))
        .last()
        .satisfies(call -> assertThat(call.call()).isEqualTo("set(to: 1)"));
    assertThat(last().payload().array()).isEqualTo(later);
    Record parsed = RecordFormat.parse(last().payload());
    assertThat(parsed.toByteArray()).isEqualTo(later);
    assertThat(parsed.getHeader().getUnknownFields()).isEqualTo(UNKNOWN);
    assertThat(
            parsed.toBuilder()
                .setHeader(parsed.getHeader().toBuilder().setPrincipal("ann"))
                .build()
                .getHeader()
                .getUnknownFields())
        .isEqualTo(UNKNOWN);
  }

  @Test
  void recordThatNeedsALaterReader_haltsTheView_andSaysWhatToDo() throws IOException {
    cell.set(1);
    LogEntry known = last();
    Record record = Record.parseFrom(known.payload().array());
    byte[] later = record.toBuilder().setReaderMin(RecordFormat.READER + 1).build().toByteArray();

    LogPosition position = log.append(again(known, later)).join();

    assertThatThrownBy(cell::value)
        .isInstanceOf(ViewHaltedException.class)
        .hasMessageContaining(position.toString())
        .hasMessageContaining("Upgrade this process");
    assertThat(LogInspector.of(log).history("cell"))
        .last()
        .satisfies(
            call -> assertThat(call.problem()).map(what -> what.contains("newer")).contains(true));
  }

  private static Record later(Record record) {
    Record.Builder later = record.toBuilder().setUnknownFields(UNKNOWN);
    later.getHeaderBuilder().setUnknownFields(UNKNOWN);
    for (Call.Builder call : later.getCallsBuilderList()) {
      call.setUnknownFields(UNKNOWN);
    }
    return later.build();
  }

  private static AppendRequest again(LogEntry entry, byte[] payload) {
    AppendRequest.Builder request = AppendRequest.builder(Payload.wrap(payload));
    entry.writes().forEach(request::write);
    return request.build();
  }

  private LogEntry last() {
    List<LogEntry> entries =
        log.read(STREAM, LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
    return entries.get(entries.size() - 1);
  }

  /** What is in {@code record-1.txt} stays as it is there; new fields are added to it. */
  @Test
  void fieldsOfRecords_neverChange() throws IOException {
    List<String> promised;
    try (InputStream text = RecordEvolutionTest.class.getResourceAsStream("record-1.txt")) {
      promised = new String(Objects.requireNonNull(text).readAllBytes(), UTF_8).lines().toList();
    }
    List<String> present = new ArrayList<>();
    for (Descriptor message : Record.getDescriptor().getFile().getMessageTypes()) {
      for (FieldDescriptor field : message.getFields()) {
        present.add(
            message.getName()
                + "."
                + field.getName()
                + " = "
                + field.getNumber()
                + (field.isRepeated() ? " repeated " : " ")
                + typeOf(field));
      }
    }

    assertThat(present)
        .as("fields of record.proto with their numbers and types")
        .containsAll(promised);
    assertThat(promised).hasSizeGreaterThanOrEqualTo(37);
  }

  private static String typeOf(FieldDescriptor field) {
    return field.getType() == FieldDescriptor.Type.MESSAGE
        ? field.getMessageType().getName()
        : field.getType().name().toLowerCase(Locale.ROOT);
  }
}
