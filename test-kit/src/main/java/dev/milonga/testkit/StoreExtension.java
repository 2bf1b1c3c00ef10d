package dev.milonga.testkit;

import dev.milonga.Milonga;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a store of its own, as a parameter, and removes it when the test has ended. A
 * test method, and what runs before and after each test, can take
 *
 * <ul>
 *   <li>a {@link Milonga}: the store;
 *   <li>a {@link TestStore}: the store with further clients, restarts and faults.
 * </ul>
 *
 * <p>{@code @ExtendWith(StoreExtension.class)} on a class makes stores in memory; of the other
 * kinds they are where a field says so:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final StoreExtension STORES = StoreExtension.embedded();
 * }</pre>
 *
 * <p>For JUnit 5 and 6. Tests may run at the same time.
 */
public final class StoreExtension implements ParameterResolver, AfterEachCallback {

  private final Supplier<TestStore> stores;

  /** Stores in memory. */
  public StoreExtension() {
    this(TestStore::inMemory);
  }

  private StoreExtension(Supplier<TestStore> stores) {
    this.stores = stores;
  }

  /** Stores in memory. */
  public static StoreExtension inMemory() {
    return new StoreExtension();
  }

  /** Durable stores in temporary directories, in this process. */
  public static StoreExtension embedded() {
    return new StoreExtension(TestStore::embedded);
  }

  /** Durable stores in temporary directories, behind log servers in this process. */
  public static StoreExtension served() {
    return new StoreExtension(TestStore::served);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    Class<?> type = parameter.getParameter().getType();
    return type == Milonga.class || type == TestStore.class;
  }

  /** The store of that test, which is made at the first parameter. */
  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    if (test.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          parameter.getDeclaringExecutable()
              + " takes a store, but each test has one of its own: take it in the test method or in"
              + " a method that runs before each test");
    }
    ExtensionContext.Store kept = kept(test);
    TestStore store = kept.get(this, TestStore.class);
    if (store == null) {
      store = stores.get();
      kept.put(this, store);
    }
    return parameter.getParameter().getType() == Milonga.class ? store.store() : store;
  }

  /** Closes and removes the store of that test. */
  @Override
  public void afterEach(ExtensionContext test) {
    TestStore store = kept(test).remove(this, TestStore.class);
    if (store != null) {
      store.close();
    }
  }

  private static ExtensionContext.Store kept(ExtensionContext test) {
    return test.getStore(ExtensionContext.Namespace.create(StoreExtension.class));
  }
}
