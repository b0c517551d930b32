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
 * The known brokers of one physical cluster, as an immutable snapshot that event loops read without
 * locks. It is updated from the gateway's own Metadata requests and from responses to clients.
 *
 * <p>A broker that is missing from newer metadata keeps its address: it may be down, and a client
 * that wants it must not be connected to another broker.
 */
public final class Cluster {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  /** A bound on memory, far more than any cluster has. */
  private static final int MAX_CONTROLLERS = 100;

  /** A bound on memory, more than any cluster has; further brokers are ignored. */
  public static final int MAX_BROKERS = 10_000;

  /** Consumers learn within their heartbeat interval, 3 s by default, that their group is gone. */
  private static final long NEW_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final List<HostPort> bootstrapServers;
  private final NodeIds ids;
  private final TopicIds topics = new TopicIds();
  private final Set<HostPort> controllers = ConcurrentHashMap.newKeySet();
  private final Supplier<Duration> timeout;
  private final AtomicInteger nextBootstrap = new AtomicInteger();
  private final LogRateLimit brokerLog = new LogRateLimit();
  private final LogRateLimit errorLog = new LogRateLimit();

  private final List<IntConsumer> brokerListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> fullUpdateListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> waitListeners = new CopyOnWriteArrayList<>();

  /** Checks of pending futures, run after each update. */
  private final Set<Runnable> waiting = new LinkedHashSet<>();

  private volatile @Nullable Struct apiVersions;
  private volatile boolean queryable = true;
  private volatile @Nullable Long updatedAt;
  private volatile @Nullable Long switchedAt;
  private volatile View view = new View(Map.of(), Set.of(), false);
  private volatile Map<Integer, String> racks = Map.of();

  /**
   * @param brokers last known address by node id
   * @param addresses all known addresses
   * @param complete whether a response has listed all brokers at least once
   */
  private record View(Map<Integer, HostPort> brokers, Set<HostPort> addresses, boolean complete) {}

  /**
   * @param timeout how long a client waits for the cluster's brokers to become known
   */
  public Cluster(List<HostPort> bootstrapServers, NodeIds ids, Supplier<Duration> timeout) {
    this.bootstrapServers = bootstrapServers;
    this.ids = ids;
    this.timeout = timeout;
  }

  public List<HostPort> bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * Calls {@code listener} with the client's node id of each broker that a response names, changed
   * or not. Run the result to unsubscribe.
   */
  Runnable onBroker(IntConsumer listener) {
    brokerListeners.add(listener);
    return () -> brokerListeners.remove(listener);
  }

  /**
   * Runs {@code listener} after each response that lists all brokers. Run the result to
   * unsubscribe.
   */
  Runnable onFullUpdate(Runnable listener) {
    fullUpdateListeners.add(listener);
    return () -> fullUpdateListeners.remove(listener);
  }

  /** Runs {@code listener} whenever a client starts to wait for brokers or API versions. */
  void onWait(Runnable listener) {
    waitListeners.add(listener);
  }

  /** The node ids that clients know the brokers by. */
  public NodeIds ids() {
    return ids;
  }

  /** The names of topics by their ids. */
  public TopicIds topics() {
    return topics;
  }

  /** Assigns node ids to the brokers, since clients are about to be directed to this cluster. */
  public void use() {
    ids.use(view.brokers.keySet());
  }

  /** Assigns node ids as another gateway node has done. */
  public void restoreIds(Map<Integer, Integer> assigned) {
    ids.restore(assigned);
  }

  /** Notes that clients of another cluster are directed to this one from now on. */
  public void switchTo() {
    switchedAt = System.nanoTime();
    use();
  }

  /**
   * Whether clients were switched to this cluster so recently that consumers may not have noticed
   * that they are no longer members of their group.
   */
  public boolean isNewToConsumers() {
    Long at = switchedAt;
    return at != null && System.nanoTime() - at < NEW_NANOS;
  }

  /** Last known address by the broker's own node id. */
  public Map<Integer, HostPort> brokers() {
    return view.brokers;
  }

  /** The node ids at which clients may expect a broker. */
  Set<Integer> clientIds() {
    return ids.areShared() ? ids.told() : view.brokers.keySet();
  }

  /** The last known address of a node by the client's id; null if the id is unknown. */
  public @Nullable HostPort broker(int clientId) {
    return view.brokers.get(ids.toBroker(clientId));
  }

  /** Whether this is the last known address of the broker with this id of its own. */
  public boolean isAt(int brokerId, HostPort address) {
    return address.equals(view.brokers.get(brokerId));
  }

  /** Whether this is the last known address of a broker. */
  public boolean isBroker(HostPort address) {
    return view.addresses.contains(address);
  }

  /** The client's node id of a broker's address, -1 if none is known. */
  public int idOf(HostPort address) {
    for (Map.Entry<Integer, HostPort> each : view.brokers.entrySet()) {
      if (each.getValue().equals(address)) {
        return ids.toClient(each.getKey());
      }
    }
    return -1;
  }

  /** Whether this is the address of a bootstrap server or of a known KRaft controller. */
  public boolean isServer(HostPort address) {
    return bootstrapServers.contains(address) || controllers.contains(address);
  }

  /** Notes the address of a KRaft controller, which clients must not reach. */
  public void learnController(HostPort address) {
    if (controllers.size() < MAX_CONTROLLERS) {
      controllers.add(address);
    }
  }

  /** Whether a response has listed all brokers at least once. */
  public boolean isKnown() {
    return view.complete;
  }

  /** Whether a response listed all brokers after this {@link System#nanoTime}. */
  boolean updatedAfter(long nanos) {
    Long at = updatedAt;
    return at != null && at - nanos > 0;
  }

