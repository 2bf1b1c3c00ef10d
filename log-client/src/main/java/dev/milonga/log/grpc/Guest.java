package dev.milonga.log.grpc;

/** What uses the connection of a conversation for something beside it. */
interface Guest {

  /** Begins, or begins again, over that link. Called without any lock. */
  void start(Link link);

  /** Gives up, because no server serves this client. Called without any lock. */
  void fail(RuntimeException cause);
}
