package dev.milonga.testkit;

import java.util.function.Supplier;

/** Every kind of test store. */
enum StoreKind {
  IN_MEMORY(TestStore::inMemory),
  EMBEDDED(TestStore::embedded),
  SERVED(TestStore::served);

  private final Supplier<TestStore> stores;

  StoreKind(Supplier<TestStore> stores) {
    this.stores = stores;
  }

  TestStore open() {
    return stores.get();
  }
}
