package dev.milonga.log.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.milonga.log.wire.LogGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a server and its clients, and makes either look to the other as if it were of a
 * later version: each message that passes, and each within it, gets fields that nobody knows.
 */
final class LaterVersion implements AutoCloseable {

  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(1_000, UnknownFieldSet.Field.newBuilder().addVarint(-1).build())
          .addField(
              1_001,
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFromUtf8("from a later version"))
                  .build())
          .addField(1_002, UnknownFieldSet.Field.newBuilder().addFixed64(7).build())
          .build();

  private final ManagedChannel channel;
  private final Server server;
  private final Set<String> passed = ConcurrentHashMap.newKeySet();

  LaterVersion(int port) throws IOException {
    this.channel =
        NettyChannelBuilder.forAddress("localhost", port).usePlaintext().directExecutor().build();
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(LogGrpc.getServiceDescriptor());
    for (MethodDescriptor<?, ?> method : LogGrpc.getServiceDescriptor().getMethods()) {
      forward(method, service);
    }
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service.build())
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  /** The names of the messages that have passed, alone or within others. */
  Set<String> passed() {
    return passed;
  }

  private <Q, A> void forward(
      MethodDescriptor<Q, A> method, ServerServiceDefinition.Builder service) {
    service.addMethod(method, new Forwarding<>(method, channel));
  }

  private final class Forwarding<Q, A> implements ServerCallHandler<Q, A> {

    private final MethodDescriptor<Q, A> method;
    private final Channel onwards;

    Forwarding(MethodDescriptor<Q, A> method, Channel onwards) {
      this.method = method;
      this.onwards = onwards;
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
      ClientCall<Q, A> onward = onwards.newCall(method, CallOptions.DEFAULT);
      onward.start(
          new ClientCall.Listener<A>() {
            @Override
            public void onHeaders(Metadata answered) {
              call.sendHeaders(answered);
            }

            @Override
            public void onMessage(A answer) {
              call.sendMessage(later(answer));
              onward.request(1);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              call.close(status, trailers);
            }
          },
          headers);
      onward.request(1);
      call.request(1);
      return new ServerCall.Listener<Q>() {
        @Override
        public void onMessage(Q question) {
          onward.sendMessage(later(question));
          call.request(1);
        }

        @Override
        public void onHalfClose() {
          onward.halfClose();
        }

        @Override
        public void onCancel() {
          onward.cancel("the client has gone", null);
        }
      };
    }
  }

  @SuppressWarnings("unchecked") // a message is made of one of its own kind
  private <M> M later(M message) {
    return (M) withUnknownFields((Message) message);
  }

  private Message withUnknownFields(Message message) {
    passed.add(message.getDescriptorForType().getName());
    Message.Builder later = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                later.setField(
                    field,
                    field.isRepeated()
                        ? ((List<?>) value)
                            .stream().map(each -> withUnknownFields((Message) each)).toList()
                        : withUnknownFields((Message) value));
              }
            });
    return later.setUnknownFields(UNKNOWN).build();
  }

  @Override
  public void close() {
    server.shutdownNow();
    channel.shutdownNow();
  }
}
