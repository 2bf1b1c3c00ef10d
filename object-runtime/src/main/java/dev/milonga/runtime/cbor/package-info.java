/**
 * The codec that comes along: values by their declared types as CBOR (RFC 8949). A declared type is
 * compiled once into a tree of {@code Shape}s, which write and read values of it; what cannot be
 * compiled is what cannot be carried. {@link dev.milonga.runtime.cbor.CborCodec} is the entrance,
 * {@code ShapeCompiler} the type to read first.
 */
@NullMarked
package dev.milonga.runtime.cbor;

import org.jspecify.annotations.NullMarked;
