package dev.milonga.runtime.cbor;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * The constructor or factory method that makes an object from the values of its fields.
 *
 * @param executable accessible; a constructor, or a static method
 * @param sources the index of the field whose value is passed, for each parameter; -1 for none
 * @param absents what is passed where there is no value, for each parameter
 */
record Creator(Executable executable, int[] sources, @Nullable Object[] absents) {

  int arity() {
    return sources.length;
  }

  int source(int parameter) {
    return sources[parameter];
  }

  /** Whether the value of that field is passed. */
  boolean passes(int field) {
    for (int source : sources) {
      if (source == field) {
        return true;
      }
    }
    return false;
  }

  @Nullable Object absent(int parameter) {
    return absents[parameter];
  }

  Object make(@Nullable Object[] arguments) {
    Object made;
    try {
      made =
          executable instanceof Constructor<?> constructor
              ? constructor.newInstance(arguments)
              : ((Method) executable).invoke(null, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof VirtualMachineError error) {
        throw error;
      }
      throw new Failure(
          "the constructor of "
              + executable.getDeclaringClass().getName()
              + " threw "
              + e.getCause(),
          e.getCause());
    } catch (InstantiationException | IllegalAccessException e) {
      throw new AssertionError(executable + " was checked and made accessible", e);
    }
    if (made == null) {
      throw new Failure(executable.getName() + " returned null");
    }
    return made;
  }
}
