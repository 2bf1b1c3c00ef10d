package dev.milonga.tests;

/**
 * The named steps at which a process is made to die, by what has to go on for it to come there. The
 * names are those of {@link dev.milonga.log.server.SteppingLog} and of {@link CrashPointsTest}.
 */
enum CrashStep {
  NEW_STORAGE_OPENED(Work.MAKING, "new.storage.opened"),
  NEW_STORAGE_WRITE_BEGUN(Work.MAKING, "new.storage.write.begun"),
  NEW_STORAGE_WRITE_ENDED(Work.MAKING, "new.storage.write.ended"),
  NEW_STORAGE_CLOSED(Work.MAKING, "new.storage.close.ended"),
  NEW_MARK_OPENED(Work.MAKING, "new.mark.opened"),
  NEW_MARK_HALF_WRITTEN(Work.MAKING, "new.mark.write.half"),
  NEW_MARK_WRITTEN(Work.MAKING, "new.mark.write.ended"),
  NEW_MARK_SYNCED(Work.MAKING, "new.mark.sync.ended"),
  NEW_MARK_CLOSED(Work.MAKING, "new.mark.close.ended"),
  MADE(Work.MAKING, "storage.opened"),

  OPEN_STORAGE_OPENED(Work.OPENING, "storage.opened"),
  OPEN_MARK_READ(Work.OPENING, "mark.read.ended"),
  OPEN_SYNCED(Work.OPENING, "storage.sync.ended"),
  OPEN_MARK_HALF_WRITTEN(Work.OPENING, "mark.write.half"),
  OPEN_MARK_WRITTEN(Work.OPENING, "mark.write.ended"),
  OPEN_MARK_SYNCED(Work.OPENING, "mark.sync.ended"),

  APPEND_BATCH_BEGUN(Work.APPENDING, "batch.begun"),
  APPEND_DECIDED(Work.APPENDING, "storage.write.begun"),
  APPEND_WRITTEN(Work.APPENDING, "storage.write.ended"),
  APPEND_MARK_HALF_WRITTEN(Work.APPENDING, "mark.write.half"),
  APPEND_MARK_WRITTEN(Work.APPENDING, "mark.write.ended"),
  APPEND_MARK_SYNC_BEGUN(Work.APPENDING, "mark.sync.begun", 2), // twice a second
  APPEND_MARK_SYNCED(Work.APPENDING, "mark.sync.ended", 2),
  APPEND_ANSWERED(Work.APPENDING, "append.answered"),

  TRIM_DECIDED(Work.TRIMMING, "trim.sent"),
  TRIM_ANSWERED(Work.TRIMMING, "trim.answered"),
  TRIM_DROP_BEGUN(Work.TRIMMING, "storage.drop.begun"),
  TRIM_DROP_ENDED(Work.TRIMMING, "storage.drop.ended"),

  CALL_SENT(Work.CALLING, "append.sent"),
  CALL_ANSWERED(Work.CALLING, "append.answered"),
  COMMIT_SENT(Work.CALLING, "commit.sent"),
  COMMIT_DECIDED(Work.CALLING, "storage.write.begun"),
  COMMIT_WRITTEN(Work.CALLING, "storage.write.ended"),
  COMMIT_ANSWERED(Work.CALLING, "commit.answered"),
  COMMIT_READ_BACK(Work.CALLING, "read.answered");

  /** What goes on. */
  enum Work {
    MAKING(1),
    OPENING(1),
    APPENDING(60),
    TRIMMING(12),
    CALLING(40);

    private final int times;

    Work(int times) {
      this.times = times;
    }
  }

  final Work work;
  final String step;
  final int times; // it dies when it is there for one of the first so many times

  CrashStep(Work work, String step) {
    this(work, step, work.times);
  }

  CrashStep(Work work, String step, int times) {
    this.work = work;
    this.step = step;
    this.times = times;
  }
}
