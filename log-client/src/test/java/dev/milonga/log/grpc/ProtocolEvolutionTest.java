package dev.milonga.log.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.milonga.log.wire.ClientFrame;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProtocolEvolutionTest {

  /**
   * Clients and servers of two versions understand each other as long as what is in {@code
   * protocol-1.txt} stays as it is there; new fields, values and calls are added to it.
   */
  @Test
  void whatThisVersionOfTheProtocolHas_neverChanges() throws IOException {
    List<String> promised;
    try (InputStream text = ProtocolEvolutionTest.class.getResourceAsStream("protocol-1.txt")) {
      promised = new String(Objects.requireNonNull(text).readAllBytes(), UTF_8).lines().toList();
    }

    assertThat(described(ClientFrame.getDescriptor().getFile()))
        .as("calls, fields and values of log.proto with their numbers and types")
        .containsAll(promised);
    assertThat(promised).hasSizeGreaterThanOrEqualTo(90);
  }

  private static List<String> described(FileDescriptor file) {
    List<String> lines = new ArrayList<>();
    file.getServices()
        .forEach(
            service ->
                service
                    .getMethods()
                    .forEach(call -> lines.add(service.getName() + "." + described(call))));
    file.getMessageTypes().forEach(message -> describe(message.getName(), message, lines));
    return lines;
  }

  private static String described(MethodDescriptor call) {
    return call.getName()
        + (call.isClientStreaming() ? " (stream " : " (")
        + call.getInputType().getName()
        + (call.isServerStreaming() ? ") stream " : ") ")
        + call.getOutputType().getName();
  }

  private static void describe(String name, Descriptor message, List<String> lines) {
    for (FieldDescriptor field : message.getFields()) {
      lines.add(
          name
              + "."
              + field.getName()
              + " = "
              + field.getNumber()
              + (field.isRepeated() ? " repeated " : " ")
              + typeOf(field));
    }
    for (EnumDescriptor values : message.getEnumTypes()) {
      values
          .getValues()
          .forEach(
              value ->
                  lines.add(
                      name
                          + "."
                          + values.getName()
                          + "."
                          + value.getName()
                          + " = "
                          + value.getNumber()));
    }
    message.getNestedTypes().forEach(each -> describe(name + "." + each.getName(), each, lines));
  }

  private static String typeOf(FieldDescriptor field) {
    return switch (field.getType()) {
      case MESSAGE -> field.getMessageType().getName();
      case ENUM -> field.getEnumType().getName();
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }
}
