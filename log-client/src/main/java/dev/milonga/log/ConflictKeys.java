package dev.milonga.log;

import java.util.Arrays;
import java.util.Collection;

/**
 * The part of a stream that is read or written: a set of conflict keys, or the whole object.
 *
 * <p>Keys travel as 64-bit hashes of their encoded form, so that a log can compare them without
 * knowing their classes. Two keys that share a hash are taken for one, which can abort a
 * transaction without need and can never let a conflict pass.
 */
public final class ConflictKeys {

  /** The whole object: overlaps with every key, written before or not, and with itself. */
  public static final ConflictKeys WHOLE_OBJECT = new ConflictKeys(new long[0], true);

  private final long[] hashes; // sorted, distinct; empty iff whole
  private final boolean whole;

  private ConflictKeys(long[] hashes, boolean whole) {
    this.hashes = hashes;
    this.whole = whole;
  }

  /** The keys of those hashes, at least one; order and repetition do not matter. */
  public static ConflictKeys of(long... hashes) {
    if (hashes.length == 0) {
      throw new IllegalArgumentException(
          "no conflict key given; use ConflictKeys.WHOLE_OBJECT for the whole object");
    }
    if (hashes.length == 1) {
      return new ConflictKeys(hashes.clone(), false);
    }
    return new ConflictKeys(Arrays.stream(hashes).sorted().distinct().toArray(), false);
  }

  /** The hash under which the key of that encoded form is compared. */
  public static long hash(byte[] encodedKey) {
    // FNV-1a over the bytes, then the finalizer of SplitMix64, so that short keys spread as well.
    long hash = 0xcbf29ce484222325L;
    for (byte b : encodedKey) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }

  /** Whether this is the whole object. */
  public boolean isWholeObject() {
    return whole;
  }

  /** The number of distinct keys; 0 for the whole object. */
  public int size() {
    return hashes.length;
  }

  /** The hash of the key at {@code index} in ascending order, {@code 0 <= index < size()}. */
  public long hashAt(int index) {
    return hashes[index];
  }

  /** Whether a key is in both, or either is the whole object. */
  public boolean overlaps(ConflictKeys other) {
    if (whole || other.whole) {
      return true;
    }
    int mine = 0;
    int theirs = 0;
    while (mine < hashes.length && theirs < other.hashes.length) {
      int order = Long.compare(hashes[mine], other.hashes[theirs]);
      if (order == 0) {
        return true;
      }
      if (order < 0) {
        mine++;
      } else {
        theirs++;
      }
    }
    return false;
  }

  /** Everything in either; the whole object if either is. */
  public ConflictKeys union(ConflictKeys other) {
    if (whole || other.whole) {
      return WHOLE_OBJECT;
    }
    long[] both = Arrays.copyOf(hashes, hashes.length + other.hashes.length);
    System.arraycopy(other.hashes, 0, both, hashes.length, other.hashes.length);
    return of(both);
  }

  /** The union of all, of which there must be at least one. */
  public static ConflictKeys union(Collection<ConflictKeys> all) {
    if (all.isEmpty()) {
      throw new IllegalArgumentException("nothing to unite");
    }
    long[] united = new long[all.stream().mapToInt(ConflictKeys::size).sum()];
    int count = 0;
    for (ConflictKeys keys : all) {
      if (keys.whole) {
        return WHOLE_OBJECT;
      }
      System.arraycopy(keys.hashes, 0, united, count, keys.hashes.length);
      count += keys.hashes.length;
    }
    return of(united);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConflictKeys that
        && whole == that.whole
        && Arrays.equals(hashes, that.hashes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(hashes) + Boolean.hashCode(whole);
  }

  @Override
  public String toString() {
    if (whole) {
      return "whole object";
    }
    return Arrays.stream(hashes).mapToObj(hash -> String.format("%016x", hash)).toList().toString();
  }
}
