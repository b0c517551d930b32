package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Random resources of a {@link World}. */
record Choices(World world, RandomGenerator random) {

  <T> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  boolean rarely() {
    return random.nextInt(5) == 0;
  }

  String group() {
    return one(World.names(ResourceType.GROUP));
  }

  String topic() {
    return one(World.names(ResourceType.TOPIC));
  }

  String transactionalId() {
    return one(World.names(ResourceType.TRANSACTIONAL_ID));
  }

  List<String> some(List<String> names) {
    Set<String> some = new LinkedHashSet<>();
    for (int left = 1 + random.nextInt(4); left > 0; left--) {
      some.add(one(names));
    }
    return List.copyOf(some);
  }

  List<String> someGroups() {
    return some(World.names(ResourceType.GROUP));
  }

  List<String> someTopics() {
    return some(World.names(ResourceType.TOPIC));
  }

  static List<String> missing(List<String> names) {
    return names.stream().filter(name -> name.endsWith("x")).toList();
  }

  /** Adds topics under a field, by name or id as the version has it. */
  void addTopics(CallBody body, String array, String name, Consumer<CallBody> each) {
    for (String topic : someTopics()) {
      CallBody added = body.add(array);
      if (!name.equals("TopicId")) {
        added.set(name, topic);
      }
      if (body.names().contains("TopicId")) {
        added.set("TopicId", world.topicId(topic));
      }
      each.accept(added);
    }
  }

  static void partitions(CallBody topic, String field) {
    topic.set(field, List.of(0));
  }

  static void noBody(CallBody body) {
    // It has no fields, or their defaults say it all.
  }
}
