package io.gatehouse.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;

/**
 * HTTP/1.1 connections of which none outlives its deadline.
 *
 * <p>Helidon's idle timer ends only connections that wait for a request. One that stalls inside it
 * (headers that never end, an answer nobody reads) would keep its thread and its place for ever.
 * Here the same timer ends those too.
 */
final class BoundedConnections implements ServerConnectionSelector {
  private final Http1ConnectionSelector http1 =
      Http1ConnectionSelector.builder().config(Http1Config.create()).build();
  private final Duration longest;

  BoundedConnections(Duration longest) {
    this.longest = longest;
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return new Bounded((Http1Connection) http1.connection(context), longest);
  }

  private record Bounded(Http1Connection http1, Duration longest)
      implements ServerConnection, InterruptableTask<Void> {

    @Override
    public void handle(Limit limit) throws InterruptedException {
      http1.handle(limit);
    }

    /** Since the last request's first byte, or its end. */
    @Override
    public Duration idleTime() {
      return http1.idleTime();
    }

    /** Called by the idle timer, and by a closing server, which lets running requests finish. */
    @Override
    public void close(boolean interrupt) {
      http1.close(interrupt || http1.idleTime().compareTo(longest) > 0);
    }

    @Override
    public boolean canInterrupt() {
      return http1.canInterrupt();
    }
  }
}
