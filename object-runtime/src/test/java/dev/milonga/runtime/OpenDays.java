package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A class whose state is kept in a set that is ordered by identity hash codes, as written. */
public class OpenDays {

  private final Set<DayOfWeek> days = new HashSet<>();

  @Mutator
  public void add(DayOfWeek day) {
    days.add(day);
  }

  /** Removes the day that the set iterates over first. */
  @Mutator
  public DayOfWeek removeFirst() {
    DayOfWeek first = days.iterator().next();
    days.remove(first);
    return first;
  }

  @Accessor
  public List<DayOfWeek> inOrder() {
    return new ArrayList<>(days);
  }
}
