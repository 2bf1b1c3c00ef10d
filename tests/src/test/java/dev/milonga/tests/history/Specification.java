package dev.milonga.tests.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * What an object does if one call is made at a time: a function of its state and the call. States
 * are immutable, and equal if they cannot be told apart.
 *
 * <p>Calls of a specification that works by key are checked for each key by itself, which is sound
 * (linearizability is local) and what makes long histories cheap.
 */
@FunctionalInterface
public interface Specification {

  /**
   * The state after a call, and what the call returns.
   *
   * @param state null at first
   */
  Step apply(Object state, String f, Object argument);

  /** A state that was reached, and what the call that led there returned. */
  record Step(Object state, Object result) {}

  /** One value: {@code get, set, getAndSet, compareAndSet([expected, replacement])}. */
  static Specification register() {
    return (state, f, argument) ->
        switch (f) {
          case "get" -> new Step(state, state);
          case "set" -> new Step(argument, null);
          case "getAndSet" -> new Step(argument, state);
          case "compareAndSet" -> {
            List<?> both = (List<?>) argument;
            boolean equal = Objects.equals(state, both.get(0));
            yield new Step(equal ? both.get(1) : state, equal);
          }
          default -> throw unknown(f);
        };
  }

  /** One key of a map: {@code get, put, putIfAbsent, remove, replace([old, new])}. */
  static Specification mapEntry() {
    return (state, f, argument) ->
        switch (f) {
          case "get" -> new Step(state, state);
          case "put" -> new Step(argument, state);
          case "putIfAbsent" -> new Step(state == null ? argument : state, state);
          case "remove" -> new Step(null, state);
          case "replace" -> {
            List<?> both = (List<?>) argument;
            boolean equal = state != null && state.equals(both.get(0));
            yield new Step(equal ? both.get(1) : state, equal);
          }
          default -> throw unknown(f);
        };
  }

  /** A sum: {@code get, add(n), addAndGet(n)}, of longs. */
  static Specification counter() {
    return (state, f, argument) -> {
      long sum = state == null ? 0 : (Long) state;
      return switch (f) {
        case "get" -> new Step(state, sum);
        case "add" -> new Step(sum + (Long) argument, null);
        case "addAndGet" -> new Step(sum + (Long) argument, sum + (Long) argument);
        default -> throw unknown(f);
      };
    };
  }

  /** A queue: {@code offer(e), poll, peek}. */
  static Specification queue() {
    return (state, f, argument) -> {
      List<?> elements = state == null ? List.of() : (List<?>) state;
      Object head = elements.isEmpty() ? null : elements.get(0);
      return switch (f) {
        case "offer" -> {
          List<Object> longer = new ArrayList<>(elements);
          longer.add(argument);
          yield new Step(Collections.unmodifiableList(longer), true);
        }
        case "peek" -> new Step(elements, head);
        case "poll" -> {
          ArrayDeque<Object> shorter = new ArrayDeque<>(elements);
          shorter.poll();
          yield new Step(List.copyOf(shorter), head);
        }
        default -> throw unknown(f);
      };
    };
  }

  private static IllegalArgumentException unknown(String f) {
    return new IllegalArgumentException("no such operation: " + f);
  }
}
