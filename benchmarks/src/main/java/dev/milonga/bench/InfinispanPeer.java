package dev.milonga.bench;

import jakarta.transaction.RollbackException;
import jakarta.transaction.TransactionManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.CacheException;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.IsolationLevel;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.transaction.LockingMode;
import org.infinispan.transaction.TransactionMode;
import org.infinispan.transaction.lookup.EmbeddedTransactionManagerLookup;
import org.jspecify.annotations.Nullable;

/**
 * Infinispan, embedded and local: caches in front of a soft-index file store that syncs each write.
 * Puts and gets go to a cache without transactions, which is faster; transactions are optimistic,
 * with repeatable reads and a check of what was read.
 */
final class InfinispanPeer implements Peer {

  private static final Logger LOG = Logger.getLogger("org.infinispan"); // kept, to stay quiet

  private final DefaultCacheManager manager;
  private final AdvancedCache<String, String> single;
  private final AdvancedCache<String, String> first;
  private final AdvancedCache<String, String> second;
  private final AtomicLong aborted = new AtomicLong();

  InfinispanPeer(Path directory, Pairs pairs) throws Exception {
    LOG.setLevel(Level.OFF); // it tells of each conflict, with a stack trace
    GlobalConfigurationBuilder global = new GlobalConfigurationBuilder().nonClusteredDefault();
    global.globalState().enable().persistentLocation(directory.toString());
    global.jmx().disable();
    manager = new DefaultCacheManager(global.build());
    try {
      manager.defineConfiguration("single", configuration(directory, "single").build());
      single = manager.<String, String>getCache("single").getAdvancedCache();
      first = transactional(directory, "first");
      second = transactional(directory, "second");
      Map<String, String> all = pairs.everyKeyAsMap();
      single.putAll(all);
      first.putAll(all);
      second.putAll(all);
    } catch (Exception e) {
      manager.close();
      throw e;
    }
  }

  private static ConfigurationBuilder configuration(Path directory, String name) {
    ConfigurationBuilder configuration = new ConfigurationBuilder();
    configuration
        .persistence()
        .addSoftIndexFileStore()
        .dataLocation(directory.resolve(name + "-data").toString())
        .indexLocation(directory.resolve(name + "-index").toString())
        .syncWrites(true);
    return configuration;
  }

  private AdvancedCache<String, String> transactional(Path directory, String name) {
    ConfigurationBuilder configuration = configuration(directory, name);
    configuration
        .transaction()
        .transactionMode(TransactionMode.TRANSACTIONAL)
        .lockingMode(LockingMode.OPTIMISTIC)
        .transactionManagerLookup(new EmbeddedTransactionManagerLookup());
    configuration.locking().isolationLevel(IsolationLevel.REPEATABLE_READ);
    manager.defineConfiguration(name, configuration.build());
    return manager.<String, String>getCache(name).getAdvancedCache();
  }

  @Override
  public void put(String key, String value) {
    single.put(key, value);
  }

  @Override
  public @Nullable String get(String key) {
    return single.get(key);
  }

  @Override
  public String readAndWrite(String one, String other, String value) throws Exception {
    TransactionManager transactions = first.getTransactionManager();
    while (true) {
      transactions.begin();
      try {
        String before = first.get(one) + second.get(other);
        first.put(one, value);
        second.put(other, value);
        transactions.commit();
        return before;
      } catch (RollbackException lost) {
        aborted.incrementAndGet();
      } catch (CacheException lost) {
        transactions.rollback();
        aborted.incrementAndGet();
      }
    }
  }

  @Override
  public long aborted() {
    return aborted.get();
  }

  @Override
  public void close() throws IOException {
    manager.close();
  }
}
