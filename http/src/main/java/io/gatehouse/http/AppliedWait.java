package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.node.NodeState;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a call that changes resources answer only when all live nodes have applied the change:
 * {@code ?wait=true&timeout=10}. Not in Conduktor Gateway.
 */
final class AppliedWait {
  static final Set<String> QUERY = Set.of("wait", "timeout");

  static final HeaderName REVISION = HeaderNames.create("Gatehouse-Revision");
  static final HeaderName LATE = HeaderNames.create("Gatehouse-Late");

  private static final Logger LOG = LoggerFactory.getLogger(AppliedWait.class);

  private static final int DEFAULT_SECONDS = 10;

  /** Shorter than the time after which a connection without progress is closed. */
  private static final int MAX_SECONDS = 20;

  private static final int MAX_WAITING = 64;

  /** How often the nodes are asked, for all calls that wait. */
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final Supplier<List<NodeState>> nodes;
  private final Semaphore places = new Semaphore(MAX_WAITING);
  private final LongAdder applied = new LongAdder();
  private final LongAdder tooLate = new LongAdder();

  // Guarded by this.
  private List<NodeState> known = List.of();
  private long knownSince = System.nanoTime() - INTERVAL.toNanos();

  /** Performs a call. */
  interface Change {
    Reply make() throws Refusal, InvalidException, MalformedException;
  }

  /**
   * @param nodes the live nodes; may block
   */
  AppliedWait(Supplier<List<NodeState>> nodes) {
    this.nodes = nodes;
  }

  /** Performs a call, and waits for the nodes if it asks for that and changes something. */
  Reply around(Call call, Change change) throws Refusal, InvalidException, MalformedException {
    var most = asked(call);
    if (most == null) {
      return change.make();
    }
    if (!places.tryAcquire()) {
      return Reply.error(
          Status.SERVICE_UNAVAILABLE_503,
          "Too many requests wait for the nodes",
          "Nothing was changed. Try again, or without wait.");
    }
    try {
      var reply = change.make();
      var dry = call.mayHave("dryMode") && call.flag("dryMode");
      return reply.isRefusal() || dry
          ? reply
          : await(reply, call.administration().revision(), most);
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the connection was closed to make room for another", e);
    } finally {
      places.release();
    }
  }

  /** How long to wait at most, or null for not at all. */
  private static @Nullable Duration asked(Call call) {
    if (!call.mayHave("wait")) {
      return null;
    }
    var seconds = call.query("timeout");
    if (!call.flag("wait")) {
      if (seconds != null) {
        throw new Call.BadParameter(
            "Invalid value for: query parameter timeout, it needs wait=true");
      }
      return null;
    }
    if (seconds == null) {
      return Duration.ofSeconds(DEFAULT_SECONDS);
    }
    if (!seconds.matches("[0-9]{1,2}")
        || Integer.parseInt(seconds) < 1
        || Integer.parseInt(seconds) > MAX_SECONDS) {
      throw new Call.BadParameter(
          "Invalid value for: query parameter timeout, it must be a number of seconds from 1 to "
              + MAX_SECONDS);
    }
    return Duration.ofSeconds(Integer.parseInt(seconds));
  }

  private Reply await(Reply reply, long revision, Duration most) throws InterruptedException {
    var end = System.nanoTime() + most.toNanos();
    var late = late(revision);
    while (!late.isEmpty() && System.nanoTime() - end < 0) {
      Thread.sleep(INTERVAL);
      late = late(revision);
    }
    var told = reply.with(HeaderValues.create(REVISION, Long.toString(revision)));
    if (late.isEmpty()) {
      applied.increment();
      return told;
    }
    tooLate.increment();
    var names = late.stream().map(AppliedWait::inHeader).collect(Collectors.joining(", "));
    LOG.warn(
        "The revision {} was not applied within {} s by the nodes {}",
        revision,
        most.toSeconds(),
        names);
    return told.with(HeaderValues.create(LATE, names)).with(Status.ACCEPTED_202);
  }

  /** How often all nodes had the change in time, and how often not. */
  MetricSnapshots metrics() {
    return new MetricSnapshots(
        CounterSnapshot.builder()
            .name("gatehouse_awaited_changes")
            .help("Changes with wait=true, by whether all nodes have applied them in time.")
            .dataPoint(changes("applied", applied))
            .dataPoint(changes("late", tooLate))
            .build());
  }

  private static CounterDataPointSnapshot changes(String result, LongAdder count) {
    return CounterDataPointSnapshot.builder()
        .labels(Labels.of("result", result))
        .value(count.sum())
        .build();
  }

  /** The ids of the nodes that have not applied the revision as far as is known. */
  private List<String> late(long revision) {
    var late = new ArrayList<String>();
    for (var state : states()) {
      var applied = state.revision();
      if (applied == null || applied < revision) {
        late.add(state.node().id());
      }
    }
    return late;
  }

  private synchronized List<NodeState> states() {
    if (System.nanoTime() - knownSince >= INTERVAL.toNanos()) {
      known = nodes.get();
      knownSince = System.nanoTime();
    }
    return known;
  }

  private static String inHeader(String id) {
    return id.replaceAll("[^!-+\\--~]", "?");
  }
}
