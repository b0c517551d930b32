package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Requests of administrators. */
final class AdminCalls {

  private static final String NOBODY = "nobody";

  private final Choices choose;
  private final Map<Integer, Consumer<CallBody>> fillers = new TreeMap<>();

  AdminCalls(Choices choose) {
    this.choose = choose;
    topics();
    cluster();
  }

  /** What fills the requests of each API. */
  Map<Integer, Consumer<CallBody>> fillers() {
    return fillers;
  }

  private void api(int api, Consumer<CallBody> filler) {
    fillers.put(api, filler);
  }

  private void topics() {
    api(
        3,
        body -> {
          body.set("IncludeClusterAuthorizedOperations", choose.random().nextBoolean())
              .set("IncludeTopicAuthorizedOperations", choose.random().nextBoolean())
              .set("AllowAutoTopicCreation", false);
          if (choose.rarely()) {
            body.set("Topics", body.takesNull("Topics") ? null : List.of());
            return;
          }
          body.set("Topics", List.of());
          boolean byId = body.names().contains("TopicId") && choose.random().nextBoolean();
          // The first versions let topics be created.
          for (String name :
              body.has("AllowAutoTopicCreation")
                  ? choose.someTopics()
                  : choose.some(World.TOPICS)) {
            CallBody topic = body.add("Topics");
            if (byId && topic.has("TopicId") && topic.takesNull("Name")) {
              topic.set("TopicId", choose.world().topicId(name)).set("Name", null);
            } else {
              topic.set("Name", name);
            }
          }
        });
    api(
        19,
        body -> {
          body.set("timeoutMs", 1000).set("validateOnly", true);
          for (String name : choose.someTopics()) {
            body.add("Topics")
                .set("Name", name)
                .set("NumPartitions", 2)
                .set("ReplicationFactor", 1);
          }
        });
    api(
        20,
        body -> {
          body.set("TimeoutMs", 1000)
              .set("TopicNames", Choices.missing(World.names(ResourceType.TOPIC)));
          if (body.has("Topics")) {
            for (String name : Choices.missing(World.names(ResourceType.TOPIC))) {
              CallBody topic = body.add("Topics");
              if (choose.random().nextBoolean()) {
                topic.set("Name", name);
              } else {
                topic.set("Name", null).set("TopicId", choose.world().topicId(name));
              }
            }
          }
        });
    api(
        37,
        body -> {
          body.set("TimeoutMs", 1000).set("ValidateOnly", true);
          for (String name : choose.someTopics()) {
            body.add("Topics").set("Name", name).set("Count", 5).set("Assignments", null);
          }
        });
    api(
        75,
        body -> {
          body.set("ResponsePartitionLimit", 2000).set("Cursor", null);
          if (!choose.rarely()) {
            choose.someTopics().forEach(name -> body.add("Topics").set("Name", name));
          }
        });
    api(
        32,
        body -> {
          for (Resource resource : resources()) {
            body.add("Resources")
                .set("ResourceType", resource.type)
                .set("ResourceName", resource.name)
                .set("ConfigurationKeys", List.of(resource.key));
          }
        });
    api(
        33,
        body -> {
          body.set("ValidateOnly", true);
          for (Resource resource : resources()) {
            body.add("Resources")
                .set("ResourceType", resource.type)
                .set("ResourceName", resource.name)
                .add("Configs")
                .set("Name", resource.key)
                .set("Value", resource.value);
          }
        });
    api(
        44,
        body -> {
          body.set("ValidateOnly", true);
          for (Resource resource : resources()) {
            body.add("Resources")
                .set("ResourceType", resource.type)
                .set("ResourceName", resource.name)
                .add("Configs")
                .set("Name", resource.key)
                .set("Value", resource.value);
          }
        });
  }

  /** Something with a configuration, a key of it, and a valid value. */
  private record Resource(int type, String name, String key, String value) {}

  private List<Resource> resources() {
    Set<Resource> all = new LinkedHashSet<>();
    for (int left = 1 + choose.random().nextInt(3); left > 0; left--) {
      all.add(
          switch (choose.random().nextInt(7)) {
            case 0, 1, 2 -> new Resource(2, choose.topic(), "retention.ms", "1000000");
            case 3, 4 -> new Resource(32, choose.group(), "consumer.session.timeout.ms", "5000");
            case 5 -> new Resource(4, "0", "log.cleaner.threads", "1");
            default -> new Resource(16, "metrics", "interval.ms", "1000");
          });
    }
    return List.copyOf(all);
  }

  private void cluster() {
    api(
        34,
        body ->
            choose.addTopics(
                body.add("Dirs").set("Path", "/nowhere"),
                "Topics",
                "Name",
                topic -> Choices.partitions(topic, "Partitions")));
    api(
        35,
        body -> {
          body.set("Topics", null);
          if (!choose.rarely()) {
            choose.addTopics(
                body, "Topics", "Topic", topic -> Choices.partitions(topic, "Partitions"));
          }
        });
    api(
        43,
        body -> {
          body.set("TimeoutMs", 1000);
          choose.addTopics(
              body, "TopicPartitions", "Topic", topic -> Choices.partitions(topic, "Partitions"));
        });
    api(
        45,
        body -> {
          body.set("TimeoutMs", 1000);
          choose.addTopics(
              body,
              "Topics",
              "Name",
              topic -> topic.add("Partitions").set("PartitionIndex", 0).set("Replicas", null));
        });
    api(
        46,
        body -> {
          body.set("TimeoutMs", 1000);
          choose.addTopics(
              body, "Topics", "Name", topic -> Choices.partitions(topic, "PartitionIndexes"));
        });
    api(
        48,
        body ->
            body.add("Components")
                .set("EntityType", "user")
                .set("MatchType", 2)
                .set("Match", null));
    api(
        49,
        body -> {
          CallBody entry = body.set("ValidateOnly", true).add("Entries");
          entry.add("Entity").set("EntityType", "user").set("EntityName", NOBODY);
          entry.add("Ops").set("Key", "producer_byte_rate").set("Value", 1e6);
        });
    api(50, body -> body.set("Users", List.of()).add("Users").set("Name", NOBODY));
    api(
        55,
        body ->
            body.add("Topics")
                .set("TopicName", "__cluster_metadata")
                .add("Partitions")
                .set("PartitionIndex", 0));
    api(
        57,
        body -> {
          body.set("timeoutMs", 1000).set("ValidateOnly", true);
          body.add("FeatureUpdates").set("Feature", "none").set("MaxVersionLevel", 1);
        });
    api(
        60,
        body ->
            body.set("IncludeClusterAuthorizedOperations", choose.random().nextBoolean())
                .set("EndpointType", 1));
    api(64, body -> body.set("BrokerId", 99));
    api(74, body -> body.set("ResourceTypes", choose.rarely() ? List.of((byte) 2) : List.of()));
  }
}
