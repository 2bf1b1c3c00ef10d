package dev.milonga.log.server;

import java.io.IOException;
import java.nio.file.Path;

/** What a store directory keeps its rows and its mark in. Tests put something in between. */
interface StoreParts {

  /** RocksDB and a file. */
  StoreParts FILES =
      new StoreParts() {
        @Override
        public Storage storage(Path directory, boolean create) throws IOException {
          return RocksStorage.open(directory, create);
        }

        @Override
        public MarkSlots slots(Path file, boolean create) throws IOException {
          return create ? FileSlots.create(file) : FileSlots.open(file);
        }
      };

  /** Opens what is there; with {@code create} there must be nothing, and it is made. */
  Storage storage(Path directory, boolean create) throws IOException;

  /** Opens what is there; with {@code create} there must be nothing, and it is made. */
  MarkSlots slots(Path file, boolean create) throws IOException;
}
