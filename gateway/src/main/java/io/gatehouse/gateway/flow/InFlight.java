package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.metrics.LoopMetrics;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.plan.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one client that wait for an answer, in their order: a broker answers one
 * connection in order, so order needs no map. A ring of primitives that grows with use.
 *
 * <p>A request that the gateway answers itself stands here too, with its response, which leaves
 * when all before it were answered.
 */
final class InFlight {

  private static final int FIRST_CAPACITY = 4;

  /** The gateway's own responses that wait for earlier ones take this much, and one more. */
  private static final int MOST_LOCAL_BYTES = 64 << 10;

  private final int limit;
  private final Loop loop;
  private final LoopMetrics metrics;
  private int capacity;
  private long head;
  private long tail;

  /** The first request whose last byte has not been flushed to the broker yet. */
  private long unsent;

  private Route[] routes = {};
  private @Nullable BrokerLink[] links = {};
  private int[] correlationIds = {};
  private long[] started = {};
  private long[] sent = {};
  private @Nullable ByteBuf @Nullable [] local;
  private int localBytes;

  InFlight(int limit, Loop loop) {
    this.limit = limit;
    this.loop = loop;
    this.metrics = loop.metrics();
  }

  boolean isEmpty() {
    return head == tail;
  }

  boolean isFull() {
    return tail - head >= limit || localBytes > MOST_LOCAL_BYTES;
  }

  /** Bytes of the gateway's own responses that wait for earlier ones. */
  int localBytes() {
    return localBytes;
  }

  /**
   * Whether the client waits for an answer.
   *
   * @param newest how many of the newest requests do not count
   */
  boolean isAwaited(int newest) {
    for (long i = head; i < tail - newest; i++) {
      if (!routes[slot(i)].isGatewayRequest()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the client waits for an answer of this broker. */
  boolean isAwaited(BrokerLink broker) {
    for (long i = head; i < tail; i++) {
      if (broker.equals(links[slot(i)]) && !routes[slot(i)].isGatewayRequest()) {
        return true;
      }
    }
    return false;
  }

  /** A broker is gone that no answer is awaited of: what it was asked counts as answered. */
  void forget(BrokerLink broker) {
    for (long i = head; i < tail; i++) {
      if (broker.equals(links[slot(i)])) {
        letGo(slot(i));
        local()[slot(i)] = Unpooled.EMPTY_BUFFER;
      }
    }
  }

  int size() {
    return (int) (tail - head);
  }

  /**
   * Takes a request in.
   *
   * @param link the broker's connection that its answer comes from; null: the gateway answers it
   */
  void push(Route route, int correlationId, @Nullable BrokerLink link) {
    metrics.inFlight(1);
    long now = loop.now();
    if (tail - head == capacity) {
      grow();
    }
    int slot = slot(tail++);
    routes[slot] = route;
    links[slot] = link;
    if (link != null) {
      link.owe();
    }
    correlationIds[slot] = correlationId;
    started[slot] = now;
    sent[slot] = now;
  }

  /** Takes back the request pushed last: it turned out to ask for no answer. */
  void dropLast() {
    metrics.inFlight(-1);
    tail--;
    letGo(slot(tail));
    unsent = Math.min(unsent, tail);
  }

  /** Gives the request pushed last its answer. The ring owns {@code response} until it leaves. */
  void answerLast(ByteBuf response) {
    local()[slot(tail - 1)] = response;
    localBytes += response.readableBytes();
  }

  private @Nullable ByteBuf[] local() {
    @Nullable ByteBuf[] responses = local == null ? new ByteBuf[capacity] : local;
    local = responses;
    return responses;
  }

  /**
   * Notes when requests left for the broker.
   *
   * @param complete how many of the newest are still incomplete: 0 or 1
   */
  void markSent(long now, int complete) {
    for (; unsent < tail - complete; unsent++) {
      sent[slot(unsent)] = now;
    }
  }

  boolean hasUnsent() {
    return unsent < tail;
  }

  /** What is done with the oldest request and its response. */
  Route route() {
    return routes[slot(head)];
  }

  /** Whose answer is due next: that of the oldest request; null if the gateway's own, or none. */
  @Nullable BrokerLink due() {
    return isEmpty() ? null : links[slot(head)];
  }

  int correlationId() {
    return correlationIds[slot(head)];
  }

  /** When the oldest request came, in {@link System#nanoTime}. */
  long startedAt() {
    return started[slot(head)];
  }

  /** Whether the gateway itself answers the oldest request. */
  boolean isLocal() {
    return local != null && !isEmpty() && local[slot(head)] != null;
  }

  /** The gateway's own response to the oldest request, once; null if a broker answers it. */
  @Nullable ByteBuf takeLocal() {
    if (local == null || isEmpty()) {
      return null;
    }
    ByteBuf response = local[slot(head)];
    local[slot(head)] = null;
    localBytes -= response == null ? 0 : response.readableBytes();
    return response;
  }

  /**
   * The oldest request was answered.
   *
   * @param bytes of the response, with its length
   * @param arrivedAt when its first bytes came, in {@link System#nanoTime}
   */
  void answered(BrokerMetrics broker, int bytes, long arrivedAt) {
    Route route = route();
    if (route.isClientRequest()) {
      long total = loop.readClock() - started[slot(head)];
      long atBroker = Math.clamp(arrivedAt - sent[slot(head)], 0, total);
      metrics.answered(broker, route.apiKey(), bytes, total, atBroker);
    }
    letGo(slot(head));
    head++;
    unsent = Math.max(unsent, head);
    metrics.inFlight(-1);
  }

  /** Frees what waits to leave. */
  void release() {
    if (local != null) {
      for (ByteBuf response : local) {
        if (response != null) {
          response.release();
        }
      }
      local = null;
      localBytes = 0;
    }
    metrics.inFlight(-size());
    head = tail;
  }

  private void letGo(int slot) {
    BrokerLink link = links[slot];
    links[slot] = null;
    if (link != null) {
      link.answered();
    }
  }

  private int slot(long sequence) {
    return (int) sequence & (capacity - 1);
  }

  private void grow() {
    int size = size();
    int larger = capacity == 0 ? FIRST_CAPACITY : capacity * 2;
    Route[] newRoutes = new Route[larger];
    BrokerLink[] newLinks = new BrokerLink[larger];
    int[] newCorrelationIds = new int[larger];
    long[] newStarted = new long[larger];
    long[] newSent = new long[larger];
    ByteBuf[] newLocal = local == null ? null : new ByteBuf[larger];
    for (int i = 0; i < size; i++) {
      int from = slot(head + i);
      int to = (int) (head + i) & (larger - 1);
      newRoutes[to] = routes[from];
      newLinks[to] = links[from];
      newCorrelationIds[to] = correlationIds[from];
      newStarted[to] = started[from];
      newSent[to] = sent[from];
      if (newLocal != null && local != null) {
        newLocal[to] = local[from];
      }
    }
    routes = newRoutes;
    links = newLinks;
    correlationIds = newCorrelationIds;
    started = newStarted;
    sent = newSent;
    local = newLocal;
    capacity = larger;
  }

  @Override
  public String toString() {
    return size() + " in flight";
  }
}
