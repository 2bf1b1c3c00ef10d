package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;

class RawStoreTest {

  @TempDir private Path directory;

  @Test
  void everyPut_isAnEntryAndAnIndexRow() throws Exception {
    try (RawStore store = new RawStore(directory)) {
      store.put("a", "1");
      store.putAll(List.of(Map.entry("b", "2"), Map.entry("a", "3")));

      assertThat(store.get("a")).isEqualTo("3");
      assertThat(store.get("b")).isEqualTo("2");
    }

    assertThat(rows()).containsExactly(List.of("a1", "b2", "a3"), List.of("", "", ""));
  }

  private List<List<String>> rows() throws Exception {
    List<ColumnFamilyHandle> families = new ArrayList<>();
    List<ColumnFamilyDescriptor> names =
        List.of(
            new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
            new ColumnFamilyDescriptor("index".getBytes(StandardCharsets.UTF_8)));
    List<List<String>> all = new ArrayList<>();
    try (DBOptions options = new DBOptions();
        RocksDB database = RocksDB.open(options, directory.toString(), names, families)) {
      for (ColumnFamilyHandle family : families) {
        List<String> values = new ArrayList<>();
        try (RocksIterator rows = database.newIterator(family)) {
          for (rows.seekToFirst(); rows.isValid(); rows.next()) {
            values.add(new String(rows.value(), StandardCharsets.UTF_8));
          }
        }
        all.add(values);
        family.close();
      }
    }
    return all;
  }
}
