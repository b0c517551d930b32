package io.gatehouse.gateway.cluster;

import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/** Asks a cluster for topics. */
record TopicNames(OwnConnections connections) implements TopicIds.Lookup, ExistingTopics.Lookup {

  /** The first version in which topics can be asked for by id (KIP-516, Kafka 2.8). */
  private static final int VERSION = 12;

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
    GatewayRequest request =
        new GatewayRequest(
            GatewayRequest.METADATA,
            VERSION,
            body -> topics.accept(body.set("AllowAutoTopicCreation", false)));
    return connections.open((broker, result) ->
        broker
            .send(request)
            .addListener((Future<Struct> answered) -> {
              if (answered.isSuccess()) {
                result.trySuccess(read.apply(answered.getNow()));
              } else {
                result.tryFailure(answered.cause());
              }
            }));
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
