package dev.milonga.bench;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.prevayler.Prevayler;
import org.prevayler.PrevaylerFactory;
import org.prevayler.Query;
import org.prevayler.SureTransactionWithQuery;
import org.prevayler.Transaction;

/**
 * Prevayler: two maps as the prevalent system. The journal is synced before a transaction is
 * executed, in groups. Transactions are immutable, so that they need not be copied.
 */
final class PrevaylerPeer implements Peer {

  /** The prevalent system. */
  static final class Maps implements Serializable {
    final Map<String, String> first = new HashMap<>();
    final Map<String, String> second = new HashMap<>();
  }

  private record Put(String key, String value) implements Transaction<Maps> {
    @Override
    public void executeOn(Maps maps, Date time) {
      maps.first.put(key, value);
    }
  }

  private record ReadAndWrite(String one, String other, String value)
      implements SureTransactionWithQuery<Maps, String> {
    @Override
    public String executeAndQuery(Maps maps, Date time) {
      String before = maps.first.get(one) + maps.second.get(other);
      maps.first.put(one, value);
      maps.second.put(other, value);
      return before;
    }
  }

  private record Fill(LinkedHashMap<String, String> all) implements Transaction<Maps> {
    @Override
    public void executeOn(Maps maps, Date time) {
      maps.first.putAll(all);
      maps.second.putAll(all);
    }
  }

  private final Prevayler<Maps> prevayler;

  PrevaylerPeer(Path directory, Pairs pairs) throws Exception {
    PrevaylerFactory<Maps> factory = new PrevaylerFactory<>();
    factory.configurePrevalentSystem(new Maps());
    factory.configurePrevalenceDirectory(directory.toString());
    factory.configureJournalDiskSync(true);
    factory.configureTransactionDeepCopy(false);
    this.prevayler = factory.create();
    prevayler.execute(new Fill(pairs.everyKeyAsMap()));
  }

  @Override
  public void put(String key, String value) {
    prevayler.execute(new Put(key, value));
  }

  @Override
  public @Nullable String get(String key) throws Exception {
    Query<Maps, String> query = (maps, time) -> Objects.requireNonNull(maps.first.get(key));
    return prevayler.execute(query);
  }

  @Override
  public String readAndWrite(String first, String second, String value) {
    return prevayler.execute(new ReadAndWrite(first, second, value));
  }

  @Override
  public void close() throws IOException {
    prevayler.close();
  }
}
