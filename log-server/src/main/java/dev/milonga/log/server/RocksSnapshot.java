package dev.milonga.log.server;

import dev.milonga.log.server.Storage.Cursor;
import dev.milonga.log.server.Storage.Family;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * All rows of a database at one moment: an iterator for each family, made together, which see one
 * moment and hold the files that they need. (A snapshot of RocksDB alone would not hold files
 * against being dropped.)
 */
final class RocksSnapshot implements Storage.Snapshot {

  private static final long READAHEAD_BYTES = 256 << 10; // it is read from one end to the other

  private final ReadOptions options =
      new ReadOptions().setFillCache(false).setReadaheadSize(READAHEAD_BYTES);
  private final Map<Family, Cursor> cursors = new EnumMap<>(Family.class);
  private final Runnable afterClose;

  /** No file may be dropped while this is made. */
  RocksSnapshot(RocksDB db, Map<Family, ColumnFamilyHandle> families, Runnable afterClose)
      throws RocksDBException {
    this.afterClose = afterClose;
    List<Family> order = new ArrayList<>(families.keySet());
    try {
      List<RocksIterator> iterators = db.newIterators(new ArrayList<>(families.values()), options);
      for (int i = 0; i < order.size(); i++) {
        cursors.put(order.get(i), new RocksCursor(iterators.get(i), () -> {}));
      }
    } catch (RocksDBException e) {
      options.close();
      throw e;
    }
  }

  @Override
  public Cursor cursor(Family family) {
    return cursors.get(family);
  }

  @Override
  public void close() {
    cursors.values().forEach(Cursor::close);
    options.close();
    afterClose.run();
  }
}
