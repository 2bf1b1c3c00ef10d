package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.SimulatedStore;
import dev.milonga.log.LocalTails;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.SimulatedDisk;
import dev.milonga.log.server.SimulatedLog;
import dev.milonga.runtime.Environment;
import dev.milonga.runtime.SimulatedRuntimes;
import dev.milonga.tests.history.History;
import dev.milonga.tests.history.SerializabilityChecker;
import dev.milonga.tests.simulation.Scheduler;
import dev.milonga.tests.simulation.Scheduler.Process;
import dev.milonga.tests.simulation.SimulatedEnvironment;
import dev.milonga.tests.simulation.SimulatedLink;
import dev.milonga.tests.simulation.Trace;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One run of the real store in a world that a seed decides: an embedded log on a {@link
 * SimulatedDisk}, and clients that are in its process or at the other end of a {@link
 * SimulatedLink}. A director, a thread like the others, has things go wrong: processes are killed
 * and the power is cut at any step, syncs and reads fail, the disk is full, clocks jump,
 * connections break.
 *
 * <p>After every step it is checked that the published tail is not beyond what is durable, that the
 * trim mark is not either, and that every view whose position has changed equals a replay of the
 * log up to there. What becomes durable is checked by the disk, what is acknowledged against it. In
 * the end everything is opened once more after a power cut, and the whole history must be strictly
 * serializable.
 */
final class Simulation {

  private static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");
  private static final Duration SESSION_TIMEOUT = Duration.ofMinutes(30);
  private static final long WITH_ROOM_AGAIN_NANOS = 2_500_000_000L;
  private static final long BETTER_TIMES_NANOS = 500_000_000L;

  private final SimulatedRuntimes runtimes;
  private final Scheduler scheduler;
  private final Random random; // of the director; workers have their own
  private final SimulatedDisk disk;
  private final History history;
  private final SimulatedClient.Promises promises = new SimulatedClient.Promises();
  private final AtomicLong unique = new AtomicLong();
  private final ReplayModel model;
  private final Acknowledgements acknowledgements;
  private final InstantSource clock = this::instant;

  // How this world is, by its seed.
  private final boolean remote; // clients are at the other end of a link
  private final boolean raw; // clients use the log itself, and trim it
  private final int clients;
  private final int threadsPerClient;
  private final long meanNanosBetweenFaults;
  private final long cacheBytesMax;

  private int processes; // so far
  private final List<Process> clientProcesses = new ArrayList<>(); // that are not the server's
  private final List<SimulatedLink> links = new ArrayList<>();
  private final List<Scheduler.Actor> workers = new ArrayList<>();
  private final List<Milonga> stores = new ArrayList<>();
  private Process server;
  private ObservedLog log; // null while there is none
  private long actionsLeft;
  private int faultsLeft;
  private boolean stopping; // workers come to their end
  private long clockSkewMillis;
  private boolean hasGoneOn; // the log has by itself, after its disk was full

  /**
   * @param pool of threads to run on
   * @param runtimes that open its clients; both may be used for simulations after this one
   */
  Simulation(long seed, Trace trace, ExecutorService pool, SimulatedRuntimes runtimes) {
    this.runtimes = runtimes;
    this.random = new Random(seed);
    this.scheduler = new Scheduler(random.nextLong(), trace, pool);
    this.disk = new SimulatedDisk(scheduler, random.nextLong());
    this.history = new History(scheduler::tick);
    this.model = new ReplayModel(disk);
    this.acknowledgements = new Acknowledgements(disk, micros(SESSION_TIMEOUT));
    this.remote = random.nextBoolean();
    this.raw = random.nextInt(4) == 0;
    this.clients = 1 + random.nextInt(3);
    this.threadsPerClient = 1 + random.nextInt(2);
    this.meanNanosBetweenFaults = TimeUnit.MILLISECONDS.toNanos(2L << random.nextInt(6));
    this.cacheBytesMax = random.nextBoolean() ? 1 << 20 : 1 << 10;
    this.actionsLeft = 30 + random.nextInt(30);
    this.faultsLeft = random.nextInt(12);
    SimulatedLog.create(
        disk, random.nextBoolean() ? 1 << 18 : 1 + random.nextInt(40), SESSION_TIMEOUT);
  }

  /** Runs it; throws what is wrong. */
  void run() {
    scheduler.afterEveryStep(this::check);
    scheduler.spawn(new Process("world"), "director", this::direct);
    scheduler.run();
  }

  long steps() {
    return scheduler.steps();
  }

