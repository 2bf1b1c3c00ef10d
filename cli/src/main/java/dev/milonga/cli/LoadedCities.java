package dev.milonga.cli;

import dev.milonga.Milonga;
import dev.milonga.cli.Gazetteer.Place;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Cities in a map by their id, in a {@link Gazetteer} for each country, and their inhabitants in a
 * counter.
 */
final class LoadedCities implements LoadedObjects {

  private static final String CITIES = "cities";
  private static final String INHABITANTS = "inhabitants";
  private static final String GAZETTEER = "gazetteer-";

  private final List<City> source;
  private final Milonga store;
  private final ReplicatedMap<Integer, City> cities;
  private final Map<String, Gazetteer> gazetteers = new LinkedHashMap<>(); // by country
  private final ReplicatedCounter inhabitants;

  private LoadedCities(List<City> source, Milonga store) {
    this.source = source;
    this.store = store;
    this.cities = store.map(CITIES, Integer.class, City.class);
    this.inhabitants = store.counter(INHABITANTS);
    for (City city : source) {
      gazetteers.computeIfAbsent(
          city.country(), country -> store.object(Gazetteer.class, GAZETTEER + country));
    }
  }

  /** Those cities, as the source of a demo. */
  static Source source(List<City> cities) {
    return new Source() {
      @Override
      public String description() {
        return String.format(Locale.ROOT, "%,d cities and towns", cities.size());
      }

      @Override
      public int size() {
        return cities.size();
      }

      @Override
      public String credit() {
        return Cities.CREDIT;
      }

      @Override
      public LoadedObjects open(Milonga store) {
        return new LoadedCities(cities, store);
      }
    };
  }

  @Override
  public List<Part> parts() {
    return List.of(new CityMap(), new Gazetteers(), new Inhabitants());
  }

  @Override
  public Set<String> names() {
    Set<String> names = new TreeSet<>(Set.of(CITIES, INHABITANTS));
    gazetteers.keySet().forEach(country -> names.add(GAZETTEER + country));
    return names;
  }

  @Override
  public void answerQueries(PrintWriter out) {
    City largest =
        cities.values().stream().max(Comparator.comparingInt(City::population)).orElseThrow();
    out.println("  largest of all     cities.values()...max(population): " + largest);
    out.println(
        "  one by its id      cities.get(" + largest.id() + "): " + cities.get(largest.id()));
    Gazetteer home = gazetteer(largest.country());
    out.println(
        "  largest of "
            + largest.country()
            + "      gazetteer.largest(3): "
            + home.largest(3).stream()
                .map(
                    place -> String.format(Locale.ROOT, "%s %,d", place.name(), place.population()))
                .collect(Collectors.joining(", ")));
    out.println(
        "  of one name        gazetteer.named(\""
            + largest.name()
            + "\"): "
            + home.named(largest.name()));
    out.println(
        String.format(
            Locale.ROOT,
            "  all inhabitants    inhabitants.get(): %,d; sum over %,d gazetteers: %,d",
            inhabitants.get(),
            gazetteers.size(),
            gazetteers.values().stream().mapToLong(Gazetteer::population).sum()));
  }

  @Override
  public Shown shown() {
    Map<String, Long> sizes =
        source.stream().collect(Collectors.groupingBy(City::country, Collectors.counting()));
    String country = // one that fits on a screen
        gazetteers.keySet().stream()
            .min(
                Comparator.comparingLong((String each) -> Math.abs(sizes.get(each) - 5))
                    .thenComparing(Comparator.naturalOrder()))
            .orElseThrow();
    return new Shown(GAZETTEER + country, gazetteer(country));
  }

  private Gazetteer gazetteer(String country) {
    Gazetteer gazetteer = gazetteers.get(country);
    if (gazetteer == null) {
      throw new AssertionError("the source has no city in " + country);
    }
    return gazetteer;
  }

  private final class CityMap implements Part {

    @Override
    public String label() {
      return "map \"" + CITIES + "\"";
    }

    @Override
    public CompletionStage<?> write(int record) {
      City city = source.get(record);
      return store.async(() -> cities.put(city.id(), city));
    }

    @Override
    public int compare() {
      int count = 0;
      for (Map.Entry<Integer, City> found : cities.entrySet()) { // in the order of the first puts
        if (count == source.size()) {
          throw new CommandFailedException(label() + " holds " + found + ", not in the source");
        }
        City city = source.get(count);
        if (found.getKey() != city.id() || !found.getValue().equals(city)) {
          throw new CommandFailedException(
              label() + " holds " + found + " where the source has " + city);
        }
        count++;
      }
      return count;
    }
  }

  private final class Gazetteers implements Part {

    @Override
    public String label() {
      return gazetteers.size() + " gazetteers, one per country";
    }

    @Override
    public CompletionStage<?> write(int record) {
      City city = source.get(record);
      Gazetteer gazetteer = gazetteer(city.country());
      return store.async(() -> gazetteer.add(city.name(), city.id(), city.population()));
    }

    @Override
    public int compare() {
      Map<String, Set<Place>> found = new HashMap<>();
      int count = 0;
      for (Map.Entry<String, Gazetteer> gazetteer : gazetteers.entrySet()) {
        List<Place> places = gazetteer.getValue().all();
        found.put(gazetteer.getKey(), new HashSet<>(places));
        count += places.size();
      }
      for (City city : source.subList(0, Math.min(count, source.size()))) {
        Place place = new Place(city.id(), city.name(), city.population());
        if (!found.getOrDefault(city.country(), Set.of()).remove(place)) {
          throw new CommandFailedException(
              "\"" + GAZETTEER + city.country() + "\" does not hold " + place);
        }
      }
      found.values().removeIf(Set::isEmpty);
      if (!found.isEmpty()) {
        throw new CommandFailedException("gazetteers hold more than the source: " + found);
      }
      return count;
    }
  }

  private final class Inhabitants implements Part {

    @Override
    public String label() {
      return "counter \"" + INHABITANTS + "\"";
    }

    @Override
    public CompletionStage<?> write(int record) {
      return store.async(() -> inhabitants.add(source.get(record).population()));
    }

    @Override
    public int compare() {
      int count = LoadedObjects.noMoreThan(source.size(), store.history(inhabitants).count(), this);
      long expected = source.stream().limit(count).mapToLong(City::population).sum();
      long found = inhabitants.get();
      if (found != expected) {
        throw new CommandFailedException(
            label() + " is " + found + " after " + count + " cities, which have " + expected);
      }
      return count;
    }
  }
}
