package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.together;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The tails as memory reads, where a log has them. */
interface LocalTailsContract extends ContractPart {

  @Test
  default void localTailsOfAnEmptyLog_areZero() {
    LocalTails tails = localTails();

    assertThat(tails.tail()).isZero();
    assertThat(tails.of(A).value()).isZero();
  }

  @Test
  default void localTails_coverWhatIsAcknowledged() {
    LocalTails tails = localTails();
    LocalTails.StreamTail ofA = tails.of(A);

    appendTo(A);
    assertThat(tails.tail()).isEqualTo(1);
    assertThat(ofA.value()).isEqualTo(1);
    appendTo(B);
    assertThat(tails.tail()).isEqualTo(2);
    assertThat(ofA.value()).isEqualTo(1);
    appendTo(A, B);
    assertThat(ofA.value()).isEqualTo(3);
    assertThat(tails.of(B).value()).isEqualTo(3);
    assertThat(tails.of(C).value()).isZero();
  }

  @Test
  default void tailOfOneStream_isOneObject() {
    LocalTails.StreamTail before = localTails().of(A);
    appendTo(A);

    assertThat(localTails().of(A)).isSameAs(before);
    assertThat(before.value()).isEqualTo(1);
  }

  @Test
  default void rejectedAppend_movesNoLocalTail() {
    appendTo(A);

    Outcome.failure(
        ConflictException.class,
        () ->
            log()
                .append(
                    ContractPart.request(StreamKeys.whole(B))
                        .condition(ContractPart.unchanged(at(0), StreamKeys.whole(A)))
                        .build()));

    assertThat(localTails().tail()).isEqualTo(1);
    assertThat(localTails().of(B).value()).isZero();
  }

  @Test
  default void logTailReadFirst_isCoveredByTheStreamTailReadAfterIt() {
    LocalTails tails = localTails();
    CompletableFuture<Boolean> written = new CompletableFuture<>();

    List<Long> violations =
        together(
            4,
            thread -> {
              long bad = 0;
              if (thread == 0) {
                try {
                  for (int i = 0; i < 20; i++) {
                    appendMany(A, 100); // every entry is in A
                    appendTo(A, B);
                  }
                } finally {
                  written.complete(true);
                }
              } else {
                LocalTails.StreamTail ofA = tails.of(A);
                long lastTail = 0;
                while (!written.isDone()) {
                  long tail = tails.tail();
                  long stream = ofA.value();
                  bad += stream < tail ? 1 : 0;
                  bad += tail < lastTail ? 1 : 0;
                  lastTail = tail;
                }
              }
              return bad;
            });

    assertThat(violations).containsOnly(0L);
    assertThat(tails.tail()).isEqualTo(2_020);
    assertThat(tails.of(B).value()).isEqualTo(2_020);
  }

  @Test
  default void whatTheLogTailHasPassed_canBeRead() {
    LocalTails tails = localTails();
    int count = 500;

    together(
        2,
        thread -> {
          if (thread == 0) {
            return appendMany(A, count).size();
          }
          int reads = 0;
          long tail = 0;
          while (tail < count) {
            tail = tails.tail();
            if (tail > 0) {
              assertThat(read(A, tail - 1).entries()).isNotEmpty();
              assertThat(tail()).isGreaterThanOrEqualTo(at(tail));
              reads++;
            }
            if (Thread.interrupted()) {
              throw new InterruptedException();
            }
          }
          return reads;
        });

    assertThat(tails.tail()).isEqualTo(count);
  }

  @Test
  default void localTails_coverEverythingAfterARestart() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    localTails();
    appendTo(A);
    appendTo(B);

    fixture().restart();

    assertThat(localTails().tail()).isEqualTo(2);
    assertThat(localTails().of(A).value()).isEqualTo(1);
    assertThat(localTails().of(B).value()).isEqualTo(2);
    assertThat(localTails().of(C).value()).isZero();
  }

  private LocalTails localTails() {
    assumeTrue(log().localTails().isPresent(), "this log has no local tails: it lives elsewhere");
    return log().localTails().orElseThrow();
  }
}
