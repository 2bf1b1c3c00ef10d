package dev.milonga.runtime;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Checks and binds types, each once per client. Thread-safe. */
final class TypeBinding {

  private final Codec codec;

  // A type's model is a function of the type and the codec, so that a race makes equal ones.
  private final ConcurrentHashMap<Type, ReplicatedType<?>> models = new ConcurrentHashMap<>();

  // What a class is compiled into is shared by all its objects, whatever makes them.
  private final ConcurrentHashMap<Implementation, StateImage<?>> images = new ConcurrentHashMap<>();

  private record Implementation(Type opened, Class<?> implementation) {}

  TypeBinding(Codec codec) {
    this.codec = codec;
  }

  /**
   * The type, ready to be used.
   *
   * @param fresh makes the state of an object that nothing has happened to yet; without it the
   *     constructor without parameters does
   * @throws IncompatibleTypeException if it cannot be a replicated object, listing every reason
   */
  <T> BoundType<T> bind(TypeToken<T> token, Optional<Supplier<? extends T>> fresh) {
    ReplicatedType<T> model = model(token, fresh.isPresent());
    Supplier<? extends T> states = fresh.orElseGet(() -> constructing(model.rawClass()));
    T sample = states.get();
    if (sample == null) {
      throw new IncompatibleTypeException(
          token.toString(), List.of("the supplier returned null instead of a new object"));
    }
    model.checkImplementation(sample.getClass());
    StateImage<T> image = image(token, states, sample);
    if (!image.problems().isEmpty()) {
      // It would keep the log from being trimmed, and nobody would know until the disk is full.
      throw new IncompatibleTypeException(token.toString(), image.problems());
    }
    return new BoundType<>(model, codec, image);
  }

  @SuppressWarnings("unchecked") // the image of a type is kept under that very type
  private <T> StateImage<T> image(TypeToken<T> token, Supplier<? extends T> states, T sample) {
    Implementation key = new Implementation(token.type(), sample.getClass());
    StateImage<?> known = images.get(key);
    if (known == null) {
      // Not within the map: it runs the user's code.
      known = StateImage.of(token, codec, states);
      images.putIfAbsent(key, known);
    }
    return ((StateImage<T>) known).with(states, sample);
  }

  @SuppressWarnings("unchecked") // the model of a type is kept under that very type
  private <T> ReplicatedType<T> model(TypeToken<T> token, boolean supplied) {
    // Only what passed the stricter check, that of a class without a supplier, serves both.
    ReplicatedType<?> known = models.get(token.type());
    if (known == null) {
      known = ReplicatedType.of(token, codec, supplied);
      if (!supplied) {
        models.putIfAbsent(token.type(), known);
      }
    }
    return (ReplicatedType<T>) known;
  }

  private static <T> Supplier<T> constructing(Class<T> raw) {
    Constructor<T> constructor;
    try {
      constructor = raw.getDeclaredConstructor();
    } catch (NoSuchMethodException e) {
      throw new AssertionError("the class check has let " + raw.getName() + " pass", e);
    }
    constructor.setAccessible(true);
    return () -> construct(constructor);
  }

  private static <T> T construct(Constructor<T> constructor) {
    try {
      return constructor.newInstance();
    } catch (InvocationTargetException e) {
      throw Sneaky.unchecked(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(constructor + " cannot be called", e);
    }
  }
}
