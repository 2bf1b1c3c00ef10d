package dev.milonga.runtime;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;

/**
 * A method that reads the object.
 *
 * @param method the method that a call runs; not made accessible
 * @param parameterTypes as seen from the type that was opened
 * @param returnType as seen from the type that was opened; not {@code void}
 * @param conflictKeyParameters ascending indices of the parameters that are conflict keys; none if
 *     a call reads the whole object; not to be changed
 */
record AccessorMethod(
    Method method, List<Type> parameterTypes, Type returnType, int[] conflictKeyParameters) {

  AccessorMethod {
    parameterTypes = List.copyOf(parameterTypes);
  }
}
