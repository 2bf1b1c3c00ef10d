package dev.milonga.cli;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The places of one country, by name and by size: a plain class of the demo's own, replicated by
 * its annotations alone.
 */
public class Gazetteer {

  /** One place. */
  public record Place(int id, String name, int population) {}

  private static final Comparator<Place> LARGEST_FIRST =
      Comparator.comparingInt(Place::population).reversed().thenComparingInt(Place::id);

  // Each place stands in both.
  private final Map<String, Map<Integer, Place>> byName = new TreeMap<>();
  private final TreeSet<Place> bySize = new TreeSet<>(LARGEST_FIRST);

  /**
   * Adds a place; a place of that name and id that is there already is replaced.
   *
   * @return whether it is new
   */
  @Mutator
  public boolean add(@ConflictKey String name, int id, int population) {
    Place place = new Place(id, name, population);
    Place before = byName.computeIfAbsent(name, unused -> new TreeMap<>()).put(id, place);
    if (before != null) {
      bySize.remove(before);
    }
    bySize.add(place);
    return before == null;
  }

  /** The places of that name, in the order of their ids. */
  @Accessor
  public List<Place> named(@ConflictKey String name) {
    return new ArrayList<>(byName.getOrDefault(name, Map.of()).values());
  }

  /** The places with the most inhabitants, at most that many. */
  @Accessor
  public List<Place> largest(int count) {
    return bySize.stream().limit(count).toList();
  }

  /** All places, largest first. */
  @Accessor
  public List<Place> all() {
    return new ArrayList<>(bySize);
  }

  /** The inhabitants of all places together. */
  @Accessor
  public long population() {
    return bySize.stream().mapToLong(Place::population).sum();
  }
}
