package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.PlaceholderHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Sends the gateway's own requests to any broker of a cluster, on connections of their own. */
final class OwnConnections {

  private static final long TIMEOUT_SECONDS = 10;

  private final Cluster cluster;
  private final Connector connector;
  private final Loop loop;

  /** Requests that follow each other on one connection. */
  @FunctionalInterface
  interface Talk<T> {

    /**
     * Sends the first request, on the event loop.
     *
     * @param result to be completed by what comes of all
     */
    void begin(RequestSender broker, Promise<T> result);
  }

  OwnConnections(Cluster cluster, Connector connector, Loop loop) {
    this.cluster = cluster;
    this.connector = connector;
    this.loop = loop;
  }

  /** Connects, talks and closes the connection. Any thread; fails if that takes too long. */
  <T> Future<T> open(Talk<T> talk) {
    Promise<T> result = loop.eventLoop().newPromise();
    loop.execute(() ->
        connector
            .connect(loop, cluster.anyBroker(), UpstreamIdentity.ofGateway(connector.own()))
            .addListener((Future<Connection> connected) -> {
              if (connected.isSuccess()) {
                begin(talk, connected.getNow().channel(), result);
              } else {
                result.tryFailure(connected.cause());
              }
            }));
    return result;
  }

  private <T> void begin(Talk<T> talk, SocketChannel channel, Promise<T> result) {
    BrokerClient client = new BrokerClient(connector.settings().clientId(), loop);
    channel.pipeline().replace(PlaceholderHandler.NAME, null, client);
    var deadline =
        loop.eventLoop()
            .schedule(
                () -> client.fail(new IOException("no answer within " + TIMEOUT_SECONDS + " s")),
                TIMEOUT_SECONDS,
                TimeUnit.SECONDS);
    result.addListener(_ -> {
      deadline.cancel(false);
      channel.close();
    });
    talk.begin(client, result);
  }
}
