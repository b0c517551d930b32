package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.schema.Versions;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Requests that depend on one another, or that change something. The names of what they change end
 * in a way that is different at the broker and at the gateway.
 */
final class Scenario {

  private static final int OFFSET_DELETE = 47;
  private static final int DELETE_GROUPS = 42;
  private static final int LIMIT = 30;
  private static final UUID NO_ID = new UUID(0, 0);

  private final Arena arena;
  private final Map<Integer, Versions> versions;
  private final RandomGenerator random;
  private final String ending;
  private final List<String> answers = new ArrayList<>();

  /**
   * @param random the same for both sides
   * @param ending as long as that of the other side
   */
  Scenario(Arena arena, Map<Integer, Versions> versions, RandomGenerator random, String ending) {
    this.arena = arena;
    this.versions = versions;
    this.random = random;
    this.ending = ending;
  }

  /** Creates and deletes, and returns the answers. */
  List<String> change(AsUser user) throws Exception {
    List<String> topics = Stream.of("aa", "ab", "ba").map(name -> name + ending).toList();
    List<String> created = Stream.of("ac", "bc").map(name -> name + ending).toList();
    List<String> automatic = Stream.of("ad", "bd").map(name -> name + ending).toList();
    String group = "g" + ending;
    Map<String, UUID> ids = prepare(topics, group);
    try (RawClient client = user.connect()) {
      CallBody creation = body(Frames.CREATE_TOPICS).set("timeoutMs", 30_000);
      for (String name : created) {
        creation
            .add("Topics")
            .set("Name", name)
            .set("NumPartitions", 1)
            .set("ReplicationFactor", 1);
      }
      ask(client, creation);
      CallBody metadata = body(Frames.METADATA).set("AllowAutoTopicCreation", true);
      metadata.set("Topics", List.of());
      for (String name : automatic) {
        metadata.add("Topics").set("Name", name);
      }
      ask(client, metadata);
      CallBody deletion =
          body(Frames.DELETE_TOPICS).set("TimeoutMs", 30_000).set("TopicNames", topics);
      for (String name : topics) {
        CallBody topic = deletion.has("Topics") ? deletion.add("Topics") : deletion;
        if (deletion.has("Topics")) {
          boolean byId = random.nextBoolean();
          topic.set("Name", byId ? null : name).set("TopicId", byId ? ids.get(name) : NO_ID);
        }
      }
      ask(client, deletion);
      CallBody offsets = body(OFFSET_DELETE).set("GroupId", group);
      for (String name : World.TOPICS) {
        offsets.add("Topics").set("Name", name).add("Partitions").set("PartitionIndex", 0);
      }
      ask(client, offsets);
      ask(client, body(DELETE_GROUPS).set("GroupsNames", List.of(group)));
    }
    return answers;
  }

  private Map<String, UUID> prepare(List<String> topics, String group)
      throws ExecutionException, InterruptedException, TimeoutException {
    Admin admin = arena.admin();
    topics.forEach(arena::createTopic);
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    World.TOPICS.forEach(
        topic -> offsets.put(new TopicPartition(topic, 0), new OffsetAndMetadata(5)));
    admin.alterConsumerGroupOffsets(group, offsets).all().get(LIMIT, TimeUnit.SECONDS);
    Map<String, UUID> ids = new HashMap<>();
    admin
        .describeTopics(topics)
        .allTopicNames()
        .get(LIMIT, TimeUnit.SECONDS)
        .forEach((name, topic) ->
            ids.put(
                name,
                new UUID(
                    topic.topicId().getMostSignificantBits(),
                    topic.topicId().getLeastSignificantBits())));
    return ids;
  }

  /** Fetches in a session, with topics added and forgotten, and returns the answers. */
  List<String> fetch(AsUser user) throws IOException {
    int version = version(Frames.FETCH);
    Choices choose = new Choices(arena.world(), random);
    int session = 0;
    try (RawClient client = user.connect()) {
      for (int epoch = 0; epoch < 4; epoch++) {
        CallBody body =
            CallBody.of(Frames.FETCH, version)
                .set("MaxBytes", 1 << 20)
                .set("SessionId", session)
                .set("SessionEpoch", epoch);
        if (epoch != 2) {
          choose.addTopics(
              body,
              "Topics",
              "Topic",
              topic -> topic.add("Partitions").set("Partition", 0).set("PartitionMaxBytes", 1));
        }
        if (epoch > 1 && body.has("ForgottenTopicsData")) {
          String topic = choose.topic();
          body.add("ForgottenTopicsData")
              .set("Topic", topic)
              .set("TopicId", arena.world().topicId(topic))
              .set("Partitions", List.of(0));
        }
        Struct answer = ask(client, body);
        session = answer.has("SessionId") ? answer.getInt("SessionId") : 0;
        if (session == 0) {
          break;
        }
      }
    }
    return answers;
  }

  private int version(int api) {
    Versions range = Objects.requireNonNull(versions.get(api));
    return random.nextBoolean()
        ? range.highest()
        : range.lowest() + random.nextInt(range.highest() - range.lowest() + 1);
  }

  private CallBody body(int api) {
    return CallBody.of(api, version(api));
  }

  private Struct ask(RawClient client, CallBody body) throws IOException {
    Call call = body.call();
    Struct answer = AsUser.ask(client, call);
    answers.add(
        (call.name() + " v" + call.version() + " " + Answers.text(call, answer))
            .replace(ending, "…"));
    return answer;
  }
}
