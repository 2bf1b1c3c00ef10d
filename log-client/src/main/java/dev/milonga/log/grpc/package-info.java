/**
 * The client of a log server. {@link dev.milonga.log.grpc.RemoteLog} is the entrance; {@link
 * dev.milonga.log.grpc.Conversations}, the type to read next, keeps one conversation after another
 * with whichever server is there; the form of what is said is in {@code log.proto}.
 */
@NullMarked
package dev.milonga.log.grpc;

import org.jspecify.annotations.NullMarked;
