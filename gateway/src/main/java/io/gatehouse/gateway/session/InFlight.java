package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.net.Loop;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one client that wait for an answer, in their order: a broker answers one
 * connection in order, so order needs no map. A ring of primitives that grows with use.
 *
 * <p>A request that the gateway answers itself stands here too, with its response, which leaves
 * when all before it were answered.
 */
final class InFlight {

  /** The api key of a raw SASL token, which has no head of its own. */
  static final short RAW_SASL = -1;

  /** The api key of a request of the gateway's own, whose answer the client does not see. */
  static final short OWN = -2;

  /** The api key of what tells a broker of the client, whose answer nobody needs to see. */
  static final short INTRODUCTION = -3;

  private static final int FIRST_CAPACITY = 4;

  /** The gateway's own responses that wait for earlier ones take this much, and one more. */
  private static final int MOST_LOCAL_BYTES = 64 << 10;

  private final int limit;
  private final Loop loop;
  private int capacity;
  private long head;
  private long tail;

  /** The first request whose last byte has not been flushed to the broker yet. */
  private long unsent;

  private short[] apiKeys = {};
  private short[] versions = {};
  private int[] correlationIds = {};
  private long[] started = {};
  private long[] sent = {};
  private @Nullable ByteBuf @Nullable [] local;
  private int localBytes;

  InFlight(int limit, Loop loop) {
    this.limit = limit;
    this.loop = loop;
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

  int size() {
    return (int) (tail - head);
  }

  void push(int apiKey, int version, int correlationId) {
    loop.metrics().inFlight(1);
    long now = loop.now();
    if (tail - head == capacity) {
      grow();
    }
    int slot = slot(tail++);
    apiKeys[slot] = (short) apiKey;
    versions[slot] = (short) version;
    correlationIds[slot] = correlationId;
    started[slot] = now;
    sent[slot] = now;
  }

  /** Takes back the request pushed last: it turned out to ask for no answer. */
  void dropLast() {
    loop.metrics().inFlight(-1);
    tail--;
    unsent = Math.min(unsent, tail);
  }

  /** Gives the request pushed last its answer. The ring owns {@code response} until it leaves. */
  void answerLast(ByteBuf response) {
    if (local == null) {
      local = new ByteBuf[capacity];
    }
    local[slot(tail - 1)] = response;
    localBytes += response.readableBytes();
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

  short apiKey() {
    return apiKeys[slot(head)];
  }

  short version() {
    return versions[slot(head)];
  }

  int correlationId() {
    return correlationIds[slot(head)];
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
    short apiKey = apiKey();
    if (apiKey >= 0) {
      long total = loop.readClock() - started[slot(head)];
      long atBroker = Math.clamp(arrivedAt - sent[slot(head)], 0, total);
      loop.metrics().answered(apiKey, total, total - atBroker, atBroker);
      loop.metrics().responseBytes(broker, apiKey, bytes);
    }
    head++;
    unsent = Math.max(unsent, head);
    loop.metrics().inFlight(-1);
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
    loop.metrics().inFlight(-size());
    head = tail;
  }

  private int slot(long sequence) {
    return (int) sequence & (capacity - 1);
  }

  private void grow() {
    int size = size();
    int larger = capacity == 0 ? FIRST_CAPACITY : capacity * 2;
    short[] newApiKeys = new short[larger];
    short[] newVersions = new short[larger];
    int[] newCorrelationIds = new int[larger];
    long[] newStarted = new long[larger];
    long[] newSent = new long[larger];
    ByteBuf[] newLocal = local == null ? null : new ByteBuf[larger];
    for (int i = 0; i < size; i++) {
      int from = slot(head + i);
      int to = (int) (head + i) & (larger - 1);
      newApiKeys[to] = apiKeys[from];
      newVersions[to] = versions[from];
      newCorrelationIds[to] = correlationIds[from];
      newStarted[to] = started[from];
      newSent[to] = sent[from];
      if (newLocal != null && local != null) {
        newLocal[to] = local[from];
      }
    }
    apiKeys = newApiKeys;
    versions = newVersions;
    correlationIds = newCorrelationIds;
    started = newStarted;
    sent = newSent;
    local = newLocal;
    capacity = larger;
  }

  @Override
  public String toString() {
    return size() + " in flight " + Arrays.toString(apiKeys);
  }
}
