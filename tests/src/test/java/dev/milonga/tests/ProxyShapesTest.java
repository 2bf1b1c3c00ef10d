package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;
import dev.milonga.log.InMemoryLog;
import dev.milonga.runtime.TypeToken;
import dev.milonga.tests.elsewhere.Base;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every shape of class and method that a user may write, as plain and as versioned object. */
class ProxyShapesTest {

  private final InMemoryLog log = InMemoryLog.create();
  private final Milonga here = Milonga.over(log);
  private final Milonga there = Milonga.over(log);

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
  }

  /** The same object at two clients. */
  private <T> List<T> both(Function<Milonga, T> open) {
    return List.of(open.apply(here), open.apply(there));
  }

  // Interfaces and abstract classes.

  interface Readable {
    @Accessor
    long total();
  }

  interface Account extends Readable {
    @Mutator
    long deposit(long n);

    @Mutator
    default long depositTwice(long n) {
      deposit(n);
      return deposit(n);
    }

    @Accessor
    default long half() {
      return total() / 2;
    }

    default long quarter() {
      return half() / 2;
    }
  }

  static final class AccountInMemory implements Account {
    private long total;

    AccountInMemory(long total) {
      this.total = total;
    }

    @Override
    public long deposit(long n) {
      total += n;
      return total;
    }

    @Override
    public long total() {
      return total;
    }
  }

  @Test
  void interfaceWithSupplier() {
    List<Account> accounts =
        both(store -> store.object(Account.class, "account", () -> new AccountInMemory(100)));

    assertThat(accounts.get(0).deposit(20)).isEqualTo(120);
    assertThat(accounts.get(1).depositTwice(40)).isEqualTo(200);

    assertThat(accounts.get(0).total()).isEqualTo(200);
    assertThat(accounts.get(0).half()).isEqualTo(100);
    assertThat(accounts.get(0).quarter()).isEqualTo(50);
    assertThat(accounts.get(0)).hasToString("Account \"account\"").isEqualTo(accounts.get(0));
  }

  interface VersionedAccount extends Readable, Versioned<VersionedAccount> {
    @Mutator
    long deposit(long n);

    @Accessor
    default double half() {
      return total() / 2.0;
    }
  }

  static final class VersionedAccountInMemory implements VersionedAccount {
    private long total;

    @Override
    public long deposit(long n) {
      total += n;
      return total;
    }

    @Override
    public long total() {
      return total;
    }

    @Override
    public VersionedAccount fork() {
      VersionedAccountInMemory fork = new VersionedAccountInMemory();
      fork.total = total;
      return fork;
    }
  }

  @Test
  void versionedInterfaceWithSupplier() {
    List<VersionedAccount> accounts =
        both(store -> store.object(VersionedAccount.class, "a", VersionedAccountInMemory::new));

    assertThat(accounts.get(0).deposit(5)).isEqualTo(5);

    assertThat(accounts.get(1).total()).isEqualTo(5);
    assertThat(accounts.get(1).half()).isEqualTo(2.5);
  }

  abstract static class Shelf {
    private final List<String> books = new ArrayList<>();

    Shelf(String first) {
      books.add(first);
    }

    @Mutator
    abstract int put(String book);

    @Accessor
    List<String> books() {
      return books;
    }

    int add(String book) {
      books.add(book);
      return books.size();
    }
  }

  static class AlphabeticalShelf extends Shelf {
    AlphabeticalShelf() {
      super("m");
    }

    @Override
    int put(String book) {
      books().add(book);
      books().sort(null);
      return books().indexOf(book);
    }
  }

  @Test
  void abstractClassWithSupplier_isCheckedAndUnannotatedMethodThatTouchesStateIsRefused() {
    assertThatThrownBy(() -> here.object(Shelf.class, "s", AlphabeticalShelf::new))
        .hasMessageContaining("add(String)");
  }

  abstract static class Sorter {
    private final List<String> books = new ArrayList<>();

    Sorter(String first) {
      books.add(first);
    }

    @Mutator
    abstract int put(String book);

    @Accessor
    List<String> books() {
      return books;
    }
  }

  static class AlphabeticalSorter extends Sorter {
    AlphabeticalSorter() {
      super("m");
    }

    @Override
    int put(String book) {
      books().add(book);
      books().sort(null);
      return books().indexOf(book);
    }
  }

  @Test
  void abstractClassWithSupplier() {
    List<Sorter> sorters = both(store -> store.object(Sorter.class, "s", AlphabeticalSorter::new));

    assertThat(sorters.get(0).put("a")).isZero();
    assertThat(sorters.get(1).put("z")).isEqualTo(2);

    assertThat(sorters.get(0).books()).containsExactly("a", "m", "z");
  }

  // Generic classes.

  static class Box<T> {
    private final List<T> contents = new ArrayList<>();

    @Mutator
    public T put(T value) {
      contents.add(value);
      return contents.get(0);
    }

    @Accessor
    public List<T> contents() {
      return contents;
    }

    @Accessor
    public boolean holds(T value) {
      return contents.contains(value);
    }
  }

  static class StringBox extends Box<String> {
    @Mutator
    @Override
    public String put(String value) {
      return super.put(value.trim());
    }
  }

  @Test
  void genericClass_andOneThatFixesItsArgument() {
    List<Box<List<Integer>>> boxes =
        both(store -> store.object(new TypeToken<Box<List<Integer>>>() {}, "box"));
    StringBox strings = here.object(StringBox.class, "strings");
    Box<String> asGeneric = strings;

    assertThat(boxes.get(0).put(List.of(1, 2))).containsExactly(1, 2);
    assertThat(boxes.get(1).put(List.of())).containsExactly(1, 2);
    assertThat(asGeneric.put(" a ")).isEqualTo("a");

    assertThat(boxes.get(0).contents()).containsExactly(List.of(1, 2), List.of());
    assertThat(boxes.get(0).holds(List.of())).isTrue();
    assertThat(strings.contents()).containsExactly("a");
  }

  // Visibility and inheritance.

  static class PackagePrivate implements Versioned<PackagePrivate> {
    private long total;

    @Mutator
    long add(long n) {
      total += n;
      return total;
    }

    @Accessor
    long total() {
      return total;
    }

    @Mutator
    protected void reset() {
      total = 0;
    }

    @Override
    public PackagePrivate fork() {
      PackagePrivate fork = new PackagePrivate();
      fork.total = total;
      return fork;
    }
  }

  @Test
  void packagePrivateClassAndMethods() {
    List<PackagePrivate> objects = both(store -> store.object(PackagePrivate.class, "p"));

    assertThat(objects.get(0).add(2)).isEqualTo(2);
    assertThat(objects.get(1).total()).isEqualTo(2);
    objects.get(1).reset();

    assertThat(objects.get(0).total()).isZero();
  }

  static class Heir extends Base {
    Heir() {
      super(10);
    }

    @Accessor
    public long doubled() {
      return 2 * hidden();
    }

    public long addThrice(long n) {
      addHidden(n);
      addOpen(n);
      return addHidden(n);
    }
  }

  static class VersionedHeir extends Base implements Versioned<VersionedHeir> {
    VersionedHeir() {
      this(10);
    }

    private VersionedHeir(long sum) {
      super(sum);
    }

    public long addThrice(long n) {
      addHidden(n);
      addOpen(n);
      return addHidden(n) + hidden();
    }

    @Override
    public VersionedHeir fork() {
      return new VersionedHeir(sumOf(this));
    }
  }

  @Test
  void protectedMethodsOfASuperclassInAnotherPackage() {
    List<Heir> plain = both(store -> store.object(Heir.class, "plain"));
    List<VersionedHeir> versioned = both(store -> store.object(VersionedHeir.class, "versioned"));

    assertThat(plain.get(0).addThrice(1)).isEqualTo(13);
    assertThat(versioned.get(0).addThrice(1)).isEqualTo(26);

    assertThat(plain.get(1).doubled()).isEqualTo(26);
    assertThat(plain.get(1).both()).isEqualTo(26);
    assertThat(versioned.get(1).both()).isEqualTo(26);
    assertThat(versioned.get(1).open()).isEqualTo(13);
  }

  // Kinds of parameters and results.

  static class Kinds implements Versioned<Kinds> {
    private final transient Map<String, Object> last = new LinkedHashMap<>();

    @Mutator
    public void nothing() {}

    @Mutator
    public boolean flip(boolean value) {
      return !value;
    }

    @Mutator
    public byte next(byte value) {
      return (byte) (value + 1);
    }

    @Mutator
    public char upper(char value) {
      return Character.toUpperCase(value);
    }

    @Mutator
    public float halfOf(float value) {
      return value / 2;
    }

    @Mutator
    public double mixed(int a, long b, double c, String d, float e, short f, long g) {
      return a + b + c + d.length() + e + f + g;
    }

    @Accessor
    public double mixedRead(int a, long b, double c, String d, float e, short f, long g) {
      return a + b + c + d.length() + e + f + g;
    }

    @Accessor
    public boolean yes() {
      return true;
    }

    @Accessor
    public byte aByte() {
      return -1;
    }

    @Accessor
    public short aShort() {
      return Short.MIN_VALUE;
    }

    @Accessor
    public char aChar() {
      return '\uffff';
    }

    @Accessor
    public int anInt(int a) {
      return -a;
    }

    @Accessor
    public float aFloat() {
      return Float.MIN_VALUE;
    }

    @Accessor
    public boolean check(long a, double b) {
      if (a != (long) b) {
        throw new IllegalStateException(a + " is not " + b);
      }
      return true;
    }

    @Accessor
    public int[] numbers(int... values) {
      return values;
    }

    @Mutator
    public String[][] table(String[]... rows) {
      return rows;
    }

    @Mutator
    public int sum(@ConflictKey String key, int... values) {
      return Arrays.stream(values).sum();
    }

    @Mutator
    public void fails(int kind) throws IOException, TimeoutException {
      if (kind == 0) {
        throw new IOException("io");
      }
      throw new TimeoutException("late");
    }

    @Accessor
    public int readFails(long wide) throws IOException {
      throw new IOException("read " + wide);
    }

    @Override
    public Kinds fork() {
      Kinds fork = new Kinds();
      fork.last.putAll(last);
      return fork;
    }
  }

  @Test
  void everyKindOfParameterAndResult() {
    Kinds kinds = here.object(Kinds.class, "kinds");

    kinds.nothing();
    assertThat(kinds.flip(true)).isFalse();
    assertThat(kinds.next((byte) 127)).isEqualTo((byte) -128);
    assertThat(kinds.upper('a')).isEqualTo('A');
    assertThat(kinds.halfOf(1f)).isEqualTo(0.5f);
    assertThat(kinds.mixed(1, 2, 3.5, "four", 5f, (short) 6, 1L << 40))
        .isEqualTo(kinds.mixedRead(1, 2, 3.5, "four", 5f, (short) 6, 1L << 40))
        .isEqualTo(21.5 + (1L << 40));
    assertThat(kinds.yes()).isTrue();
    assertThat(kinds.aByte()).isEqualTo((byte) -1);
    assertThat(kinds.aShort()).isEqualTo(Short.MIN_VALUE);
    assertThat(kinds.aChar()).isEqualTo('\uffff');
    assertThat(kinds.anInt(7)).isEqualTo(-7);
    assertThat(kinds.aFloat()).isEqualTo(Float.MIN_VALUE);
    kinds.check(2, 2.0);
    assertThatThrownBy(() -> kinds.check(2, 3)).hasMessage("2 is not 3.0");
    assertThat(kinds.numbers()).isEmpty();
    assertThat(kinds.numbers(1, 2)).containsExactly(1, 2);
    assertThat(kinds.table(new String[] {"a"}, new String[0]))
        .isDeepEqualTo(new String[][] {{"a"}, {}});
    assertThat(kinds.sum("k", 1, 2, 3)).isEqualTo(6);
    assertThatThrownBy(() -> kinds.fails(0)).isExactlyInstanceOf(IOException.class);
    assertThatThrownBy(() -> kinds.fails(1)).isExactlyInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> kinds.readFails(5)).isExactlyInstanceOf(IOException.class);
  }

  @Test
  void everyKindOfResult_whileTheViewIsBehind() {
    Kinds mine = here.object(Kinds.class, "kinds");
    Kinds theirs = there.object(Kinds.class, "kinds");

    theirs.nothing();
    assertThat(mine.mixedRead(1, 2, 3.5, "four", 5f, (short) 6, 1L << 40))
        .isEqualTo(21.5 + (1L << 40));
    theirs.nothing();
    assertThat(mine.aChar()).isEqualTo('\uffff');
    theirs.nothing();
    mine.check(2, 2.0);
    theirs.nothing();
    assertThat(mine.numbers(4)).containsExactly(4);
    theirs.nothing();
    assertThatThrownBy(() -> mine.readFails(5)).isExactlyInstanceOf(IOException.class);
  }

  // Class loaders.

  @Test
  void classInTheDefaultPackage() throws Exception {
    Class<?> type = Class.forName("Unpackaged");
    Method add = type.getDeclaredMethod("addTo", type, long.class);
    Method total = type.getDeclaredMethod("totalOf", type);
    add.setAccessible(true);
    total.setAccessible(true);

    assertThat(add.invoke(null, here.object(type, "u"), 3L)).isEqualTo(3L);

    assertThat(total.invoke(null, there.object(type, "u"))).isEqualTo(3L);
  }

  @Test
  void twoStoresInOneJvm_shareNothing() {
    try (Milonga other = Milonga.inMemory()) {
      Ledger mine = here.object(Ledger.class, "ledger");
      Ledger theirs = other.object(Ledger.class, "ledger");

      mine.add(1);

      assertThat(theirs.total()).isZero();
      assertThat(mine.getClass()).isSameAs(theirs.getClass());
      assertThatThrownBy(() -> here.history(theirs)).hasMessageContaining("another store");
      assertThatThrownBy(() -> here.async(theirs::total)).hasMessageContaining("another store");
    }
  }

  @Test
  void classOfAChildClassLoader_besideTheSameClassOfItsParent() throws Exception {
    Class<?> guest = new ChildFirst(Ledger.class).loadClass(Ledger.class.getName());
    assertThat(guest).isNotSameAs(Ledger.class);
    Object theirs = there.object(guest, "ledger");
    Ledger mine = here.object(Ledger.class, "ledger");

    guest.getMethod("add", long.class).invoke(theirs, 3L);

    assertThat(mine.total()).isEqualTo(3);
    assertThat(guest.getMethod("total").invoke(theirs)).isEqualTo(3L);
    assertThat(theirs.getClass().getClassLoader()).isSameAs(guest.getClassLoader());
  }

  private static final class ChildFirst extends ClassLoader {
    private final Class<?> own;

    ChildFirst(Class<?> own) {
      super(own.getClassLoader());
      this.own = own;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(own.getName())) {
        return super.loadClass(name, resolve);
      }
      synchronized (this) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  // Objects that refer to each other.

  static class Caller {
    private final transient Ledger ledger;
    private long calls;

    Caller(Ledger ledger) {
      this.ledger = ledger;
    }

    @Mutator
    public long callAnother() {
      return ledger.add(1);
    }

    @Mutator
    public long count() {
      return ++calls;
    }

    @Accessor
    public long sum() {
      return calls + ledger.total();
    }
  }

  @Test
  void mutatorThatCallsAnotherReplicatedObject_isRefusedAndNothingHangs() {
    Ledger ledger = here.object(Ledger.class, "ledger");
    Caller caller = here.object(Caller.class, "caller", () -> new Caller(ledger));

    assertThatThrownBy(caller::callAnother)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("Ledger.add", "\"ledger\"", "pass in what it needs");

    assertThat(ledger.total()).isZero();
    assertThat(caller.count()).isEqualTo(1);
    assertThat(caller.sum()).isEqualTo(1);
  }
}
