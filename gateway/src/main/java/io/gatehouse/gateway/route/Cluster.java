package io.gatehouse.gateway.route;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
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

  private final List<HostPort> bootstrapServers;
  private final Set<HostPort> controllers = ConcurrentHashMap.newKeySet();
  private final long patienceMillis;
  private final AtomicInteger turn = new AtomicInteger();
  private final List<IntConsumer> listeners = new CopyOnWriteArrayList<>();
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private volatile @Nullable Struct apis;
  private volatile View view = new View(Map.of(), Set.of(), false);

  /**
   * @param brokers last known address by node id
   * @param addresses all addresses known
   * @param complete whether the cluster itself was asked at least once
   */
  private record View(Map<Integer, HostPort> brokers, Set<HostPort> addresses, boolean complete) {}

  /**
   * @param patienceMillis how long a client may wait for the cluster's brokers to become known
   */
  public Cluster(List<HostPort> bootstrapServers, long patienceMillis) {
    this.bootstrapServers = bootstrapServers;
    this.patienceMillis = patienceMillis;
  }

  public List<HostPort> bootstrapServers() {
    return bootstrapServers;
  }

  /** Tells {@code listener} each node id when it is named: new, changed or as before. */
  public void onBroker(IntConsumer listener) {
    listeners.add(listener);
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

  /**
   * What a broker answered when it was asked for its apis: an ApiVersions response (version 3).
   * Null while the cluster is not known.
   */
  public @Nullable Struct apis() {
    return apis;
  }

  public void learnApis(Struct response) {
    apis = response;
  }

  /** Notes an address seen in a response. Cheap when it is known already. */
  public void learn(int id, HostPort address) {
    if (id < 0 || address.equals(view.brokers.get(id))) {
      return;
    }
    put(Map.of(id, address), view.complete);
  }

  /** Notes the answer to the gateway's own question. */
  public void learnAll(Map<Integer, HostPort> brokers) {
    put(brokers, true);
  }

  private void put(Map<Integer, HostPort> brokers, boolean complete) {
    Set<Integer> changed = new HashSet<>();
    List<Runnable> toWake;
    synchronized (this) {
      Map<Integer, HostPort> merged = new HashMap<>(view.brokers);
      brokers.forEach((id, address) -> {
        if (!address.equals(merged.put(id, address))) {
          changed.add(id);
        }
      });
      view = new View(Map.copyOf(merged), Set.copyOf(merged.values()), complete || view.complete);
      toWake = complete ? List.copyOf(waiting) : List.of();
      if (complete) {
        waiting.clear();
      }
    }
    for (int id : brokers.keySet()) {
      if (changed.contains(id)) {
        log.info("broker {} is at {}", id, brokers.get(id));
      }
      listeners.forEach(listener -> listener.accept(id));
    }
    toWake.forEach(Runnable::run);
  }

  /** Bootstrap servers first, by turns, then every broker known. */
  List<HostPort> anyBroker() {
    List<HostPort> candidates = new ArrayList<>(bootstrapServers);
    Collections.rotate(candidates, -Math.floorMod(turn.getAndIncrement(), candidates.size()));
    for (HostPort broker : view.brokers.values()) {
      if (!candidates.contains(broker)) {
        candidates.add(broker);
      }
    }
    return candidates;
  }

  /** The address of a node, once it can be told; an empty list if it does not exist. */
  Future<List<HostPort>> whenKnown(Target.Node node, Loop loop) {
    if (view.complete || view.brokers.containsKey(node.id())) {
      return loop.eventLoop().newSucceededFuture(candidates(node));
    }
    return whenComplete(loop, () -> candidates(node), List.of());
  }

  /** What {@link #apis} holds once the cluster is known, or null if that takes too long. */
  public Future<Optional<Struct>> whenApisKnown(Loop loop) {
    return whenComplete(loop, () -> Optional.ofNullable(apis), Optional.empty());
  }

  private <T> Future<T> whenComplete(Loop loop, Supplier<T> value, T otherwise) {
    Promise<T> promise = loop.eventLoop().newPromise();
    Runnable wake = () -> promise.trySuccess(value.get());
    synchronized (this) {
      waiting.add(wake);
    }
    if (view.complete) {
      wake.run();
    }
    var patience =
        loop.eventLoop()
            .schedule(() -> promise.trySuccess(otherwise), patienceMillis, TimeUnit.MILLISECONDS);
    promise.addListener(done -> {
      patience.cancel(false);
      synchronized (this) {
        waiting.remove(wake);
      }
    });
    return promise;
  }

  private List<HostPort> candidates(Target.Node node) {
    HostPort address = view.brokers.get(node.id());
    if (address != null) {
      return List.of(address);
    }
    return node.orAny() ? anyBroker() : List.of();
  }
}