  private Instant instant() {
    Instant now = BEGIN.plusNanos(scheduler.nanos()).plusMillis(clockSkewMillis);
    acknowledgements.timeTold(ChronoUnit.MICROS.between(Instant.EPOCH, now));
    return now;
  }

  private static long micros(Duration duration) {
    return TimeUnit.MICROSECONDS.convert(duration);
  }

  // ---- What is to be so after every step.

  private void check() {
    if (log != null && !server.isDead()) {
      LocalTails tails = log.behind.localTails().orElseThrow();
      if (tails.tail() > disk.durableTail() && tails.tail() != Long.MAX_VALUE) { // as when closed
        throw new AssertionError(
            "the tail is " + tails.tail() + ", and durable is " + disk.durableTail());
      }
    }
    model.checkMoved();
  }

  // ---- What happens.

  private void direct() {
    openLog();
    while (true) {
      scheduler.await("lets them work", this::isToDoSomething, untilNextFault());
      if (areWorkersOver() && actionsLeft <= 0) {
        break;
      }
      if (log.isBroken()) {
        scheduler.note("finds the log broken");
        boolean wasFull = disk.isFull();
        disk.heal();
        if (wasFull && random.nextInt(4) > 0) {
          letItGoOn();
        } else if (random.nextBoolean()) {
          restart();
        } else {
          kill(random.nextBoolean());
        }
      } else if (areWorkersOver()) {
        scheduler.note("finds that clients could not open their objects");
        disk.heal();
        forgetClients();
        openClients();
      } else {
        fault();
      }
    }
    disk.heal();
    stop();
    verify();
  }

  /** There is room again: the log must go on by itself. */
  private void letItGoOn() {
    scheduler.sleep("lets the log find that there is room", WITH_ROOM_AGAIN_NANOS);
    log.forgetFailures();
    hasGoneOn = true;
  }

  private boolean isToDoSomething() {
    return log.isBroken() || areWorkersOver();
  }

  private boolean areWorkersOver() {
    return workers.stream().allMatch(Scheduler.Actor::isOver);
  }

  private long untilNextFault() {
    return faultsLeft <= 0
        ? Scheduler.FOREVER
        : (long) (-Math.log(1 - random.nextDouble()) * meanNanosBetweenFaults);
  }

  private void fault() {
    faultsLeft--;
    switch (random.nextInt(10)) {
      case 0, 1 -> kill(true);
      case 2 -> kill(false);
      case 3 -> restart();
      case 4 -> disk.failNextSync();
      case 5 -> disk.full(random.nextBoolean());
      case 6 -> disk.failReads(random.nextInt(3) * 0.1);
      case 7 -> {
        clockSkewMillis += random.nextInt(7_200_000) - 3_600_000;
        scheduler.note("the clock jumps to " + clockSkewMillis + " ms");
      }
      default -> {
        if (!links.isEmpty()) {
          scheduler.note("a connection breaks");
          links.get(random.nextInt(links.size())).breakConnection();
        }
      }
    }
  }

  /** Ends the server's process wherever it is; everything in it is gone. */
  private void kill(boolean powerCut) {
    scheduler.note("kills " + server + (powerCut ? " by cutting the power" : ""));
    log = null;
    scheduler.kill(server);
    if (!remote) {
      forgetClients();
    }
    if (powerCut) {
      disk.cutPower();
    }
    disk.heal();
    links.forEach(SimulatedLink::breakConnection);
    openLog();
  }

  /** Closes everything in an orderly way, and opens it again. */
  private void restart() {
    scheduler.note("restarts " + server);
    disk.heal();
    if (!remote) {
      stop();
    }
    ObservedLog closing = log;
    log = null;
    closing.close();
    links.forEach(SimulatedLink::breakConnection);
    openLog();
  }

  private void stop() {
    stopping = true;
    stores.forEach(Milonga::close);
    scheduler.await("waits for the workers", this::areWorkersOver);
    stopping = false;
    forgetClients();
  }

  private void forgetClients() {
    workers.clear();
    model.forgetViews();
    stores.clear();
    links.clear();
    clientProcesses.forEach(scheduler::kill);
    clientProcesses.clear();
  }

  private void openLog() {
    server = new Process("server-" + processes++);
    Process mine = server;
    Scheduler.Actor opener =
        scheduler.spawn(
            mine,
            "opener",
            () -> {
              EmbeddedLog opened = SimulatedLog.open(disk, scheduler, mine, clock, cacheBytesMax);
              log = new ObservedLog(opened, scheduler, acknowledgements, clock);
            });
    if (faultsLeft > 0 && random.nextInt(8) == 0) {
      faultsLeft--;
      scheduler.sleep("lets it open", random.nextInt(3_000_000));
      if (!opener.isOver()) {
        kill(true);
        return;
      }
    }
    scheduler.await("waits for the log to open", opener::isOver);
    if (workers.isEmpty()) {
      openClients();
    }
  }

