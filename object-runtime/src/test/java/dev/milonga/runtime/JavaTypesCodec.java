package dev.milonga.runtime;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Knows which types can be carried: plain values, records of such, and collections of such. */
final class JavaTypesCodec implements Codec {

  private static final Set<Class<?>> VALUES =
      Set.of(
          Boolean.class,
          Integer.class,
          Long.class,
          Double.class,
          String.class,
          BigDecimal.class,
          Instant.class,
          UUID.class,
          byte[].class);
  private static final Set<Class<?>> CONTAINERS =
      Set.of(List.class, Set.class, Map.class, Optional.class);

  @Override
  public int id() {
    return 100;
  }

  @Override
  public List<String> problems(Type type) {
    List<String> problems = new ArrayList<>();
    if (type instanceof ParameterizedType generic && CONTAINERS.contains(generic.getRawType())) {
      for (Type argument : generic.getActualTypeArguments()) {
        problems.addAll(problems(argument));
      }
    } else if (type instanceof Class<?> known && known.isRecord()) {
      for (RecordComponent component : known.getRecordComponents()) {
        problems.addAll(problems(component.getGenericType()));
      }
    } else if (!(type instanceof Class<?> known)
        || !(known.isPrimitive() || known.isEnum() || VALUES.contains(known))) {
      problems.add(type.getTypeName() + " is not a value; use a record");
    }
    return problems;
  }

  @Override
  public TupleCodec tuple(List<? extends Type> types) {
    throw new UnsupportedOperationException("this codec only knows types");
  }

  @Override
  public String toJson(byte[] encodedTuple) {
    throw new UnsupportedOperationException("this codec only knows types");
  }
}
