package dev.milonga.log.grpc;

import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.OpenSessionResponse;
import dev.milonga.log.wire.ReadRequest;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.SubscribeRequest;
import dev.milonga.log.wire.TailsRequest;
import dev.milonga.log.wire.TailsResponse;
import dev.milonga.log.wire.TrimRequest;
import dev.milonga.log.wire.TrimResponse;
import java.util.function.Consumer;

/** A connection to one server: one conversation, and any number of calls beside it. */
interface Link {

  /** What it leads to, for messages. */
  Endpoint endpoint();

  /**
   * Whether a frame that is sent now is on its way at once. If not, {@link Events#onReady} follows.
   */
  boolean isReady();

  /** Sends a frame of the conversation. One thread at a time; does nothing after the end. */
  void send(ClientFrame frame);

  /** Ends the conversation and everything beside it; no event follows that is not under way. */
  void end();

  void openSession(Answer<OpenSessionResponse> answer);

  void tails(TailsRequest request, Answer<TailsResponse> answer);

  void trim(TrimRequest request, Answer<TrimResponse> answer);

  /** Batches come as fast as the server sends them. */
  void read(ReadRequest request, BatchListener listener);

  /** One batch comes, and another one for each that is asked for. */
  void subscribe(SubscribeRequest request, BatchListener listener);

  /** What happens in a conversation; one call after the other, until the end. */
  interface Events {
    void onFrame(ServerFrame frame);

    void onReady();

    void onEnd(LinkProblem problem);
  }

  /** The end of a call. */
  interface Answer<T> {
    void answered(T answer);

    void failed(LinkProblem problem);
  }

  /** What comes of a stream of batches; one call after the other, until the end. */
  interface BatchListener {

    /** Before everything else. */
    void onStart(Batches batches);

    void onBatch(EntryBatch batch);

    void onCompleted();

    void onFailed(LinkProblem problem);
  }

  /** A stream of batches under way. */
  interface Batches {
    void request(int count);

    void cancel();
  }

  /** Makes links. */
  interface Dialer {

    /**
     * Begins to connect, without waiting. What is known to be impossible is an event as well.
     *
     * @param started is given the link before any event of it
     */
    void dial(Endpoint endpoint, Events events, Consumer<Link> started);
  }
}
