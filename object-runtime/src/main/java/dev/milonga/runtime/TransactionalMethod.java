package dev.milonga.runtime;

import java.lang.reflect.Method;

/**
 * A method whose body is a transaction.
 *
 * @param method the one that a call runs
 * @param readOnly whether it says that it only reads
 */
record TransactionalMethod(Method method, boolean readOnly) {}
