package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.PlaceholderHandler;
import io.gatehouse.wire.tree.Struct;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Asks a cluster for topics, each time on a connection of its own. */
public final class TopicNames implements TopicIds.Lookup, ExistingTopics.Lookup {

  /** The first version in which topics can be asked for by id (KIP-516, Kafka 2.8). */
  private static final int VERSION = 12;

  private static final long TIMEOUT_SECONDS = 10;

  private final Cluster cluster;
  private final Connector connector;
  private final Loop loop;

  public TopicNames(Cluster cluster, Connector connector, Loop loop) {
    this.cluster = cluster;
    this.connector = connector;
    this.loop = loop;
  }

  @Override
  public Future<Map<UUID, String>> names(Collection<UUID> ids) {
    return ask(
        body -> ids.forEach(id -> body.addStruct("Topics").set("TopicId", id).set("Name", null)),
        TopicNames::namesIn);
  }

  @Override
  public Future<Set<String>> existing(Collection<String> names) {
    return ask(
        body -> names.forEach(name -> body.addStruct("Topics").set("Name", name)),
        response -> Set.copyOf(namesIn(response).values()));
  }

  private <T> Future<T> ask(Consumer<Struct> topics, Function<Struct, T> read) {
    Promise<T> answer = loop.eventLoop().newPromise();
    loop.execute(() ->
        connector
            .connect(loop, cluster.anyBroker(), UpstreamIdentity.ofGateway(connector.own()))
            .addListener((Future<Connection> connected) -> {
              if (connected.isSuccess()) {
                ask(connected.getNow().channel(), topics, read, answer);
              } else {
                answer.tryFailure(connected.cause());
              }
            }));
    return answer;
  }

  private <T> void ask(
      SocketChannel channel, Consumer<Struct> topics, Function<Struct, T> read, Promise<T> answer) {
    BrokerClient client = new BrokerClient(connector.settings().clientId(), loop);
    channel.pipeline().replace(PlaceholderHandler.NAME, null, client);
    var deadline =
        loop.eventLoop()
            .schedule(
                () -> client.fail(new IOException("no answer within " + TIMEOUT_SECONDS + " s")),
                TIMEOUT_SECONDS,
                TimeUnit.SECONDS);
    client
        .send(
            new GatewayRequest(
                GatewayRequest.METADATA,
                VERSION,
                body -> topics.accept(body.set("AllowAutoTopicCreation", false))))
        .addListener((Future<Struct> answered) -> {
          deadline.cancel(false);
          channel.close();
          if (answered.isSuccess()) {
            answer.trySuccess(read.apply(answered.getNow()));
          } else {
            answer.tryFailure(answered.cause());
          }
        });
  }

  private static Map<UUID, String> namesIn(Struct response) {
    Map<UUID, String> names = new HashMap<>();
    for (Struct topic : response.getStructs("Topics")) {
      if (topic.getInt("ErrorCode") == 0 && topic.get("Name") instanceof String name) {
        names.put(topic.getUuid("TopicId"), name);
      }
    }
    return names;
  }
}
