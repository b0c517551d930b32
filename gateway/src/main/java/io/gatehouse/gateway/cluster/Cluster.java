package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.LogRateLimit;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brokers of one physical cluster, as an immutable snapshot that event loops read without
 * locks. It learns from the gateway's own questions and from the answers that pass through.
 *
 * <p>A broker that is no longer named keeps its address: it may be down, and a client that asks for
 * it must find it down, not somebody else.
 */
public final class Cluster {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  /** Far more than any cluster has. */
  private static final int MOST_CONTROLLERS = 100;

  /** More than any cluster has; a cluster that names more is not believed. */
  public static final int MOST_BROKERS = 10_000;

  private final List<HostPort> bootstrapServers;
  private final Set<HostPort> controllers = ConcurrentHashMap.newKeySet();
  private final Supplier<Duration> patience;
  private final AtomicInteger turn = new AtomicInteger();
  private final LogRateLimit brokerLines = new LogRateLimit();
  private final LogRateLimit errorLines = new LogRateLimit();

  // Told of what is learned.
  private final List<IntConsumer> brokerListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> allToldListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> waitedForListeners = new CopyOnWriteArrayList<>();

  /** Each looks whether what it waits for is known. */
  private final Set<Runnable> waiting = new LinkedHashSet<>();

  private volatile @Nullable Struct apis;
  private volatile boolean answering = true;
  private volatile @Nullable Long toldAt;
  private volatile View view = new View(Map.of(), Set.of(), false);

  /**
   * @param brokers last known address by node id
   * @param addresses all addresses known
   * @param complete whether all brokers were told at least once
   */
  private record View(Map<Integer, HostPort> brokers, Set<HostPort> addresses, boolean complete) {}

  /**
   * @param patience how long a client may wait for the cluster's brokers to become known
   */
  public Cluster(List<HostPort> bootstrapServers, Supplier<Duration> patience) {
    this.bootstrapServers = bootstrapServers;
    this.patience = patience;
  }

  public List<HostPort> bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * Tells {@code listener} each node id when it is named: new, changed or as before, until what is
   * returned is run.
   */
  Runnable onBroker(IntConsumer listener) {
    brokerListeners.add(listener);
    return () -> brokerListeners.remove(listener);
  }

  /**
   * Runs {@code listener} whenever the cluster has told all its brokers, each named before; until
   * what is returned is run.
   */
  Runnable onAllTold(Runnable listener) {
    allToldListeners.add(listener);
    return () -> allToldListeners.remove(listener);
  }

  /** Runs {@code listener} whenever a client begins to wait for what is not known. */
  void onWaitedFor(Runnable listener) {
    waitedForListeners.add(listener);
  }

  /** Last known address by node id. */
  public Map<Integer, HostPort> brokers() {
    return view.brokers;
  }

  public @Nullable HostPort broker(int id) {
    return view.brokers.get(id);
  }

  public boolean isBroker(HostPort address) {
    return view.addresses.contains(address);
  }

  /** The node id of a broker's address, -1 if none is known. */
  public int idOf(HostPort address) {
    for (Map.Entry<Integer, HostPort> each : view.brokers.entrySet()) {
      if (each.getValue().equals(address)) {
        return each.getKey();
      }
    }
    return -1;
  }

  /** Whether this is a bootstrap server's address or, as far as one was told, a controller's. */
  public boolean isServer(HostPort address) {
    return bootstrapServers.contains(address) || controllers.contains(address);
  }

  /** Notes the address of a KRaft controller, which no client may reach. */
  public void learnController(HostPort address) {
    if (controllers.size() < MOST_CONTROLLERS) {
      controllers.add(address);
    }
  }

  /** Whether the cluster has told its brokers at least once. */
  public boolean isKnown() {
    return view.complete;
  }

  /** Whether the cluster has told its brokers, to whomever, after this {@link System#nanoTime}. */
  boolean toldAfter(long nanos) {
    Long at = toldAt;
    return at != null && at - nanos > 0;
  }

  /**
   * What a broker answered when it was asked for its apis: an ApiVersions response (version 3).
   * Null while the cluster is not known.
   */
  public @Nullable Struct apis() {
    return apis;
  }

  public void learnApis(Struct response) {
    apis = response;
    wake();
  }

  /** Whether the gateway's own questions may be answered, so that clients can wait for that. */
  void setAnswering(boolean may) {
    answering = may;
    if (!may) {
      wake();
    }
  }

  /** Notes an address seen in a response. Cheap when it is known already. */
  public void learn(int id, HostPort address) {
    if (id < 0 || address.equals(view.brokers.get(id))) {
      return;
    }
    put(Map.of(id, address), false);
  }

  /** Notes addresses seen in a response, by node id. */
  public void learn(Map<Integer, HostPort> brokers) {
    put(brokers, false);
  }

