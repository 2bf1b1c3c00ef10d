package dev.milonga.bench;

import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * H2's MVStore: two maps, committed and synced by whichever thread comes first for all that wait. A
 * transaction holds a lock that keeps others, and commits, from falling between its writes.
 */
final class H2Peer implements Peer {

  private final MVStore store;
  private final MVMap<String, String> first;
  private final MVMap<String, String> second;
  private final ReentrantLock transaction = new ReentrantLock();
  private final GroupSync sync;

  H2Peer(Path directory, Pairs pairs) {
    this.store =
        new MVStore.Builder()
            .fileName(directory.resolve("store.mv.db").toString())
            .autoCommitDisabled()
            .open();
    this.first = store.openMap("first");
    this.second = store.openMap("second");
    this.sync = new GroupSync(this::commitAndSync);
    first.putAll(pairs.everyKeyAsMap());
    second.putAll(pairs.everyKeyAsMap());
    commitAndSync();
  }

  private void commitAndSync() {
    transaction.lock();
    try {
      store.commit();
    } finally {
      transaction.unlock();
    }
    store.sync();
  }

  @Override
  public void put(String key, String value) throws Exception {
    first.put(key, value);
    sync.await();
  }

  @Override
  public @Nullable String get(String key) {
    return first.get(key);
  }

  @Override
  public String readAndWrite(String one, String other, String value) throws Exception {
    String before;
    transaction.lock();
    try {
      before = first.get(one) + second.get(other);
      first.put(one, value);
      second.put(other, value);
    } finally {
      transaction.unlock();
    }
    sync.await();
    return before;
  }

  @Override
  public void close() {
    store.close();
  }
}
