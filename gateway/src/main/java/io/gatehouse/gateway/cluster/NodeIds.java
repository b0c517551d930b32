package io.gatehouse.gateway.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The node ids that clients know a cluster's brokers by. They are the brokers' own ids, unless the
 * cluster is the failover cluster of another: then they are ids of that cluster's brokers, so that
 * clients keep their broker connections' addresses when the clusters are switched. Thread-safe.
 */
public final class NodeIds {

  /** The brokers' own ids, for a cluster without a failover cluster. */
  public static final NodeIds OWN = new NodeIds(Set.of(), false, false, 0);

  private static final int NONE = -1;

  /** The ids that clients may have been told, of both clusters. */
  private final Set<Integer> told;

  /** Whether another cluster has the same ids for other brokers. */
  private final boolean shared;

  private final boolean mapped;
  private final int lowest;
  private final AtomicInteger switches = new AtomicInteger();
  private volatile Maps maps = new Maps(Map.of(), Map.of());

  /** Whether ids are assigned as brokers become known. */
  private volatile boolean inUse;

  private record Maps(Map<Integer, Integer> toClient, Map<Integer, Integer> toBroker) {}

  private NodeIds(Set<Integer> told, boolean shared, boolean mapped, int lowest) {
    this.told = told;
    this.shared = shared;
    this.mapped = mapped;
    this.lowest = lowest;
  }

  /** The brokers' own ids, for a cluster that has a failover cluster. */
  public static NodeIds primary() {
    return new NodeIds(new ConcurrentSkipListSet<>(), true, false, 0);
  }

  /**
   * The ids for the failover cluster of the cluster with these ids.
   *
   * @param lowestId the lowest id to assign if the primary cluster's brokers are not known
   */
  public NodeIds forFailover(int lowestId) {
    return new NodeIds(told, true, true, lowestId);
  }

  /** How often clients had been switched between the two clusters when they came to this one. */
  public int switches() {
    return switches.get();
  }

  /**
   * Sets {@link #switches}, which only grow.
   *
   * @return whether they have grown
   */
  public boolean onSwitched(int number) {
    return switches.getAndAccumulate(number, Math::max) < number;
  }

  /** Whether the cluster is one of two that the same clients use. */
  public boolean areShared() {
    return shared;
  }

  /** The ids that clients may know, including those of brokers that only the other cluster has. */
  Set<Integer> told() {
    return told;
  }

  /** The id for clients, -1 if none is assigned. */
  public int toClient(int brokerId) {
    return mapped ? maps.toClient.getOrDefault(brokerId, NONE) : brokerId;
  }

  /** The broker's own id, -1 if there is no broker for this id. */
  public int toBroker(int clientId) {
    return mapped ? maps.toBroker.getOrDefault(clientId, NONE) : clientId;
  }

  /** The brokers' own ids by the ids that clients know, of a failover cluster. */
  public Map<Integer, Integer> assigned() {
    return maps.toBroker;
  }

  /**
   * Assigns the ids that all gateway nodes have agreed on. They replace those that this node has
   * assigned otherwise: nodes that assign ids at the same time may know different brokers.
   */
  public synchronized void restore(Map<Integer, Integer> agreed) {
    if (!mapped) {
      return;
    }
    Map<Integer, Integer> toBroker = new HashMap<>(maps.toBroker);
    toBroker.values().removeAll(Set.copyOf(agreed.values()));
    toBroker.putAll(agreed);
    Map<Integer, Integer> toClient = new HashMap<>();
    toBroker.forEach((clientId, brokerId) -> toClient.put(brokerId, clientId));
    told.addAll(agreed.keySet());
    maps = new Maps(Map.copyOf(toClient), Map.copyOf(toBroker));
  }

  /**
   * Starts to assign ids, as clients are about to use the cluster.
   *
   * @param known the known brokers
   */
  void use(Collection<Integer> known) {
    inUse = true;
    learn(known);
  }

  /** Assigns ids to brokers that have none, or notes that clients will be told these ids. */
  void learn(Collection<Integer> brokerIds) {
    if (!shared) {
      return;
    }
    if (!mapped) {
      told.addAll(brokerIds);
    } else if (inUse && !maps.toClient.keySet().containsAll(brokerIds)) {
      assign(brokerIds);
    }
  }

  /**
   * A broker gets its own id if that is one of the primary cluster, else the lowest free one. All
   * gateways come to the same result if they know the same brokers.
   */
  private synchronized void assign(Collection<Integer> brokerIds) {
    Map<Integer, Integer> toClient = new HashMap<>(maps.toClient);
    Map<Integer, Integer> toBroker = new HashMap<>(maps.toBroker);
    SortedSet<Integer> left = new TreeSet<>(brokerIds);
    left.removeAll(toClient.keySet());
    for (int id : left) {
      if (told.contains(id) && toBroker.putIfAbsent(id, id) == null) {
        toClient.put(id, id);
      }
    }
    left.removeAll(toClient.keySet());
    for (int id : left) {
      int free = free(toBroker.keySet());
      told.add(free);
      toBroker.put(free, id);
      toClient.put(id, free);
    }
    maps = new Maps(Map.copyOf(toClient), Map.copyOf(toBroker));
  }

  private int free(Set<Integer> used) {
    for (int id : told) {
      if (!used.contains(id)) {
        return id;
      }
    }
    int id = told.isEmpty() ? lowest : told.stream().mapToInt(Integer::intValue).min().orElse(0);
    while (used.contains(id)) {
      id++;
    }
    return id;
  }
}
