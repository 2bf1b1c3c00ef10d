package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A call of a collection, to be made alike on the one under test and on its model.
 *
 * @param call how it reads
 * @param body makes the call and gives its result
 */
public record Step<C>(String call, Function<C, ?> body) {

  /** Makes the call on both, and fails unless it returned or threw the same. */
  public void check(C subject, C model) {
    assertThat(outcome(subject)).as(call).isEqualTo(outcome(model));
  }

  private Object outcome(C collection) {
    try {
      Object result = body.apply(collection);
      // Views have no equality of their own, or compare with sets only: what counts is the content.
      if (result instanceof Map<?, ?> map) {
        return new ArrayList<>(map.entrySet());
      }
      return result instanceof Collection<?> elements ? new ArrayList<>(elements) : result;
    } catch (RuntimeException e) {
      return e.getClass();
    }
  }

  /** Fails unless both hold the same in the same order, by whatever way one looks at them. */
  public static void checkContent(Map<?, ?> subject, Map<?, ?> model) {
    assertThat(new ArrayList<Object>(subject.entrySet()))
        .isEqualTo(new ArrayList<Object>(model.entrySet()));
    assertThat(subject).hasSize(model.size()).hasToString(model.toString());
    assertThat(subject.equals(model)).isTrue();
    assertThat(model.equals(subject)).isTrue();
    assertThat(subject.hashCode()).isEqualTo(model.hashCode());
  }

  /** Fails unless both hold the same in the same order, by whatever way one looks at them. */
  public static void checkContent(Collection<?> subject, Collection<?> model) {
    assertThat(new ArrayList<Object>(subject)).isEqualTo(new ArrayList<Object>(model));
    assertThat(subject.toArray()).isEqualTo(model.toArray());
    assertThat(subject.stream().map(String::valueOf).toList())
        .isEqualTo(model.stream().map(String::valueOf).toList());
    assertThat(subject.size()).isEqualTo(model.size());
    assertThat(subject.isEmpty()).isEqualTo(model.isEmpty());
    assertThat(subject.toString()).isEqualTo(model.toString());
    if (model instanceof List || model instanceof Set) {
      assertThat(subject.equals(model)).isTrue();
      assertThat(model.equals(subject)).isTrue();
      assertThat(subject.hashCode()).isEqualTo(model.hashCode());
    }
  }

  @Override
  public String toString() {
    return call;
  }
}
