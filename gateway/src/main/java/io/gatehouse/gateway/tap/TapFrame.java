package io.gatehouse.gateway.tap;

import io.gatehouse.gateway.settings.HostPort;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a tapped frame.
 *
 * @param millis when it was forwarded, in Unix time in ms
 * @param bytes length of the frame, including its length prefix
 * @param latencyNanos for a response, the time since its request's header arrived; {@link #REQUEST}
 *     for a request
 * @param broker the broker that the request goes to, if known yet, or that the response comes from;
 *     null for a response of the gateway itself
 */
public record TapFrame(
    long millis,
    Peer peer,
    Request request,
    int bytes,
    long latencyNanos,
    @Nullable HostPort broker) {

  /** In place of a latency: the frame is a request. */
  public static final long REQUEST = -1;

  /**
   * The client.
   *
   * @param clientId client id of the connection's first request; null if unknown
   * @param principal the authenticated principal; null if anonymous
   */
  public record Peer(
      String listener,
      InetSocketAddress address,
      @Nullable String clientId,
      @Nullable String principal) {}

  /** The request, or the one that a response answers. */
  public record Request(int apiKey, int version, int correlationId) {}

  /** Whether this is a request, and not a response. */
  boolean isRequest() {
    return latencyNanos == REQUEST;
  }
}
