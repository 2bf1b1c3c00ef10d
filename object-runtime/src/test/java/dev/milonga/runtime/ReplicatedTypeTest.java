package dev.milonga.runtime;

import static net.bytebuddy.dynamic.loading.ClassLoadingStrategy.Default.WRAPPER;
import static net.bytebuddy.dynamic.loading.ClassLoadingStrategy.Default.WRAPPER_PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Transactional;
import dev.milonga.annotations.Versioned;
import dev.milonga.runtime.cbor.CborCodec;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

/** What a class that passes the check at open looks like to the runtime. */
class ReplicatedTypeTest {

  public static class Inventory {
    private final Map<String, Integer> stock = new LinkedHashMap<>();

    @Mutator
    public void restock(@ConflictKey String sku, int n) {
      stock.merge(sku, n, Integer::sum);
    }

    @Mutator
    public boolean take(@ConflictKey String sku, int n) {
      int have = stock.getOrDefault(sku, 0);
      if (have < n) {
        return false;
      }
      stock.put(sku, have - n);
      return true;
    }

    @Accessor
    public int inStock(@ConflictKey String sku) {
      return stock.getOrDefault(sku, 0);
    }
  }

  @Test
  void inventoryOfTheReadme_mutatorsAccessorsAndKeys() {
    ReplicatedType<Inventory> type = Checked.open(Inventory.class);

    assertThat(type.rawClass()).isEqualTo(Inventory.class);
    assertThat(type.name()).isEqualTo("Inventory");
    assertThat(type.describe()).isEqualTo("Inventory");
    assertThat(type.versioned()).isFalse();
    assertThat(type.mutators()).extracting(MutatorMethod::name).containsExactly("restock", "take");
    MutatorMethod restock = type.mutator("restock").orElseThrow();
    assertThat(restock.blind()).isTrue();
    assertThat(restock.parameterNames()).containsExactly("sku", "n");
    assertThat(restock.parameterTypes()).containsExactly(String.class, int.class);
    assertThat(restock.conflictKeyParameters()).containsExactly(0);
    assertThat(type.mutator("take").orElseThrow().blind()).isFalse();
    assertThat(type.mutator("inStock")).isEmpty();
    AccessorMethod inStock = type.accessors().get(0);
    assertThat(inStock.returnType()).isEqualTo(int.class);
    assertThat(inStock.conflictKeyParameters()).containsExactly(0);
  }

  record Order(String id, BigDecimal price) {}

  @LogicalName("Sku")
  record StockKeepingUnit(String code) {}

  interface Keyed<K, V> {
    @Mutator("put")
    Optional<V> put(@ConflictKey K key, V value);

    @Accessor
    default boolean has(@ConflictKey K key) {
      return find(key).isPresent();
    }

    Optional<V> find(K key);
  }

  abstract static class Base<K, V> implements Keyed<K, V> {
    private final Map<K, V> values = new LinkedHashMap<>();

    @Override
    public Optional<V> put(K key, V value) {
      check(key);
      return Optional.ofNullable(values.put(key, value));
    }

    @Accessor
    @Override
    public Optional<V> find(@ConflictKey K key) {
      return Optional.ofNullable(values.get(key));
    }

    @Mutator
    abstract void drop(@ConflictKey K key);

    @Accessor
    protected List<V> all() {
      return new ArrayList<>(values.values());
    }

    void check(K key) {
      if (key == null) {
        throw new IllegalArgumentException("key is null");
      }
    }

    final Map<K, V> values() {
      throw new UnsupportedOperationException("not at the caller");
    }
  }

  @LogicalName(value = "Orders", aliases = "OldOrders")
  static class Orders extends Base<StockKeepingUnit, List<Order>> {
    private StockKeepingUnit last = new StockKeepingUnit("");

    @Override
    public Optional<List<Order>> put(StockKeepingUnit sku, List<Order> orders) {
      last = sku;
      return super.put(sku, orders);
    }

    @Override
    void drop(StockKeepingUnit sku) {
      last = sku;
    }

    @Transactional
    public boolean move(StockKeepingUnit from, StockKeepingUnit to) {
      return find(from).map(orders -> put(to, orders)).isPresent();
    }

    @Accessor
    StockKeepingUnit last() {
      return last;
    }
  }

