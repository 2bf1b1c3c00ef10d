package dev.milonga.cli;

import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.runtime.Codec;
import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.io.PrintWriter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Prints what a provided collection holds, each value as the JSON that the log shows it as. */
final class ContentRows {

  private final PrintWriter out;
  private final Format format;
  private final Codec codec = Codec.standard();
  private final List<TupleCodec> arguments; // a codec for each type argument

  ContentRows(PrintWriter out, Format format, TypeToken<?> type) {
    this.out = out;
    this.format = format;
    Type[] types =
        type.type() instanceof ParameterizedType generic
            ? generic.getActualTypeArguments()
            : new Type[0];
    this.arguments = Arrays.stream(types).map(each -> codec.tuple(List.of(each))).toList();
  }

  /** Prints the content of that collection. */
  void print(Object state) {
    if (state instanceof Map<?, ?> map) {
      try (Rows rows = new Rows(out, format, "key", "value")) {
        map.forEach((key, value) -> rows.add(json(0, key), json(1, value)));
      }
    } else if (state instanceof Set<?> set) {
      try (Rows rows = new Rows(out, format, "element")) {
        set.forEach(element -> rows.add(json(0, element)));
      }
    } else if (state instanceof Collection<?> ordered) {
      try (Rows rows = new Rows(out, format, "index", "element")) {
        int[] index = {0};
        ordered.forEach(element -> rows.add(index[0]++, json(0, element)));
      }
    } else if (state instanceof ReplicatedRegister<?> register) {
      try (Rows rows = new Rows(out, format, "value")) {
        register.get().ifPresent(value -> rows.add(json(0, value)));
      }
    } else if (state instanceof ReplicatedCounter counter) {
      try (Rows rows = new Rows(out, format, "value")) {
        rows.add(counter.get());
      }
    } else {
      throw new AssertionError("no content is known of " + state.getClass());
    }
  }

  private RawJson json(int argument, Object value) {
    String tuple = codec.toJson(arguments.get(argument).encode(value));
    return new RawJson(tuple.substring(1, tuple.length() - 1));
  }
}
