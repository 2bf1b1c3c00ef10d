package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeResolverTest {

  interface Keyed<K> {
    List<K[]> keys(Map<? super K, ? extends List<K>> map);
  }

  abstract static class Base<A, B> implements Keyed<B> {
    abstract A put(B key, A[] values);

    abstract <T> T any(T value, A other);

    class Inner<I> {
      A outer(I inner) {
        throw new AssertionError();
      }
    }
  }

  abstract static class Swapped<X> extends Base<List<X>, String> {}

  // The variable's name is the base class's other variable on purpose: names do not matter.
  abstract static class Renamed<A, B> extends Base<B, A> {}

  private static final Type SWAPPED = new TypeToken<Swapped<Integer>>() {}.type();

  @Test
  void inheritedMethod_speaksOfTheSubtypesArguments() {
    Method put = method(Base.class, "put");

    List<Type> parameters = TypeResolver.resolveParameters(put, SWAPPED);

    assertThat(TypeResolver.resolveReturn(put, SWAPPED))
        .isEqualTo(new TypeToken<List<Integer>>() {}.type());
    assertThat(parameters)
        .containsExactly(String.class, new TypeToken<List<Integer>[]>() {}.type());
  }

  @Test
  void variablesOfOneNameInTwoClasses_areNotMixedUp() {
    Type context = new TypeToken<Renamed<Long, String>>() {}.type();

    Method put = method(Base.class, "put");

    assertThat(TypeResolver.resolveReturn(put, context)).isEqualTo(String.class);
    assertThat(TypeResolver.resolveParameters(put, context))
        .containsExactly(Long.class, String[].class);
  }

  @Test
  void interfaceMethod_isResolvedThroughArraysAndWildcards() {
    Method keys = method(Keyed.class, "keys");

    assertThat(TypeResolver.resolveReturn(keys, SWAPPED))
        .isEqualTo(new TypeToken<List<String[]>>() {}.type());
    assertThat(TypeResolver.resolveParameters(keys, SWAPPED))
        .containsExactly(new TypeToken<Map<? super String, ? extends List<String>>>() {}.type());
  }

  @Test
  void resolvedType_equalsAndHashesAndPrintsLikeTheJdksOwn() {
    Type expected = new TypeToken<Map<? super String, ? extends List<String>>>() {}.type();

    Type resolved = TypeResolver.resolveParameters(method(Keyed.class, "keys"), SWAPPED).get(0);

    assertThat(resolved).isEqualTo(expected).hasSameHashCodeAs(expected).hasToString(expected + "");
    assertThat(expected).isEqualTo(resolved);
  }

  @Test
  void innerClass_seesWhatItsOwnerBinds() {
    Type context = new TypeToken<Base<Long, String>.Inner<Integer>>() {}.type();
    Method outer = method(Base.Inner.class, "outer");

    assertThat(TypeResolver.resolveReturn(outer, context)).isEqualTo(Long.class);
    assertThat(TypeResolver.resolveParameters(outer, context)).containsExactly(Integer.class);
    assertThat(TypeResolver.resolve(context, Object.class))
        .isEqualTo(context)
        .hasToString(context + "");
  }

  @Test
  void variablesThatNothingBinds_stay() {
    Method any = method(Base.class, "any");

    assertThat(TypeResolver.resolveReturn(any, SWAPPED)).isInstanceOf(TypeVariable.class);
    assertThat(TypeResolver.resolveParameters(any, Base.class))
        .allMatch(type -> type instanceof TypeVariable);
    assertThat(TypeResolver.resolveParameters(any, SWAPPED).get(1))
        .isEqualTo(new TypeToken<List<Integer>>() {}.type());
  }

  @Test
  void rawClass_dropsTheArguments() {
    assertThat(TypeResolver.rawClass(SWAPPED)).isEqualTo(Swapped.class);
    assertThat(TypeResolver.rawClass(new TypeToken<List<String>[]>() {}.type()))
        .isEqualTo(List[].class);
    assertThat(TypeResolver.rawClass(int.class)).isEqualTo(int.class);
    assertThat(TypeResolver.rawClass(Base.class.getTypeParameters()[0])).isEqualTo(Object.class);
  }

  private static Method method(Class<?> type, String name) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> method.getName().equals(name) && !method.isBridge())
        .findFirst()
        .orElseThrow();
  }
}
