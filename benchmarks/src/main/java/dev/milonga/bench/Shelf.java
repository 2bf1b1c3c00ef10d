package dev.milonga.bench;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A user's class: an ordinary map behind a lock, instead of versions. */
public class Shelf {

  private final Map<String, String> content = new HashMap<>();

  /** Puts a value, and returns the one before. */
  @Mutator
  public @Nullable String put(@ConflictKey String key, String value) {
    return content.put(key, value);
  }

  /** How many keys there are. */
  @Accessor
  public int size() {
    return content.size();
  }
}
