package dev.milonga.cli;

import dev.milonga.log.server.Durability;
import dev.milonga.log.server.grpc.LogServer;
import dev.milonga.log.server.grpc.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a server is to run, checked.
 *
 * @param data the directory of the store
 * @param address where clients connect
 * @param metrics where metrics and health are served; empty if nowhere
 * @param durability when an append is acknowledged
 * @param certificate with {@code key}, who the server says it is; without, it does not use TLS
 * @param key of the certificate
 * @param clients who has signed the certificates that clients need; empty if they need none
 * @param clientsRole of who has such a certificate, unless the tokens say another
 * @param tokens who may do what, by token; empty if clients need none
 * @param insecure whether it was said that an open door is meant
 * @param entryBytesMax the largest entry
 * @param waitingBytesMax how much may wait to be written
 * @param cacheBytesMax how much of the log is kept in memory
 * @param sessionTimeout how long a new store is to keep a session that is not used
 * @param drain how long clients get to go when the server stops
 * @param limits set the limits that were set
 */
record ServerSettings(
    Path data,
    Endpoint address,
    Optional<Endpoint> metrics,
    Durability durability,
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> clients,
    Role clientsRole,
    Optional<Path> tokens,
    boolean insecure,
    int entryBytesMax,
    long waitingBytesMax,
    long cacheBytesMax,
    Optional<Duration> sessionTimeout,
    Duration drain,
    List<Consumer<LogServer.Builder>> limits) {}
