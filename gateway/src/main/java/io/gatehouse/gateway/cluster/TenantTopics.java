package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.cluster.CreatedTopics.Failure;
import io.gatehouse.gateway.cluster.CreatedTopics.NewTopic;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Asks a cluster for the topics of virtual clusters, and creates some. */
record TenantTopics(OwnConnections connections)
    implements OwnedTopics.Lookup, CreatedTopics.Creator {

  private static final int CREATE_TOPICS = 19;

  /** The first version in which the brokers' defaults can be asked for (KIP-464, Kafka 2.4). */
  private static final int CREATE_VERSION = 4;

  private static final int CREATE_TIMEOUT_MS = 5_000;

  /** Kafka 3.7 and later have it (KIP-966). */
  private static final int DESCRIBE_TOPIC_PARTITIONS = 75;

  private static final int PARTITIONS_PER_PAGE = 2_000;

  /** The first version that does not create topics on request. */
  private static final int METADATA_VERSION = 4;

  @Override
  public Future<Map<String, Integer>> owned(String prefix) {
    return connections.open((broker, result) -> new Count(prefix, broker, result).begin());
  }

  /**
   * Counts partitions, page by page, so that no answer is long. Older brokers answer with all
   * topics at once.
   */
  private record Count(
      String prefix,
      RequestSender broker,
      Promise<Map<String, Integer>> result,
      Map<String, Integer> found) {

    Count(String prefix, RequestSender broker, Promise<Map<String, Integer>> result) {
      this(prefix, broker, result, new HashMap<>());
    }

    void begin() {
      send(
          new GatewayRequest(GatewayRequest.API_VERSIONS, 0, _ -> {}),
          versions -> {
            boolean inPages =
                versions.getStructs("ApiKeys").stream()
                    .anyMatch(api -> api.getInt("ApiKey") == DESCRIBE_TOPIC_PARTITIONS);
            if (inPages) {
              page(prefix, 0);
            } else {
              all();
            }
          });
    }

    private void page(String first, int partition) {
      send(
          new GatewayRequest(
              DESCRIBE_TOPIC_PARTITIONS,
              0,
              body ->
                  body.set("ResponsePartitionLimit", PARTITIONS_PER_PAGE)
                      .makeStruct("Cursor")
                      .set("TopicName", first)
                      .set("PartitionIndex", partition)),
          page -> {
            boolean more = add(page) && !page.isNull("NextCursor");
            if (more) {
              Struct next = page.getStruct("NextCursor");
              page(next.getString("TopicName"), next.getInt("PartitionIndex"));
            } else {
              result.trySuccess(found);
            }
          });
    }

    private void all() {
      send(
          new GatewayRequest(
              GatewayRequest.METADATA,
              METADATA_VERSION,
              body -> body.set("Topics", null).set("AllowAutoTopicCreation", false)),
          response -> {
            add(response);
            result.trySuccess(found);
          });
    }

    /** Returns whether the topics after these may belong to the prefix. */
    private boolean add(Struct response) {
      boolean more = true;
      for (Struct topic : response.getStructs("Topics")) {
        String name = topic.getString("Name");
        if (name.startsWith(prefix)) {
          found.merge(name, topic.getArray("Partitions").size(), Integer::sum);
        } else {
          more &= name.compareTo(prefix) < 0;
        }
      }
      return more;
    }

    private void send(GatewayRequest request, Consumer<Struct> then) {
      TenantTopics.send(broker, request, result, then);
    }
  }

  @Override
  public Future<Map<String, Failure>> create(Collection<NewTopic> topics) {
    GatewayRequest request =
        new GatewayRequest(
            CREATE_TOPICS,
            CREATE_VERSION,
            body -> {
              body.set("timeoutMs", CREATE_TIMEOUT_MS);
              topics.forEach(topic -> topic.write(body.addStruct("Topics")));
            });
    return connections.open((broker, result) ->
        send(
            broker,
            request,
            result,
            response -> {
              Map<String, Failure> failures = new HashMap<>();
              for (Struct topic : response.getStructs("Topics")) {
                int code = topic.getInt("ErrorCode");
                if (code != 0) {
                  failures.put(
                      topic.getString("Name"),
                      new Failure(code, topic.getStringOrNull("ErrorMessage")));
                }
              }
              result.trySuccess(failures);
            }));
  }

  private static void send(
      RequestSender broker, GatewayRequest request, Promise<?> result, Consumer<Struct> then) {
    broker
        .send(request)
        .addListener((Future<Struct> answered) -> {
          if (answered.isSuccess()) {
            then.accept(answered.getNow());
          } else {
            result.tryFailure(answered.cause());
          }
        });
  }
}
