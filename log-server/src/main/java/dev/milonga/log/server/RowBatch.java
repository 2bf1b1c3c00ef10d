package dev.milonga.log.server;

import dev.milonga.log.server.Storage.Family;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows to be written and keys to be deleted, in that order. */
final class RowBatch {

  /** A row to be written, or a key to be deleted if it has no value. */
  record Row(Family family, byte[] key, byte @Nullable [] value) {}

  private final List<Row> rows = new ArrayList<>();

  void put(Family family, byte[] key, byte[] value) {
    rows.add(new Row(family, key, value));
  }

  void delete(Family family, byte[] key) {
    rows.add(new Row(family, key, null));
  }

  List<Row> rows() {
    return rows;
  }
}
