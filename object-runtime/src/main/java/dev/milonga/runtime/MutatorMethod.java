package dev.milonga.runtime;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;

/**
 * A method whose calls are written to the log.
 *
 * @param method the method that a call runs; not made accessible
 * @param name the name under which the log holds its calls
 * @param aliases earlier names, under which the log may still hold calls
 * @param parameterNames as many as there are parameters
 * @param parameterTypes as seen from the type that was opened
 * @param returnType as seen from the type that was opened
 * @param conflictKeyParameters ascending indices of the parameters that are conflict keys; none if
 *     a call touches the whole object; not to be changed
 * @param blind whether it tells the caller nothing of the state, neither by what it returns nor by
 *     throwing, so that in a transaction it counts as a write only
 */
record MutatorMethod(
    Method method,
    String name,
    List<String> aliases,
    List<String> parameterNames,
    List<Type> parameterTypes,
    Type returnType,
    int[] conflictKeyParameters,
    boolean blind) {

  MutatorMethod {
    aliases = List.copyOf(aliases);
    parameterNames = List.copyOf(parameterNames);
    parameterTypes = List.copyOf(parameterTypes);
  }
}
