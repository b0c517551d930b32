package io.gatehouse.gateway.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The counters of one event loop. Written by that loop only, read by scrapes. */
public final class LoopMetrics {

  static final int CLIENT_OPEN = 0;
  static final int CLIENT_ACCEPTED = 1;
  static final int IN_FLIGHT = 2;
  static final int LAG_NANOS = 3;
  static final int LAG_MAX_NANOS = 4;
  static final int LAG_SAMPLES = 5;
  static final int ACCEPT_FAILURES = 6;
  static final int BROKERS_REFUSED = 7;
  private static final int FIGURES = 8;

  final Counters figures = new Counters(FIGURES);
  final Counters refusals = new Counters(RefusalReason.values().length);
  final Counters ends = new Counters(CloseReason.values().length);
  final AtomicReferenceArray<ApiMetrics> apis = new AtomicReferenceArray<>(ApiSlots.COUNT);
  final Map<String, BrokerMetrics> brokers = new ConcurrentHashMap<>();

  /** Counts an accepted client connection, which is open from now on. */
  public void accepted() {
    figures.add(CLIENT_ACCEPTED, 1);
    figures.add(CLIENT_OPEN, 1);
  }

  /** Counts the end of an open client connection. */
  public void ended(CloseReason reason) {
    figures.add(CLIENT_OPEN, -1);
    ends.add(reason.ordinal(), 1);
  }

  /** Counts a failed accept; the connection stays in the backlog. */
  public void acceptFailed() {
    figures.add(ACCEPT_FAILURES, 1);
  }

  /** Counts a connection that was refused when it was accepted. */
  public void refused(CloseReason reason) {
    figures.add(CLIENT_ACCEPTED, 1);
    ends.add(reason.ordinal(), 1);
  }

  /** Counts a request that the gateway itself answers with an error. */
  public void refused(RefusalReason reason) {
    refusals.add(reason.ordinal(), 1);
  }

  /** The counters of a broker, by its own address. */
  public BrokerMetrics broker(String address) {
    BrokerMetrics known = brokers.get(address);
    return known != null ? known : brokers.computeIfAbsent(address, a -> new BrokerMetrics());
  }

  /** Counts a request when its header arrives. {@code bytes} is its length on the wire. */
  public void request(BrokerMetrics broker, int apiKey, int version, long bytes) {
    int slot = ApiSlots.of(apiKey);
    ApiMetrics api = api(slot);
    api.figures.add(ApiMetrics.REQUESTS, 1);
    api.figures.add(ApiMetrics.REQUEST_BYTES, bytes);
    broker.request(slot, version);
    broker.requestBytes(bytes);
  }

  /** Changes the number of forwarded requests without a response. */
  public void inFlight(int change) {
    figures.add(IN_FLIGHT, change);
  }

  /**
   * A response was sent to the client.
   *
   * @param bytes the response's whole length on the wire
   * @param total nanoseconds from the request's head to here
   * @param atBroker how many of them passed between the request's last byte and the response's
   *     first
   */
  public void answered(BrokerMetrics broker, int apiKey, long bytes, long total, long atBroker) {
    api(ApiSlots.of(apiKey)).answered(bytes, total, atBroker);
    broker.responseBytes(bytes);
  }

  /** Counts an error code in a response. */
  public void error(int apiKey, int code) {
    api(ApiSlots.of(apiKey)).error(code);
  }

  /** Counts a refused connection to a broker whose host does not belong to the cluster. */
  public void brokerRefused() {
    figures.add(BROKERS_REFUSED, 1);
  }

  /** Notes the delay of a tick. */
  public void lag(long nanos) {
    long late = Math.max(0, nanos);
    figures.add(LAG_NANOS, late);
    figures.add(LAG_SAMPLES, 1);
    figures.max(LAG_MAX_NANOS, late);
  }

  private ApiMetrics api(int slot) {
    ApiMetrics api = apis.getPlain(slot);
    if (api == null) {
      api = new ApiMetrics();
      apis.setRelease(slot, api);
    }
    return api;
  }
}
