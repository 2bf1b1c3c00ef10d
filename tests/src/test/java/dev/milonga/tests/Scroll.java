package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plain class that holds lists and numbers by name. */
public class Scroll {

  private final Map<String, List<Long>> pages = new LinkedHashMap<>();
  private final Map<String, Long> marks = new LinkedHashMap<>();

  /** Blind. */
  @Mutator
  public void write(@ConflictKey String page, long line) {
    pages.computeIfAbsent(page, any -> new ArrayList<>()).add(line);
  }

  /** Returns how many lines there are then. */
  @Mutator
  public int writeAndCount(@ConflictKey String page, long line) {
    pages.computeIfAbsent(page, any -> new ArrayList<>()).add(line);
    return pages.get(page).size();
  }

  @Accessor
  public List<Long> page(@ConflictKey String page) {
    return pages.getOrDefault(page, List.of());
  }

  @Accessor
  public Map<String, List<Long>> pages() {
    return pages;
  }

  @Accessor
  public int lines(@ConflictKey String page) {
    return pages.getOrDefault(page, List.of()).size();
  }

  /** Blind. */
  @Mutator
  public void mark(@ConflictKey String name, long value) {
    marks.put(name, value);
  }

  /** Blind, and in place of all that was there. */
  @Mutator
  public void markOnly(String name, long value) {
    marks.clear();
    marks.put(name, value);
  }

  /** Returns what was there before; -1 if nothing was. */
  @Mutator
  public long remark(@ConflictKey String name, long value) {
    Long before = marks.put(name, value);
    return before == null ? -1 : before;
  }

  /** -1 if there is none. */
  @Accessor
  public long mark(@ConflictKey String name) {
    return marks.getOrDefault(name, -1L);
  }

  /** Of all marks; conflicts with every one. */
  @Accessor
  public long sum() {
    return marks.values().stream().mapToLong(Long::longValue).sum();
  }
}
