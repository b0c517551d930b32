package io.gatehouse.gateway.tap;

import io.gatehouse.gateway.settings.HostPort;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a frame that passed, beside its body.
 *
 * @param millis when it passed, in Unix time
 * @param broker where the request goes, if that is known already, or the response comes from; null
 *     for a response that the gateway made itself
 */
public record TapFrame(
    long millis, Peer peer, Request request, int bytes, Kind kind, @Nullable HostPort broker) {

  /** The kind of all requests. */
  public static final Kind REQUEST = new IsRequest();

  /**
   * The client.
   *
   * @param clientId that the connection began with; null if there is none or it is not known
   * @param principal null for nobody in particular
   */
  public record Peer(
      String listener,
      InetSocketAddress address,
      @Nullable String clientId,
      @Nullable String principal) {}

  /** The request, or that which a response answers. */
  public record Request(int apiKey, int version, int correlationId) {}

  /** A request or a response. */
  public sealed interface Kind {}

  /** Frames from clients. */
  public record IsRequest() implements Kind {}

  /**
   * Frames to clients.
   *
   * @param nanos since the request's head came
   */
  public record IsResponse(long nanos) implements Kind {}
}
