package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.metrics.LoopMetrics;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one client that have no response yet, in order. A broker answers the requests of
 * a connection in order, so no map is needed: this is a ring of primitives that grows on demand.
 *
 * <p>A request that the gateway answers itself has its place here too. Its response is kept until
 * all earlier requests have been answered.
 */
final class InFlight {

  private static final int INITIAL_CAPACITY = 4;

  /**
   * Maximum bytes of the gateway's own responses that wait for earlier responses. One more response
   * may exceed it.
   */
  private static final int MAX_LOCAL_BYTES = 64 << 10;

  private final int limit;
  private final Loop loop;
  private final LoopMetrics metrics;
  private int capacity;
  private long head;
  private long tail;

  /**
   * Sequence number of the first request whose last byte has not been flushed to the broker yet.
   */
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
    return tail - head >= limit || localBytes > MAX_LOCAL_BYTES;
  }

  /** Number of bytes of the gateway's own responses that wait for earlier responses. */
  int localBytes() {
    return localBytes;
  }

  /**
   * Whether the client expects a response.
   *
   * @param newest number of the newest requests to ignore
   */
  boolean isResponseExpected(int newest) {
    for (long i = head; i < tail - newest; i++) {
      if (!routes[slot(i)].isGatewayRequest()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the client expects a response from this broker. */
  boolean isResponseExpected(BrokerLink broker) {
    for (long i = head; i < tail; i++) {
      if (broker.equals(links[slot(i)]) && !routes[slot(i)].isGatewayRequest()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Completes all requests to a broker that has closed its connection; the client must not expect a
   * response to them.
   */
  void completeAll(BrokerLink broker) {
    for (long i = head; i < tail; i++) {
      if (broker.equals(links[slot(i)])) {
        unlink(slot(i));
        localResponses()[slot(i)] = Unpooled.EMPTY_BUFFER;
      }
    }
  }

  int size() {
    return (int) (tail - head);
  }

  /**
   * Adds a request.
   *
   * @param link the broker that answers it; null if the gateway does
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
      link.onRequestSent();
    }
    correlationIds[slot] = correlationId;
    started[slot] = now;
    sent[slot] = now;
  }

  /** Sets what is done with the response to the newest request. */
  void respondLast(ResponseRule response) {
    int slot = slot(tail - 1);
    routes[slot] = routes[slot].with(response);
  }

  /** Removes the newest request, which turned out to have no response. */
  void removeLast() {
    metrics.inFlight(-1);
    tail--;
    unlink(slot(tail));
    unsent = Math.min(unsent, tail);
  }

  /** Sets the gateway's response to the newest request. Takes ownership. */
  void setLastResponse(ByteBuf response) {
    localResponses()[slot(tail - 1)] = response;
    localBytes += response.readableBytes();
  }

  private @Nullable ByteBuf[] localResponses() {
    @Nullable ByteBuf[] responses = local == null ? new ByteBuf[capacity] : local;
    local = responses;
    return responses;
  }

  /**
   * Records when requests were flushed to their brokers.
   *
   * @param complete how many of the newest requests are still incomplete: 0 or 1
   */
  void markSent(long now, int complete) {
    for (; unsent < tail - complete; unsent++) {
      sent[slot(unsent)] = now;
    }
  }

  boolean hasUnsent() {
    return unsent < tail;
  }

  /** The route of the oldest request. */
  Route route() {
    return routes[slot(head)];
  }

  /**
   * The broker that must answer the oldest request; null if the gateway answers it, or there is
   * none.
   */
  @Nullable BrokerLink nextLink() {
    return isEmpty() ? null : links[slot(head)];
  }

  int correlationId() {
    return correlationIds[slot(head)];
  }

  /** When the header of the oldest request arrived, in {@link System#nanoTime}. */
  long startedAt() {
    return started[slot(head)];
  }

  /**
   * Removes and returns the gateway's response to the oldest request; null if a broker answers it.
   * The caller owns it.
   */
  @Nullable ByteBuf takeLocalResponse() {
    if (local == null || isEmpty()) {
      return null;
    }
    ByteBuf response = local[slot(head)];
    local[slot(head)] = null;
    localBytes -= response == null ? 0 : response.readableBytes();
    return response;
  }

  /**
   * Removes the oldest request, whose response is complete, and counts it.
   *
   * @param bytes size of the response, with its length
   * @param arrivedAt when its first bytes arrived, in {@link System#nanoTime}
   */
  void complete(BrokerMetrics broker, int bytes, long arrivedAt) {
    Route route = route();
    if (route.isClientRequest()) {
      long total = loop.readClock() - started[slot(head)];
      long atBroker = Math.clamp(arrivedAt - sent[slot(head)], 0, total);
      metrics.answered(broker, route.apiKey(), bytes, total, atBroker);
    }
    unlink(slot(head));
    head++;
    unsent = Math.max(unsent, head);
    metrics.inFlight(-1);
  }

  /** Releases all responses and removes all requests. */
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

  private void unlink(int slot) {
    BrokerLink link = links[slot];
    links[slot] = null;
    if (link != null) {
      link.onRequestCompleted();
    }
  }

  private int slot(long sequence) {
    return (int) sequence & (capacity - 1);
  }

  private void grow() {
    int size = size();
    int larger = capacity == 0 ? INITIAL_CAPACITY : capacity * 2;
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
