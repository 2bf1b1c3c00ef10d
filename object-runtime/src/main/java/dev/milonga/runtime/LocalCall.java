package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A call of this client with the arguments that it was made with, which are what decoding its entry
 * would give: see {@link TupleCodec#keepsValues}. Nobody else has the array.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record LocalCall(BoundMutator mutator, @Nullable Object[] arguments) {}