  private void openClients() {
    for (int i = 0; i < clients; i++) {
      openClient(i);
    }
  }

  private void openClient(int number) {
    Process process = server;
    if (remote) {
      process = new Process("client-" + processes++);
      clientProcesses.add(process);
    }
    Process mine = process;
    SharedLog connected = log;
    if (remote) {
      SimulatedLink link =
          new SimulatedLink(scheduler, process, () -> logOf(number), random.nextLong());
      links.add(link);
      connected = link;
    }
    Environment environment =
        new SimulatedEnvironment(scheduler, process, clock, random.nextLong());
    if (raw) {
      openRaw(connected, environment, mine, number);
      return;
    }
    Milonga store = SimulatedStore.open(connected, environment, runtimes);
    stores.add(store);
    long seed = random.nextLong();
    workers.add(
        scheduler.spawn(mine, "client-" + number, () -> work(store, environment, mine, seed)));
  }

  // As the server has authenticated that client; null while there is no log.
  private ObservedLog logOf(int client) {
    ObservedLog served = log;
    return served == null ? null : served.actingFor("client-" + client);
  }

  private void work(Milonga store, Environment environment, Process process, long seed) {
    SimulatedClient client;
    try {
      client = new SimulatedClient(store, environment);
    } catch (StoreException e) {
      scheduler.note("could not open its objects: " + e.getMessage());
      return; // the director sees to it
    }
    model.watch(client.views());
    for (int i = 1; i < threadsPerClient; i++) {
      long another = seed + i;
      workers.add(scheduler.spawn(process, "thread-" + i, () -> act(client, another)));
    }
    act(client, seed);
  }

  private void openRaw(SharedLog connected, Environment environment, Process process, int number) {
    Random theirs = new Random(random.nextLong());
    SimulatedLogClient client =
        new SimulatedLogClient(connected, environment, disk, theirs, unique, !remote);
    workers.add(scheduler.spawn(process, "raw-client-" + number, () -> work(client::act)));
  }

  private void act(SimulatedClient client, long seed) {
    String page = "page-" + unique.incrementAndGet();
    SimulatedClient.Worker worker =
        client
        .new Worker(
            history, new Random(seed), unique, promises, page, () -> scheduler.point("calls"));
    work(worker::act);
  }

  private void work(Runnable action) {
    while (actionsLeft > 0 && !stopping) {
      actionsLeft--;
      scheduler.point("acts");
      action.run();
      if (log != null && log.isBroken()) {
        scheduler.sleep("waits for better times", BETTER_TIMES_NANOS);
      }
    }
  }

  // ---- What is to be so in the end.

  private void verify() {
    if (log != null) {
      log.close();
    }
    disk.cutPower();
    scheduler.note("opens everything for the last time");
    log = null;
    Process mine = new Process("verifier");
    SharedLog opened = SimulatedLog.open(disk, scheduler, mine, clock, cacheBytesMax);
    acknowledgements.checkAll();
    if (!raw) {
      verifyObjects(opened, mine);
    }
  }

  private void verifyObjects(SharedLog opened, Process mine) {
    Environment environment = new SimulatedEnvironment(scheduler, mine, clock, 0);
    SimulatedClient client =
        new SimulatedClient(SimulatedStore.open(opened, environment, runtimes), environment);
    client.new Worker(history, random, unique, promises, "verifier", () -> {}).readAll();

    long count = client.counter().get();
    assertThat(promises.counted).doesNotHaveDuplicates().allMatch(value -> value <= count);
    assertThat(count)
        .isBetween(
            (long) promises.counted.size(), promises.counted.size() + promises.countedPerhaps);
    List<Long> lines = new ArrayList<>();
    client
        .pages()
        .pages()
        .forEach(
            (page, written) -> {
              assertThat(written).as(page).doesNotHaveDuplicates();
              if (!remote || !hasGoneOn) { // else a retry may come after what was called later
                assertThat(written).as(page).isSorted();
              }
              lines.addAll(written);
            });
    assertThat(new HashSet<>(lines)).containsAll(promises.lines);
    client.views().forEach(model::check);
    assertThat(SerializabilityChecker.check(history.operations())).isEmpty();
  }
}