  /** A broker's ApiVersions response (in the layout of version 3), or null while none is known. */
  public @Nullable Struct apiVersions() {
    return apiVersions;
  }

  /** Notes an ApiVersions response of a broker (layout of version 3). */
  public void learnApiVersions(Struct response) {
    apiVersions = response;
    wake();
  }

  /** Sets whether the gateway's own requests can succeed. If not, clients do not wait for them. */
  void setQueryable(boolean may) {
    queryable = may;
    if (!may) {
      wake();
    }
  }

  /**
   * Notes an address that a response names, by the broker's own node id. Cheap if it is known
   * already.
   */
  public void learn(int id, HostPort address) {
    if (id < 0 || address.equals(view.brokers.get(id))) {
      return;
    }
    put(Map.of(id, address), false);
  }

  /** Notes addresses that a response names, by the brokers' own node ids. */
  public void learn(Map<Integer, HostPort> brokers) {
    put(brokers, false);
  }

  /**
   * The rack of a broker by the client's id; null if it has none or the gateway cannot request
   * metadata itself.
   */
  public @Nullable String rack(int clientId) {
    return racks.get(ids.toBroker(clientId));
  }

  /**
   * Notes a response that lists all brokers, by their own node ids.
   *
   * @param theirRacks the racks of the brokers that have one
   */
  public void learnAll(Map<Integer, HostPort> brokers, Map<Integer, String> theirRacks) {
    racks = Map.copyOf(theirRacks);
    put(brokers, true);
    notifyFullUpdate();
  }

  /** Notes that all brokers of a full response have been passed to {@link #learn}. */
  public void markComplete() {
    if (!view.complete) {
      put(Map.of(), true);
    }
    notifyFullUpdate();
  }

  private void notifyFullUpdate() {
    updatedAt = System.nanoTime();
    fullUpdateListeners.forEach(Runnable::run);
  }

  private void put(Map<Integer, HostPort> brokers, boolean complete) {
    Set<Integer> changed = new HashSet<>();
    int ignored = 0;
    synchronized (this) {
      Map<Integer, HostPort> merged = new HashMap<>(view.brokers);
      for (Map.Entry<Integer, HostPort> broker : brokers.entrySet()) {
        if (merged.size() >= MAX_BROKERS && !merged.containsKey(broker.getKey())) {
          ignored++;
        } else if (!broker.getValue().equals(merged.put(broker.getKey(), broker.getValue()))) {
          changed.add(broker.getKey());
        }
      }
      view = new View(Map.copyOf(merged), Set.copyOf(merged.values()), complete || view.complete);
    }
    ids.learn(view.brokers.keySet());
    for (int id : brokers.keySet()) {
      if (changed.contains(id)) {
        logBroker(id, brokers.get(id));
      }
      int clientId = ids.toClient(id);
      if (clientId >= 0) {
        brokerListeners.forEach(listener -> listener.accept(clientId));
      }
    }
    if (ignored > 0) {
      logIgnored(ignored);
    }
    wake();
  }

  private void logBroker(int id, @Nullable HostPort address) {
    int leftOut = brokerLog.permit(System.nanoTime());
    if (leftOut >= 0) {
      log.info("broker {} is at {}{}", id, address, LogRateLimit.suffix(leftOut));
    }
  }

  private void logIgnored(int ignored) {
    int leftOut = errorLog.permit(System.nanoTime());
    if (leftOut >= 0) {
      log.error(
          "ignoring {} brokers: the cluster names more than {}{}",
          ignored,
          MAX_BROKERS,
          LogRateLimit.suffix(leftOut));
    }
  }

  /** Bootstrap servers, rotated round-robin, then all known brokers. */
  List<HostPort> anyBroker() {
    List<HostPort> first = new ArrayList<>(bootstrapServers);
    Collections.rotate(first, -Math.floorMod(nextBootstrap.getAndIncrement(), first.size()));
    Set<HostPort> candidates = new LinkedHashSet<>(first);
    candidates.addAll(view.brokers.values());
    return List.copyOf(candidates);
  }

  /**
   * The address of a node once it is known; an empty list if the node does not exist. While the
   * brokers are unknown and the cluster cannot be asked or does not answer in time, the result is
   * {@link #anyBroker}: the client can get metadata there, from which the gateway learns too.
   */
  Future<List<HostPort>> whenKnown(Target.Node node, Loop loop) {
    if (isResolvable(node) || !queryable) {
      return loop.eventLoop().newSucceededFuture(candidates(node));
    }
    return when(
        loop,
        () -> isResolvable(node) || !queryable ? candidates(node) : null,
        () -> candidates(node));
  }

  /** {@link #apiVersions} once it is known; empty after the timeout. */
  public Future<Optional<Struct>> whenApiVersionsKnown(Loop loop) {
    return when(
        loop,
        () -> {
          Struct known = apiVersions;
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
                timeout.get().toMillis(),
                TimeUnit.MILLISECONDS);
    promise.addListener(done -> {
      limit.cancel(false);
      synchronized (this) {
        waiting.remove(look);
      }
    });
    if (!promise.isDone()) {
      waitListeners.forEach(Runnable::run);
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

  private boolean isResolvable(Target.Node node) {
    return view.complete || broker(node.id()) != null;
  }

  private List<HostPort> candidates(Target.Node node) {
    View known = view;
    HostPort address = broker(node.id());
    if (address != null) {
      return List.of(address);
    }
    return node.anyIfUnknown() || !known.complete ? anyBroker() : List.of();
  }
}
