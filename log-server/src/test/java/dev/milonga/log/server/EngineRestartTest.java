package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * The same random commands, with conditions, sessions of several principals, retries, expiry and
 * trims, to an engine that never stops, to one that is restarted at random, and to a model that
 * remembers everything.
 */
class EngineRestartTest {

  private static final int STREAMS = 4;
  private static final int KEYS = 6;
  private static final Principal ANN = new Principal("ann");
  private static final List<@Nullable Principal> WHO =
      Arrays.asList(null, ANN, new Principal("bob"));

  @Property(tries = 400)
  void anEngineRestartedAtAnyPoint_decidesAsOneThatWasNot(@ForAll long seed) {
    Random random = new Random(seed);
    EngineParameters parameters =
        new EngineParameters(1 + random.nextInt(20), 50 + random.nextInt(500));
    EngineUnderTest steady = new EngineUnderTest(parameters);
    EngineUnderTest restarted = new EngineUnderTest(parameters);
    EngineModel model = new EngineModel(parameters);
    RequestMaker requests = new RequestMaker(random);

    for (int batch = 0; batch < 60; batch++) {
      int restart = random.nextInt(6);
      if (restart == 0) {
        restarted.restart();
      } else if (restart == 1) {
        restarted.restartFromMemory();
      }
      long micros = random.nextInt(10) == 0 ? random.nextInt(800) - 200 : random.nextInt(10);
      steady.passes(micros);
      restarted.passes(micros);
      model.passes(micros);
      List<LogCommand> commands = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        commands.add(requests.next(steady.engine().state()));
      }

      List<String> expected = described(steady.apply(commands));

      assertThat(described(restarted.apply(commands))).isEqualTo(expected);
      assertThat(restarted.engine().state()).isEqualTo(steady.engine().state());
      assertThat(model.apply(commands)).isEqualTo(expected);
    }

    for (EngineUnderTest engine : List.of(steady, restarted)) {
      EngineState state = engine.engine().state();
      try (LogStore.Entries entries = engine.store().entries(state.trimMark(), state.tail())) {
        for (LogEntry entry = entries.next(); entry != null; entry = entries.next()) {
          assertThat(entry.principal()).isEqualTo(model.principal(entry.position().value()));
        }
      }
    }
  }

  private static List<String> described(List<Outcome> outcomes) {
    return outcomes.stream()
        .map(
            outcome ->
                outcome instanceof Outcome.Refused refused
                    ? refused.cause().getClass().getSimpleName()
                        + ": "
                        + refused.cause().getMessage()
                    : outcome.toString())
        .toList();
  }

  /** Draws commands, some of which repeat or contradict earlier ones. */
  private static final class RequestMaker {

    private final Random random;
    private final List<LogCommand.Append> made = new ArrayList<>();
    private final List<Principal> owners = new ArrayList<>(); // of sessions 1, 2, 3 …
    private final long[] nextSequence = new long[50];

    RequestMaker(Random random) {
      this.random = random;
    }

    LogCommand next(EngineState state) {
      int kind = random.nextInt(40);
      if (kind == 0) {
        owners.add(WHO.get(random.nextInt(WHO.size())));
        return new LogCommand.OpenSession(owners.get(owners.size() - 1));
      }
      if (kind == 1) {
        return new LogCommand.Trim(new LogPosition(random.nextInt((int) state.tail() + 2)));
      }
      if (kind < 8 && !made.isEmpty()) {
        LogCommand.Append again = made.get(Math.max(0, made.size() - 1 - random.nextInt(20)));
        return random.nextInt(5) > 0
            ? again
            : new LogCommand.Append(again.request(), WHO.get(random.nextInt(WHO.size())));
      }
      AppendRequest request = request(state);
      Principal by =
          random.nextInt(8) == 0
              ? WHO.get(random.nextInt(WHO.size()))
              : request.requestId().isPresent() ? ownerOf(request.requestId().get()) : ANN;
      LogCommand.Append command = new LogCommand.Append(request, by);
      made.add(command);
      return command;
    }

    private @Nullable Principal ownerOf(RequestId id) {
      int index = (int) id.session().value() - 1;
      return index < owners.size() ? owners.get(index) : null;
    }

    private AppendRequest request(EngineState state) {
      AppendRequest.Builder request =
          AppendRequest.builder(Payload.wrap(new byte[] {(byte) random.nextInt(3)}));
      int first = random.nextInt(STREAMS);
      for (int i = random.nextInt(2); i >= 0; i--) {
        request.write(part((first + i) % STREAMS));
      }
      if (random.nextInt(2) == 0) {
        long back = random.nextInt(random.nextBoolean() ? 4 : 60);
        List<StreamKeys> reads = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          reads.add(part(random.nextInt(STREAMS)));
        }
        request.condition(
            new AppendCondition(new LogPosition(Math.max(0, state.tail() - back)), reads));
      }
      if (random.nextInt(2) == 0) {
        int session = 1 + random.nextInt((int) Math.min(40, state.nextSession()));
        long sequence = nextSequence[session] + random.nextInt(3);
        nextSequence[session] += random.nextInt(2);
        long learnt = Math.max(0, sequence - random.nextInt(6));
        request.requestId(new RequestId(new SessionId(session), sequence, learnt));
      }
      return request.build();
    }

    private StreamKeys part(int stream) {
      StreamId id = new StreamId(0, stream);
      return random.nextInt(5) == 0
          ? StreamKeys.whole(id)
          : StreamKeys.keys(id, random.nextInt(KEYS), random.nextInt(KEYS));
    }
  }
}
