package dev.milonga.tests.planted;

import java.util.List;

/**
 * A mistake in one source file of the product, and a test that finds it.
 *
 * @param name what the mistake is
 * @param source the file, below the source root of its module
 * @param right what stands there, exactly once
 * @param wrong what is to stand there instead
 * @param finder the test class, or one method of it as {@code Class#method}
 */
record PlantedBug(String name, Source source, String right, String wrong, String finder) {

  /**
   * A source file.
   *
   * @param module the folder of the module
   * @param type the full name of the class
   */
  record Source(String module, String type) {

    String path() {
      return module + "/src/main/java/" + type.replace('.', '/') + ".java";
    }
  }

  private static Source server(String type) {
    return new Source("log-server", "dev.milonga.log.server." + type);
  }

  private static Source runtime(String type) {
    return new Source("object-runtime", "dev.milonga.runtime." + type);
  }

  private static Source txn(String type) {
    return new Source("txn", "dev.milonga.txn." + type);
  }

  /** All of them. */
  static List<PlantedBug> all() {
    return List.of(
        new PlantedBug(
            "missing sync: appends are acknowledged before they are durable",
            server("LogStore"),
            "storage.write(rows, sync);",
            "storage.write(rows, false);",
            "dev.milonga.log.server.EmbeddedLogTest#acknowledgedAppend_wasSynced"),
        new PlantedBug(
            "mark before the sync: the mark tells of what a failed write has not stored",
            server("LogStore"),
            "storage.write(rows, sync);",
            "if (sync) { markReached(writes.state()); } storage.write(rows, sync);",
            "dev.milonga.log.server.EmbeddedLogTest#writeThatFailedWithoutEffect_isNotMissedWhenReopened"),
        new PlantedBug(
            "tail too early: readers see a batch before it is durable",
            server("LogWriter"),
            """
                    store.write(applied.writes(), syncs && applied.writes().promises());
                    listener.committed(applied.writes(), requests, applied.outcomes(), byCaller);
            """,
            """
                    listener.committed(applied.writes(), requests, applied.outcomes(), byCaller);
                    store.write(applied.writes(), syncs && applied.writes().promises());
            """,
            "dev.milonga.log.server.EmbeddedLogTest#failedSync_isUnknown_andNothingMoreIsAcknowledgedUntilReopened"),
        new PlantedBug(
            "lost wake-up: who puts a request in line does not wake the writer that sleeps",
            server("WriterTurn"),
            "if (sleeping.get() && sleeping.compareAndSet(true, false)) {",
            "if (!sleeping.get() && sleeping.compareAndSet(true, false)) {",
            "dev.milonga.log.server.LogWriterStressTest"),
        new PlantedBug(
            "no last look: the writer goes to sleep just when a request has come",
            server("WriterTurn"),
            "while (sleeping.get() && !isWanted()) {",
            "while (sleeping.get()) {",
            "dev.milonga.log.server.WriterTurnLincheckTest"),
        new PlantedBug(
            "look before letting go: a request that comes in between is forgotten",
            server("WriterTurn"),
            """
                taken.set(false);
                if (hasWork.getAsBoolean()) {
            """,
            """
                boolean look = hasWork.getAsBoolean();
                taken.set(false);
                if (look) {
            """,
            "dev.milonga.log.server.WriterTurnLincheckTest"),
        new PlantedBug(
            "lost signal: the end is not told to who waits for tasks",
            server("Completions"),
            """
                  closing = true;
                  changed.signal();
            """,
            """
                  closing = true;
            """,
            "dev.milonga.log.server.CompletionsLincheckTest"),
        new PlantedBug(
            "session not persisted: after a restart its requests are refused",
            server("SessionTable"),
            "Set<Session> changed = new LinkedHashSet<>(opened);",
            "Set<Session> changed = new LinkedHashSet<>();",
            "dev.milonga.log.server.LogEngineTest"),
        new PlantedBug(
            "request not remembered: a retry is a second entry",
            server("SessionTable"),
            "session.accepted(id.sequence(), accepted(entry));\n    session.setBehind(true);",
            "session.setBehind(true);",
            "dev.milonga.log.server.LogEngineTest"),
        new PlantedBug(
            "expiry by wall time: sessions end when this machine's clock says so",
            server("SessionTable"),
            "if (timeMicros - session.lastUsedMicros() <= timeoutMicros) {",
            "if (System.currentTimeMillis() * 1_000 - session.lastUsedMicros() <= timeoutMicros) {",
            "dev.milonga.log.server.LogEngineTest"),
        new PlantedBug(
            "narrowed read: a whole-object read beside keyed ones is forgotten",
            txn("Part"),
            "wholeRead = new Read(method, arguments);\n      keysRead.clear();",
            "if (!keysRead.isEmpty()) { return; } wholeRead = new Read(method, arguments);",
            "dev.milonga.tests.TransactionConformanceTest#t5_keyAndSizeAreRead_insertOfOtherKeyAborts"),
        new PlantedBug(
            "whole-object write unseen: a keyed read does not conflict with it",
            server("CommitRule"),
            "long winner = Math.max(whole, memory.lastKeyWrite(stream, key));",
            "long winner = memory.lastKeyWrite(stream, key);",
            "dev.milonga.log.server.CommitRuleTest"),
        new PlantedBug(
            "off by one: a write at the snapshot itself does not conflict",
            server("CommitRule"),
            "if (winner >= since) {",
            "if (winner > since) {",
            "dev.milonga.log.server.CommitRuleTest"),
        new PlantedBug(
            "mutators read nothing: two blocks that take the last piece both commit",
            txn("TransactionScope"),
            "if (!call.blind()) {",
            "if (call.blind()) {",
            "dev.milonga.tests.TransactionInterleavingsTest"),
        new PlantedBug(
            "extension unchecked: a snapshot moves on though what was read has changed",
            txn("TransactionScope"),
            "      if (part.hasReads()) {\n        ensureUnchanged(part, from, to);\n      }",
            "",
            "dev.milonga.tests.OpacityTest"),
        new PlantedBug(
            "sync past the snapshot: a view is brought further than it was asked to",
            runtime("View"),
            "if (entry.position().value() >= limit) {",
            "if (entry.position().value() > limit) {",
            "dev.milonga.runtime.ObjectRuntimeTest#viewBroughtUpToAPosition_goesNoFurtherByItself"),
        new PlantedBug(
            "shared fork: a call is applied to the version that readers have",
            runtime("VersionedView"),
            "T fork = fork(working);",
            "T fork = working;",
            "dev.milonga.runtime.VersionedViewTest"),
        new PlantedBug(
            "shared copy of a block: what it buffers is seen by everybody",
            runtime("PlainView"),
            "return type.image().copy(state);",
            "return state;",
            "dev.milonga.tests.TransactionConformanceTest#t13_blockReadsItsOwnWrite_nobodyElseDoes"),
        new PlantedBug(
            "copy left out: a caller gets the object's own state",
            runtime("BoundAccessor"),
            "return result.copy(returned);",
            "return returned;",
            "dev.milonga.tests.ObjectConformanceTest#o5_argumentsAndResultsOfPlainObject_aliasNothing"),
        new PlantedBug(
            "list before slot: a block ends while a view is about to keep a version for it",
            runtime("OpenSnapshots"),
            """
                slots.set(slot * STRIDE, 0);
                releaseVersions(slot);
            """,
            """
                releaseVersions(slot);
                slots.set(slot * STRIDE, 0);
            """,
            "dev.milonga.runtime.SnapshotsLincheckTest"),
        new PlantedBug(
            "early release: a version goes while a block is at its snapshot",
            runtime("OpenSnapshots"),
            "position >= 0 && position <= to && (floats || position >= from)",
            "position >= 0 && position < to && (floats || position >= from)",
            "dev.milonga.runtime.VersionedViewTest"));
  }
}
