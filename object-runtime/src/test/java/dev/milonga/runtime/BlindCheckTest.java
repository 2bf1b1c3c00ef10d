package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which mutators a transaction may buffer without looking at the state. */
class BlindCheckTest {

  /** What a mutator may inherit. */
  abstract static class Shelf {
    int pieces;

    final void demand(boolean condition) {
      if (!condition) {
        throw new IllegalStateException("refused");
      }
    }

    @Mutator
    public void inheritedAndPlain(int n) {
      pieces += n;
    }

    @Mutator
    public void inheritedAndThrowing(int n) {
      demand(n > 0);
    }

    /** Overridden. */
    void added(int n) {
      pieces += n;
    }

    @Mutator
    public void callsWhatASubclassOverrides(int n) {
      added(n);
    }
  }

  /** Mutators of every kind. */
  static class Box extends Shelf {
    private final Map<String, Integer> contents = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>();

    @Override
    void added(int n) {
      if (n > 100) {
        throw new IllegalArgumentException("too many");
      }
      super.added(n);
    }

    @Mutator
    public void put(String name, int n) {
      contents.put(name, n);
    }

    @Mutator
    public void sum(String name, int n) {
      contents.merge(name, n, Integer::sum);
    }

    @Mutator
    public void inALoop(List<String> all) {
      for (String name : all) {
        names.add(name);
      }
    }

    @Mutator
    public void throughAPlainHelper(String name) {
      note(name);
    }

    private void note(String name) {
      names.add(name);
    }

    @Mutator
    public void throwing(int n) {
      if (n < 0) {
        throw new IllegalArgumentException("n must be >= 0");
      }
      pieces = n;
    }

    @Mutator
    public void declaring(int n) throws Exception {
      pieces = n;
    }

    @Mutator
    public void throughAThrowingHelper(int n) {
      refuseIfNegative(n);
      pieces = n;
    }

    private static void refuseIfNegative(int n) {
      if (n < 0) {
        throw new IllegalArgumentException("n must be >= 0");
      }
    }

    @Mutator
    public void inALambda(List<String> all) {
      all.forEach(
          name -> {
            if (name.isEmpty()) {
              throw new IllegalArgumentException("empty");
            }
          });
    }

    @Mutator
    public void throughAnInheritedHelper(int n) {
      demand(n > 0);
    }

    @Mutator
    public void exactly(int n) {
      pieces = Math.addExact(pieces, n);
    }

    @Mutator
    public void orElseThrow(Optional<String> name) {
      names.add(name.orElseThrow());
    }

    @Mutator
    public void requireNonNull(String name) {
      names.add(Objects.requireNonNull(name));
    }

    @Mutator
    public void checkIndex(int index) {
      pieces = Objects.checkIndex(index, 10);
    }

    @Mutator
    public void parse(String text) {
      pieces = Integer.parseInt(text);
    }
  }

  /** A class that makes versions, whose mutators are treated alike. */
  static class Versions implements Versioned<Versions> {
    private int pieces;

    @Mutator
    public void put(int n) {
      pieces = n;
    }

    @Mutator
    public void throwing(int n) {
      if (n < pieces) {
        throw new IllegalArgumentException("less than before");
      }
      pieces = n;
    }

    @Override
    public Versions fork() {
      Versions fork = new Versions();
      fork.pieces = pieces;
      return fork;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"put", "sum", "inALoop", "throughAPlainHelper", "inheritedAndPlain"})
  void mutatorThatCannotRefuse_isBlind(String name) {
    assertThat(cannotRefuse(Box.class, name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throwing",
        "declaring",
        "throughAThrowingHelper",
        "inALambda",
        "throughAnInheritedHelper",
        "inheritedAndThrowing",
        "callsWhatASubclassOverrides",
        "exactly",
        "orElseThrow",
        "requireNonNull",
        "checkIndex",
        "parse"
      })
  void mutatorThatTellsTheCallerSomething_isNotBlind(String name) {
    assertThat(cannotRefuse(Box.class, name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"put", "throwing"})
  void mutatorOfAClassThatMakesVersions_isLookedAtAlike(String name) {
    assertThat(cannotRefuse(Versions.class, name)).isEqualTo(name.equals("put"));
  }

  @Test
  void mutatorThatReturnsSomething_isNotBlindInAnyCase() {
    List<MutatorMethod> mutators = Checked.open(Inventory.class).mutators();

    assertThat(mutators)
        .filteredOn(mutator -> mutator.method().getReturnType() != void.class)
        .isNotEmpty()
        .noneMatch(MutatorMethod::blind);
  }

  private static boolean cannotRefuse(Class<?> type, String name) {
    ClassFiles files = new ClassFiles(type);
    return MethodTable.of(type, files).stream()
        .filter(entry -> entry.isMutator() && entry.method().getName().equals(name))
        .map(entry -> BlindCheck.cannotRefuse(entry, files))
        .findFirst()
        .orElseThrow();
  }
}
