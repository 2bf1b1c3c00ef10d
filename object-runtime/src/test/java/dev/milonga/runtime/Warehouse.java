package dev.milonga.runtime;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A state with every kind of field, and one method that changes it in a way that depends on the
 * iteration order of all of them.
 */
class Warehouse {

  record Item(String sku, BigDecimal price, @Nullable Instant since) {}

  record Crate(String label, List<Item> items) {}

  static final class Order implements Comparable<Order> {
    final String id;
    int quantity;
    private final Set<String> tags = new LinkedHashSet<>();

    Order(String id) {
      this.id = id;
    }

    @Override
    public int compareTo(Order other) {
      return id.compareTo(other.id);
    }

    @Override
    public String toString() {
      return id + "*" + quantity + tags;
    }
  }

  sealed interface Event {
    record Arrived(String sku) implements Event {}

    record Packed(List<String> skus) implements Event {}
  }

  private final Map<String, Integer> stock = new HashMap<>();
  private final Set<DayOfWeek> closed = new HashSet<>();
  private final HashMap<String, List<Integer>> history = new HashMap<>();
  private final LinkedHashMap<Integer, Order> orders = new LinkedHashMap<>();
  private final Deque<Order> waiting = new ArrayDeque<>();
  private final NavigableMap<Integer, String> shelves =
      new TreeMap<>(Comparator.comparing(i -> -i));
  private final TreeSet<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private final PriorityQueue<Long> due = new PriorityQueue<>(Comparator.<Long>reverseOrder());
  private final EnumMap<DayOfWeek, Long> byDay = new EnumMap<>(DayOfWeek.class);
  private EnumSet<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
  private List<Event> events = new LinkedList<>();
  private List<String> regions = List.of("eu", "us");
  private Map<String, Crate> crates = new LinkedHashMap<>();
  private Optional<Crate> last = Optional.empty();
  private final int[] counts = new int[7];
  private int[][] grid = new int[0][];
  private byte[] digest = {};
  private BitSet marks = new BitSet();
  private final AtomicLong serial = new AtomicLong();
  private double total;
  private @Nullable Item dearest;
  private transient @Nullable String cache;

  /** One step; what it does depends on the number and on the order of everything in the state. */
  String step(int n) {
    serial.incrementAndGet();
    stock.merge("sku-" + n % 97, n, Integer::sum);
    if (n % 3 == 0) {
      String first = stock.keySet().iterator().next();
      history.computeIfAbsent(first, any -> new ArrayList<>()).add(stock.remove(first));
    }
    DayOfWeek day = DayOfWeek.of(1 + Math.floorMod(n, 7));
    if (!closed.add(day)) {
      closed.remove(closed.iterator().next());
    }
    days = closed.isEmpty() ? EnumSet.noneOf(DayOfWeek.class) : EnumSet.copyOf(closed);
    byDay.merge(day, (long) n, Long::sum);
    Order order = new Order("o" + n);
    order.quantity = n;
    orders.put(n, order);
    waiting.addLast(order);
    if (waiting.size() > 20) {
      Order done = waiting.pollFirst();
      done.quantity += 1; // seen in orders as well
      done.tags.add(stock.keySet().stream().findFirst().orElse(""));
      if (done.quantity % 2 == 0) {
        orders.remove(orders.keySet().iterator().next());
      }
    }
    shelves.put(n % 31, "at " + n);
    names.add((n % 2 == 0 ? "Name" : "NAME") + n % 11);
    due.add((long) n);
    if (due.size() > 15) {
      total += due.poll();
    }
    events.add(
        n % 2 == 0
            ? new Event.Arrived("sku-" + n)
            : new Event.Packed(new ArrayList<>(history.keySet())));
    if (events.size() > 12) {
      events.remove(0);
    }
    Item item = new Item("sku-" + n, BigDecimal.valueOf(n, 2), n % 5 == 0 ? null : Instant.EPOCH);
    Crate crate = new Crate("c" + n % 13, new ArrayList<>(List.of(item)));
    crates.put(crate.label(), crate);
    last = n % 4 == 0 ? Optional.empty() : Optional.of(crate);
    last.ifPresent(same -> same.items().add(item)); // seen in crates as well
    regions = n % 6 == 0 ? List.copyOf(names) : regions;
    counts[Math.floorMod(n, 7)]++;
    grid = new int[][] {counts.clone(), {n}};
    digest = new byte[] {(byte) n, (byte) (n >> 8)};
    marks.set(Math.floorMod(n, 300));
    dearest = item;
    cache = "not part of the state";
    return describe();
  }

  /** All of it, in the order in which it iterates. */
  String describe() {
    return String.join(
        "\n",
        "" + stock,
        "" + closed,
        "" + history,
        "" + orders,
        "" + waiting,
        "" + shelves,
        "" + names,
        "" + due,
        "" + byDay + days,
        "" + events,
        "" + regions,
        "" + crates + last,
        java.util.Arrays.toString(counts) + java.util.Arrays.deepToString(grid),
        java.util.Arrays.toString(digest) + marks + marks.size(),
        "" + serial + " " + total + " " + dearest);
  }

  boolean hasCache() {
    return cache != null;
  }

  @Nullable Order firstWaiting() {
    return waiting.peekFirst();
  }

  @Nullable Order order(String id) {
    return orders.values().stream().filter(each -> each.id.equals(id)).findFirst().orElse(null);
  }
}
