package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Transactional;
import dev.milonga.log.InMemoryLog;
import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

class ProxyClassesTest {

  @Test
  void transactionalMethodOfTwoObjects_itsBodyIsLookedUpOnce() throws Throwable {
    try (InMemoryLog log = InMemoryLog.create();
        ObjectRuntime runtime = ObjectRuntime.builder(log).build()) {
      Purse one = runtime.open(TypeToken.of(Purse.class), "one");
      Purse other = runtime.open(TypeToken.of(Purse.class), "other");
      Method body = Purse.class.getMethod("twice", long.class);

      var first = ProxyClasses.superCall(Purse.class, one, body);
      var second = ProxyClasses.superCall(Purse.class, other, body);

      assertThat(second).isSameAs(first);
      assertThat((Object) first.invokeExact((Object) one, new Object[] {2L})).isEqualTo(4L);
      assertThat((Object) first.invokeExact((Object) other, new Object[] {3L})).isEqualTo(6L);
      assertThat(one.amount()).isEqualTo(4);
      assertThat(other.amount()).isEqualTo(6);
    }
  }

  public static class Purse {

    private long amount;

    @Mutator
    public long add(long more) {
      amount += more;
      return amount;
    }

    @Accessor
    public long amount() {
      return amount;
    }

    @Transactional
    public long twice(long more) {
      add(more);
      return add(more);
    }
  }
}
