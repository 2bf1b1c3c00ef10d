package dev.milonga.tests;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One connection of somebody who speaks HTTP/2 as far as it does harm (RFC 9113): frames are
 * written as they are asked for, and nothing that the server says is heeded, read though it is,
 * unless {@link #deaf}. Used by one thread.
 */
final class HostilePeer implements AutoCloseable {

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW = 8;
  private static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int CANCEL = 8;

  private final Socket socket;
  private final OutputStream out;
  private int nextStream = 1;

  private HostilePeer(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
  }

  /** One who has connected, and said nothing yet. */
  static HostilePeer connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    return new HostilePeer(socket);
  }

  /** One who has begun as a client does. */
  static HostilePeer begin(int port) throws IOException {
    HostilePeer peer = connect(port);
    peer.raw(PREFACE.getBytes(StandardCharsets.US_ASCII));
    peer.frame(SETTINGS, 0, 0, new byte[0]);
    peer.listen();
    return peer;
  }

  /** One who has begun, and reads nothing that it is told. */
  static HostilePeer deaf(int port) throws IOException {
    HostilePeer peer = connect(port);
    peer.raw(PREFACE.getBytes(StandardCharsets.US_ASCII));
    peer.frame(SETTINGS, 0, 0, new byte[0]);
    return peer;
  }

  /** Only so much of what a client begins with. */
  void partOfPreface(int bytes) throws IOException {
    raw(Arrays.copyOf(PREFACE.getBytes(StandardCharsets.US_ASCII), bytes));
  }

  private void listen() {
    Thread listening =
        new Thread(
            () -> {
              byte[] buffer = new byte[16 << 10];
              try (InputStream in = socket.getInputStream()) {
                while (in.read(buffer) >= 0) {
                  // not heeded
                }
              } catch (IOException e) {
                // The server has had enough, or this was closed.
              }
            },
            "hostile-peer");
    listening.setDaemon(true);
    listening.start();
  }

  void raw(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    raw(frame.array());
  }

  /** Begins a call of that method of the log; returns its stream. */
  int call(String method, String... headers) throws IOException {
    int stream = nextStream;
    nextStream += 2;
    frame(HEADERS, END_HEADERS, stream, headers(method, headers));
    return stream;
  }

  private static byte[] headers(String method, String... more) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", "/milonga.log.v1.Log/" + method);
    header(block, ":authority", "localhost");
    header(block, "content-type", "application/grpc");
    header(block, "te", "trailers");
    for (int i = 0; i < more.length; i += 2) {
      header(block, more[i], more[i + 1]);
    }
    return block.toByteArray();
  }

  // HPACK (RFC 7541): a literal without indexing, with a new name, not Huffman-coded.
  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    string(block, name);
    string(block, value);
  }

  private static void string(ByteArrayOutputStream block, String text) {
    int length = text.length();
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      int rest = length - 127;
      for (; rest >= 128; rest >>>= 7) {
        block.write(rest & 127 | 128);
      }
      block.write(rest);
    }
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Begins a call whose headers never end: so many more frames of them follow. */
  void endlessHeaders(int frames) throws IOException {
    int stream = nextStream;
    nextStream += 2;
    frame(HEADERS, 0, stream, headers("Describe"));
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      header(more, "x-" + i, "y".repeat(100));
    }
    for (int i = 0; i < frames; i++) {
      frame(CONTINUATION, 0, stream, more.toByteArray());
    }
  }

  /** Some bytes of a message, or of several. */
  void data(int stream, byte[] bytes, int flags) throws IOException {
    frame(DATA, flags, stream, bytes);
  }

  /** The head of a message of that length, as gRPC writes it. */
  static byte[] messageHead(boolean compressed, int length) {
    return ByteBuffer.allocate(5).put((byte) (compressed ? 1 : 0)).putInt(length).array();
  }

  /** A message, whole. */
  static byte[] message(boolean compressed, byte[] bytes) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(messageHead(compressed, bytes.length));
    message.writeBytes(bytes);
    return message.toByteArray();
  }

  /** Sends a message in frames of the usual size. */
  void send(int stream, byte[] message) throws IOException {
    for (int from = 0; from < message.length; from += 16_384) {
      data(stream, Arrays.copyOfRange(message, from, Math.min(message.length, from + 16_384)), 0);
    }
  }

  /** Gives a call up. */
  void reset(int stream) throws IOException {
    frame(RESET, 0, stream, intBytes(CANCEL));
  }

  void ping() throws IOException {
    frame(PING, 0, 0, new byte[8]);
  }

  /** Changes the first window of streams. */
  void settings(int windowBytes) throws IOException {
    ByteArrayOutputStream setting = new ByteArrayOutputStream();
    try (DataOutputStream data = new DataOutputStream(setting)) {
      data.writeShort(4);
      data.writeInt(windowBytes);
    }
    frame(SETTINGS, 0, 0, setting.toByteArray());
  }

  /** Lets the server send more on a stream, or on the connection. */
  void window(int stream, int more) throws IOException {
    frame(WINDOW, 0, stream, intBytes(more));
  }

  private static byte[] intBytes(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
