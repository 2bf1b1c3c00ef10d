package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A plain class that keeps whatever it is given, of every kind of type. */
public class Notebook {

  /** A value of many types. */
  public record Page(
      @Nullable String text,
      List<String> words,
      Map<String, List<Integer>> index,
      Optional<String> note,
      long number,
      double fraction,
      @Nullable BigInteger big,
      @Nullable BigDecimal exact,
      @Nullable Instant time,
      byte @Nullable [] bytes) {

    static Page of(@Nullable String text) {
      return new Page(text, List.of(), Map.of(), Optional.empty(), 0, 0, null, null, null, null);
    }
  }

  private final List<@Nullable Page> pages = new ArrayList<>();
  private List<List<String>> drafts = new ArrayList<>();

  @Mutator
  public int write(@Nullable Page page) {
    pages.add(page);
    return pages.size();
  }

  @Mutator
  public List<List<String>> draft(List<String> words) {
    drafts.add(words);
    return drafts;
  }

  @Mutator
  public void redraft(List<List<String>> all) {
    drafts = all;
  }

  @Accessor
  public List<@Nullable Page> pages() {
    return pages;
  }

  @Accessor
  public List<List<String>> drafts() {
    return drafts;
  }
}
