package dev.milonga.log.server;

import java.io.IOException;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A place in rows of RocksDB. Not thread-safe. */
final class RocksCursor implements Storage.Cursor {

  private final RocksIterator rows;
  private final Runnable afterClose;

  /** A cursor that closes the iterator with itself, and then has the rest closed. */
  RocksCursor(RocksIterator rows, Runnable afterClose) {
    this.rows = rows;
    this.afterClose = afterClose;
  }

  @Override
  public void seek(byte[] key) {
    rows.seek(key);
  }

  @Override
  public void seekBelow(byte[] key) {
    rows.seekForPrev(key);
    if (rows.isValid() && Arrays.equals(rows.key(), key)) {
      rows.prev();
    }
  }

  @Override
  public void next() {
    rows.next();
  }

  @Override
  public boolean isValid() throws IOException {
    if (rows.isValid()) {
      return true;
    }
    try {
      rows.status();
      return false;
    } catch (RocksDBException e) {
      throw RocksStorage.failure(e);
    }
  }

  @Override
  public byte[] key() {
    return rows.key();
  }

  @Override
  public byte[] value() {
    return rows.value();
  }

  @Override
  public void close() {
    rows.close();
    afterClose.run();
  }
}