  /** Notes the answer to the gateway's own question. */
  public void learnAll(Map<Integer, HostPort> brokers) {
    put(brokers, true);
    allTold();
  }

  /** A response that names all brokers has passed, and each was learned. */
  public void learnedAll() {
    if (!view.complete) {
      put(Map.of(), true);
    }
    allTold();
  }

  private void allTold() {
    toldAt = System.nanoTime();
    allToldListeners.forEach(Runnable::run);
  }

  private void put(Map<Integer, HostPort> brokers, boolean complete) {
    Set<Integer> changed = new HashSet<>();
    int tooMany = 0;
    synchronized (this) {
      Map<Integer, HostPort> merged = new HashMap<>(view.brokers);
      for (Map.Entry<Integer, HostPort> broker : brokers.entrySet()) {
        if (merged.size() >= MOST_BROKERS && !merged.containsKey(broker.getKey())) {
          tooMany++;
        } else if (!broker.getValue().equals(merged.put(broker.getKey(), broker.getValue()))) {
          changed.add(broker.getKey());
        }
      }
      view = new View(Map.copyOf(merged), Set.copyOf(merged.values()), complete || view.complete);
    }
    for (int id : brokers.keySet()) {
      if (changed.contains(id)) {
        mention(id, brokers.get(id));
      }
      brokerListeners.forEach(listener -> listener.accept(id));
    }
    if (tooMany > 0) {
      mention(tooMany);
    }
    wake();
  }

  private void mention(int id, @Nullable HostPort address) {
    int leftOut = brokerLines.permit(System.nanoTime());
    if (leftOut >= 0) {
      log.info("broker {} is at {}{}", id, address, LogRateLimit.suffix(leftOut));
    }
  }

  private void mention(int tooMany) {
    int leftOut = errorLines.permit(System.nanoTime());
    if (leftOut >= 0) {
      log.error(
          "{} brokers are passed over: the cluster names more than {}{}",
          tooMany,
          MOST_BROKERS,
          LogRateLimit.suffix(leftOut));
    }
  }

  /** Bootstrap servers first, by turns, then every broker known. */
  List<HostPort> anyBroker() {
    List<HostPort> first = new ArrayList<>(bootstrapServers);
    Collections.rotate(first, -Math.floorMod(turn.getAndIncrement(), first.size()));
    Set<HostPort> candidates = new LinkedHashSet<>(first);
    candidates.addAll(view.brokers.values());
    return List.copyOf(candidates);
  }

  /**
   * The address of a node, once it can be told; an empty list if it does not exist. While the
   * cluster is not known, and cannot be asked or does not answer in time, any broker stands in: the
   * client may ask that one where all others are, and the gateway learns it from the answer.
   */
  Future<List<HostPort>> whenKnown(Target.Node node, Loop loop) {
    if (isTold(node) || !answering) {
      return loop.eventLoop().newSucceededFuture(candidates(node));
    }
    return when(
        loop, () -> isTold(node) || !answering ? candidates(node) : null, () -> candidates(node));
  }

  /** What {@link #apis} holds once it is known, or nothing if that takes too long. */
  public Future<Optional<Struct>> whenApisKnown(Loop loop) {
    return when(
        loop,
        () -> {
          Struct known = apis;
          return known == null ? null : Optional.of(known);
        },
        Optional::empty);
  }

  private <T> Future<T> when(Loop loop, Supplier<@Nullable T> known, Supplier<T> otherwise) {
    Promise<T> promise = loop.eventLoop().newPromise();
    Runnable look =
        () -> {
          T value = known.get();
          if (value != null) {
            promise.trySuccess(value);
          }
        };
    synchronized (this) {
      waiting.add(look);
    }
    look.run();
    var limit =
        loop.eventLoop()
            .schedule(
                () -> promise.trySuccess(otherwise.get()),
                patience.get().toMillis(),
                TimeUnit.MILLISECONDS);
    promise.addListener(done -> {
      limit.cancel(false);
      synchronized (this) {
        waiting.remove(look);
      }
    });
    if (!promise.isDone()) {
      waitedForListeners.forEach(Runnable::run);
    }
    return promise;
  }

  private void wake() {
    List<Runnable> all;
    synchronized (this) {
      all = List.copyOf(waiting);
    }
    all.forEach(Runnable::run);
  }

  private boolean isTold(Target.Node node) {
    return view.complete || view.brokers.containsKey(node.id());
  }

  private List<HostPort> candidates(Target.Node node) {
    View known = view;
    HostPort address = known.brokers.get(node.id());
    if (address != null) {
      return List.of(address);
    }
    return node.orAny() || !known.complete ? anyBroker() : List.of();
  }
}
