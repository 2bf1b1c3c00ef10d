package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A call of one mutator as a replica applies it.
 *
 * @param index its place among all calls of its entry
 * @param moment what its time and randomness derive from
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DecodedCall(
    int index, ApplyContext.Moment moment, BoundMutator mutator, @Nullable Object[] arguments) {}
