package dev.milonga.bench;

import java.nio.file.Path;

/** The peers there are, and what it takes to open them. */
enum Peers {
  PREVAYLER("Prevayler") {
    @Override
    Peer open(Path directory, Pairs pairs) throws Exception {
      return new PrevaylerPeer(directory, pairs);
    }
  },
  H2("H2 MVStore") {
    @Override
    Peer open(Path directory, Pairs pairs) {
      return new H2Peer(directory, pairs);
    }
  },
  INFINISPAN("Infinispan") {
    @Override
    Peer open(Path directory, Pairs pairs) throws Exception {
      return new InfinispanPeer(directory, pairs);
    }
  };

  private final String title;

  Peers(String title) {
    this.title = title;
  }

  /** Opens a new one, with every key in its maps. */
  abstract Peer open(Path directory, Pairs pairs) throws Exception;

  String title() {
    return title;
  }
}
