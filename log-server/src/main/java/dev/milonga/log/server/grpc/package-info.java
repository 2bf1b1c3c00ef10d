/**
 * A log served to other processes over gRPC. {@link dev.milonga.log.server.grpc.LogServer} is the
 * entrance; {@code log.proto} is the protocol; {@link dev.milonga.log.server.grpc.Conversation} is
 * most of it, and the type to read first.
 */
@NullMarked
package dev.milonga.log.server.grpc;

import org.jspecify.annotations.NullMarked;
