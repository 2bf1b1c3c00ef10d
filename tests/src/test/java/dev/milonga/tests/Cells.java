package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.log.StoreException;
import dev.milonga.tests.history.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Lists that are only appended to, and registers, in objects of every kind, as one client has them
 * open. What is done to them at random is noted as {@link Action}s.
 */
final class Cells {

  private final List<Cell> cells;
  private final List<Object> objects;

  /** Those of that generation, which share no object with others. */
  Cells(Milonga store, int generation) {
    ReplicatedMap<String, Long> map = store.map("map-" + generation, String.class, Long.class);
    Scroll plain = store.object(Scroll.class, "plain-" + generation);
    Scroll other = store.object(Scroll.class, "other-" + generation);
    ReplicatedList<Long> list = store.list("list-" + generation, Long.class);
    ReplicatedSet<Long> set = store.set("set-" + generation, Long.class);
    ReplicatedMap<Long, Long> keys = store.map("keys-" + generation, Long.class, Long.class);
    ReplicatedRegister<Long> register = store.register("register-" + generation, Long.class);
    objects = List.of(map, plain, other, list, set, keys, register);
    cells =
        List.of(
            new ListCell(list),
            new SetCell(set),
            new KeysCell(keys),
            new PageCell(plain, "plain", "a"),
            new PageCell(plain, "plain", "b"),
            new PageCell(other, "other", "a"),
            new MapCell(map, "r0"),
            new MapCell(map, "r1"),
            new MapCell(map, "r2"),
            new RegisterCell(register),
            new MarkCell(plain, "plain", "m"),
            new MarkCell(other, "other", "m"));
  }

  /** The objects that they are in. */
  List<Object> objects() {
    return objects;
  }

  /** Does something to one of them, and notes it. */
  void act(Random random, long unique, Consumer<Action> noted) {
    cells.get(random.nextInt(cells.size())).act(random.nextInt(4), unique, noted);
  }

  /** Does something to one of them, and notes it; before a change, what will have been written. */
  void act(Random random, long unique, Consumer<Action> intended, Consumer<Action> noted) {
    Cell cell = cells.get(random.nextInt(cells.size()));
    int way = random.nextInt(4);
    if (way >= 2) {
      intended.accept(cell.written(unique));
    }
    cell.act(way, unique, noted);
  }

  /** Looks at one of them, and notes it. */
  void look(Random random, Consumer<Action> noted) {
    cells.get(random.nextInt(cells.size())).look(random.nextInt(2), noted);
  }

  /** Looks at all of them. */
  void lookAtAll(Consumer<Action> noted) {
    cells.forEach(cell -> cell.look(0, noted));
  }

  /** One list or register. */
  private interface Cell {

    /** In one of two ways. */
    void look(int way, Consumer<Action> noted);

    /** In one of two ways. */
    void change(int way, long unique, Consumer<Action> noted);

    /** What a change with that number writes. */
    Action written(long unique);

    default void act(int way, long unique, Consumer<Action> noted) {
      if (way < 2) {
        look(way, noted);
        return;
      }
      try {
        change(way - 2, unique, noted);
      } catch (StoreException | Error e) {
        noted.accept(written(unique)); // perhaps
        throw e;
      }
    }
  }

  private record ListCell(ReplicatedList<Long> list) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(
          way == 0
              ? new Action.ListRead("list", new ArrayList<>(list))
              : new Action.SizeRead("list", list.size()));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      list.add(unique);
      noted.accept(written(unique));
    }

    @Override
    public Action written(long unique) {
      return new Action.Append("list", unique);
    }
  }

  /** A set is in the order in which its elements came. */
  private record SetCell(ReplicatedSet<Long> set) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(
          way == 0
              ? new Action.ListRead("set", new ArrayList<>(set))
              : new Action.SizeRead("set", set.size()));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      set.add(unique);
      noted.accept(written(unique));
    }

    @Override
    public Action written(long unique) {
      return new Action.Append("set", unique);
    }
  }

  /** So are the keys of a map: reading all of them, or how many there are, is a predicate. */
  private record KeysCell(ReplicatedMap<Long, Long> map) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(
          way == 0
              ? new Action.ListRead("keys", new ArrayList<>(map.keySet()))
              : new Action.SizeRead("keys", map.size()));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      if (way == 0) {
        map.set(unique, unique);
      } else {
        map.putIfAbsent(unique, unique);
      }
      noted.accept(written(unique));
    }

    @Override
    public Action written(long unique) {
      return new Action.Append("keys", unique);
    }
  }

  private record PageCell(Scroll scroll, String object, String page) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(
          way == 0
              ? new Action.ListRead(key(), scroll.page(page))
              : new Action.SizeRead(key(), scroll.lines(page)));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      if (way == 0) {
        scroll.write(page, unique);
        noted.accept(written(unique));
      } else {
        int count = scroll.writeAndCount(page, unique);
        noted.accept(written(unique));
        noted.accept(new Action.SizeRead(key(), count));
      }
    }

    private String key() {
      return object + "." + page;
    }

    @Override
    public Action written(long unique) {
      return new Action.Append(key(), unique);
    }
  }

  private record MapCell(ReplicatedMap<String, Long> map, String key) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(new Action.Read(key, map.get(key)));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      if (way == 0) {
        map.set(key, unique);
      } else {
        noted.accept(new Action.Read(key, map.put(key, unique)));
      }
      noted.accept(written(unique));
    }

    @Override
    public Action written(long unique) {
      return new Action.Write(key, unique);
    }
  }

  private record RegisterCell(ReplicatedRegister<Long> register) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(new Action.Read("register", register.get().orElse(null)));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      if (way == 0) {
        register.set(unique);
      } else {
        noted.accept(new Action.Read("register", register.getAndSet(unique).orElse(null)));
      }
      noted.accept(written(unique));
    }

    @Override
    public Action written(long unique) {
      return new Action.Write("register", unique);
    }
  }

  private record MarkCell(Scroll scroll, String object, String mark) implements Cell {
    @Override
    public void look(int way, Consumer<Action> noted) {
      noted.accept(read(scroll.mark(mark)));
    }

    @Override
    public void change(int way, long unique, Consumer<Action> noted) {
      if (way == 0 && unique % 2 == 0) {
        scroll.mark(mark, unique);
      } else if (way == 0) {
        scroll.markOnly(mark, unique); // the only one that there is
      } else {
        noted.accept(read(scroll.remark(mark, unique)));
      }
      noted.accept(written(unique));
    }

    private Action read(long value) {
      return new Action.Read(key(), value < 0 ? null : (Long) value);
    }

    private String key() {
      return object + "." + mark;
    }

    @Override
    public Action written(long unique) {
      return new Action.Write(key(), unique);
    }
  }
}
