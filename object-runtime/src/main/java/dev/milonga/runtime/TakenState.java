package dev.milonga.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A state of an object as a value: the bytes that a checkpoint of it would hold. Two are equal if
 * what follows from them is. Immutable. For the test kit.
 */
public final class TakenState {

  private final Codec codec;
  private final StateOutline.Elements elements;
  private final byte[] bytes;

  private TakenState(Codec codec, StateOutline.Elements elements, byte[] bytes) {
    this.codec = codec;
    this.elements = elements;
    this.bytes = bytes;
  }

  static <T> TakenState of(BoundType<T> type, T state) {
    List<byte[]> chunks = new ArrayList<>();
    type.image().write(state, chunks::add);
    return new TakenState(
        type.codec(),
        StateOutline.Elements.of(state),
        chunks.size() == 1 ? chunks.get(0) : joined(chunks));
  }

  private static byte[] joined(List<byte[]> chunks) {
    byte[] all = new byte[chunks.stream().mapToInt(chunk -> chunk.length).sum()];
    int at = 0;
    for (byte[] chunk : chunks) {
      System.arraycopy(chunk, 0, all, at, chunk.length);
      at += chunk.length;
    }
    return all;
  }

  Iterator<byte[]> chunks() {
    return List.of(bytes).iterator();
  }

  /**
   * What differs in the other state, value by value. Where only the order of a container differs,
   * or its class, one part says so. Empty if the states are equal.
   */
  public List<Difference.Part> differences(TakenState other) {
    if (equals(other)) {
      return List.of();
    }
    Map<String, String> mine = outline();
    Map<String, String> others = other.outline();
    List<Difference.Part> parts = StateOutline.compare(mine, others);
    return parts.isEmpty() ? List.of(hiddenDifference(mine, others)) : parts;
  }

  private Map<String, String> outline() {
    return StateOutline.of(codec, List.of(bytes), elements);
  }

  // The values are the same at the same paths.
  private static Difference.Part hiddenDifference(
      Map<String, String> mine, Map<String, String> others) {
    Iterator<String> other = others.keySet().iterator();
    for (String path : mine.keySet()) {
      String there = other.next();
      if (!path.equals(there)) {
        return new Difference.Part("the order, first", Optional.of(path), Optional.of(there));
      }
    }
    return new Difference.Part(
        "the class or the order of a container", Optional.empty(), Optional.empty());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TakenState that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** How much it is, not what. */
  @Override
  public String toString() {
    return "a state of " + bytes.length + " bytes";
  }
}