  @Test
  void overriddenMethodsOfGenericSuperclassesAndInterfaces_keepTheirAnnotations() {
    ReplicatedType<Orders> type = Checked.open(Orders.class);

    assertThat(type.name()).isEqualTo("Orders");
    assertThat(type.aliases()).containsExactly("OldOrders");
    assertThat(type.mutators()).extracting(MutatorMethod::name).containsExactly("drop", "put");
    MutatorMethod put = type.mutator("put").orElseThrow();
    assertThat(put.method().getDeclaringClass()).isEqualTo(Orders.class);
    assertThat(put.method().isBridge()).isFalse();
    assertThat(put.conflictKeyParameters()).containsExactly(0);
    assertThat(put.parameterTypes())
        .containsExactly(StockKeepingUnit.class, new TypeToken<List<Order>>() {}.type());
    assertThat(type.accessors())
        .extracting(accessor -> accessor.method().getName())
        .containsExactly("last", "find", "all", "has");
    AccessorMethod find = type.accessors().get(1);
    assertThat(find.parameterTypes()).containsExactly(StockKeepingUnit.class);
    assertThat(find.returnType()).isEqualTo(new TypeToken<Optional<List<Order>>>() {}.type());
  }

  static class Renamed {
    private int count;

    @Mutator(
        value = "increase",
        aliases = {"add", "plus"})
    public void grow(long by, int times, String... why) {
      count += times * (int) by;
    }

    @Accessor
    public int count() {
      return count;
    }
  }

  @Test
  void mutatorIsFoundByNameAndAliases_notByTheMethodsName() {
    ReplicatedType<Renamed> type =
        ReplicatedType.of(TypeToken.of(Renamed.class), new CborCodec(), false);

    assertThat(type.mutator("increase")).isPresent();
    assertThat(type.mutator("add")).isEqualTo(type.mutator("increase"));
    assertThat(type.mutator("plus")).isEqualTo(type.mutator("increase"));
    assertThat(type.mutator("grow")).isEmpty();
  }

  static class Store<K, V> implements Versioned<Store<K, V>> {
    private Map<K, V> values = Map.of();

    @Override
    public Store<K, V> fork() {
      Store<K, V> fork = new Store<>();
      fork.values = values;
      return fork;
    }

    @Mutator
    public void replace(Map<K, V> newValues) {
      values = new LinkedHashMap<>(newValues);
    }

    @Accessor
    public int size() {
      return values.size();
    }
  }

  @Test
  void describe_tellsTypeArgumentsApart_inLogicalNames() {
    ReplicatedType<?> orders = Checked.open(new TypeToken<Store<String, List<Order>>>() {});
    ReplicatedType<?> skus = Checked.open(new TypeToken<Store<String, StockKeepingUnit>>() {});

    assertThat(orders.versioned()).isTrue();
    assertThat(orders.describe()).isEqualTo("Store<string,list<Order>>");
    assertThat(skus.describe()).isEqualTo("Store<string,Sku>");
    assertThat(orders.fingerprint()).isNotEqualTo(skus.fingerprint());
  }

  @Test
  void schema_isTextOfLogicalNamesAlone_andItsFingerprintNeverChanges() {
    ReplicatedType<Orders> type = Checked.open(Orders.class);

    assertThat(type.schema().text())
        .isEqualTo("Orders\ndrop(Sku sku)\nput(Sku sku, list<Order> orders)\n");
    assertThat(type.fingerprint()).isEqualTo(0x6aee9bac39d01ab2L);
    assertThat(Checked.open(Orders.class).fingerprint()).isEqualTo(type.fingerprint());
  }

  @Test
  void parameterNamesThatTheCompilerLeftOut_areNumbered() throws Exception {
    ReplicatedType<?> readable = Checked.open(nameless(WRAPPER_PERSISTENT));
    ReplicatedType<?> unreadable = Checked.open(nameless(WRAPPER));

    assertThat(readable.mutators().get(0).parameterNames()).containsExactly("arg0", "arg1");
    assertThat(unreadable.mutators().get(0).parameterNames()).containsExactly("arg0", "arg1");
  }

  /** A class made at run time, whose class file can be read only if the strategy keeps it. */
  private static Class<?> nameless(ClassLoadingStrategy<ClassLoader> strategy) throws Exception {
    return new ByteBuddy()
        .subclass(Object.class)
        .name("dev.milonga.runtime.Nameless")
        .defineMethod("add", void.class, Opcodes.ACC_PUBLIC)
        .withParameters(int.class, String.class)
        .intercept(StubMethod.INSTANCE)
        .annotateMethod(
            Inventory.class.getMethod("restock", String.class, int.class).getAnnotations())
        .make()
        .load(ReplicatedTypeTest.class.getClassLoader(), strategy)
        .getLoaded();
  }

  @Test
  void checkOfATypicalClass_isFast() {
    Runnable check = () -> Checked.open(Orders.class);
    for (int i = 0; i < 20; i++) {
      check.run();
    }

    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      check.run();
      fastest = Math.min(fastest, System.nanoTime() - start);
    }

    assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(50));
  }
}
