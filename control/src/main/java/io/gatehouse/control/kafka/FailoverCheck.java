package io.gatehouse.control.kafka;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Compares two clusters before clients are switched from one to the other. */
public final class FailoverCheck {

  private static final int REQUEST_MILLIS = 10_000;
  private static final long LIMIT_SECONDS = 30;

  /** Topics or groups of one request. */
  private static final int BATCH = 500;

  /** Of each kind. */
  private static final int MOST_PROBLEMS = 1000;

  private FailoverCheck() {}

  /** A cluster could not be asked. */
  public static final class FailedException extends Exception {
    private static final long serialVersionUID = 1;

    FailedException(String message) {
      super(message);
    }
  }

  /**
   * What clients would miss, a sentence each: topics, partitions, offsets of groups. Internal
   * topics of Kafka, of MirrorMaker and of gateways are left out. Blocks.
   *
   * @throws FailedException if a cluster does not respond, or refuses
   */
  public static List<String> missing(KafkaAccess access, String from, String to)
      throws FailedException {
    try (Admin source = Admin.create(properties(access, from));
        Admin target = Admin.create(properties(access, to))) {
      List<String> problems = new ArrayList<>();
      compareTopics(
          ask(from, () -> partitions(source)), ask(to, () -> partitions(target)), problems);
      compareOffsets(ask(from, () -> offsets(source)), ask(to, () -> offsets(target)), problems);
      return List.copyOf(problems);
    } catch (IllegalArgumentException e) {
      throw new FailedException(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Object> properties(KafkaAccess access, String cluster) {
    Map<String, Object> properties = access.properties(cluster);
    properties.put("client.id", "gatehouse-failover-check");
    properties.put("default.api.timeout.ms", REQUEST_MILLIS);
    properties.put("request.timeout.ms", REQUEST_MILLIS);
    return properties;
  }

  private interface Question<T> {
    T ask() throws ExecutionException, InterruptedException, TimeoutException;
  }

  private static <T> T ask(String cluster, Question<T> question) throws FailedException {
    try {
      return question.ask();
    } catch (ExecutionException e) {
      throw new FailedException("the cluster %s: %s".formatted(cluster, e.getCause()));
    } catch (TimeoutException e) {
      throw new FailedException("the cluster %s does not respond in time".formatted(cluster));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FailedException("interrupted");
    }
  }

  private static <T> T get(KafkaFuture<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private static <T> List<List<T>> batches(List<T> all) {
    List<List<T>> batches = new ArrayList<>();
    for (int i = 0; i < all.size(); i += BATCH) {
      batches.add(all.subList(i, Math.min(all.size(), i + BATCH)));
    }
    return batches;
  }

  private static boolean isOfClients(String topic) {
    return !topic.startsWith("_gatehouse_")
        && !topic.startsWith("mm2-")
        && !topic.endsWith(".checkpoints.internal")
        && !topic.equals("heartbeats");
  }

  private static Map<String, Integer> partitions(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    List<String> names =
        get(admin.listTopics().names()).stream().filter(FailoverCheck::isOfClients).toList();
    Map<String, Integer> counts = new TreeMap<>();
    for (List<String> batch : batches(names)) {
      get(admin.describeTopics(batch).allTopicNames())
          .forEach((name, topic) -> counts.put(name, topic.partitions().size()));
    }
    return counts;
  }

  private static void compareTopics(
      Map<String, Integer> from, Map<String, Integer> to, List<String> problems) {
    List<String> found = new ArrayList<>();
    from.forEach((topic, partitions) -> {
      Integer there = to.get(topic);
      if (there == null) {
        found.add("the topic %s is missing".formatted(topic));
      } else if (!there.equals(partitions)) {
        found.add(
            "the topic %s has %d partitions instead of %d".formatted(topic, there, partitions));
      }
    });
    add(found, "topics", problems);
  }

  private static Map<String, Set<TopicPartition>> offsets(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    List<String> groups =
        get(admin.listGroups().all()).stream()
            .filter(FailoverCheck::isOfConsumers)
            .map(GroupListing::groupId)
            .toList();
    Map<String, Set<TopicPartition>> offsets = new TreeMap<>();
    for (List<String> batch : batches(groups)) {
      Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
      batch.forEach(group -> asked.put(group, new ListConsumerGroupOffsetsSpec()));
      for (Map.Entry<String, Map<TopicPartition, OffsetAndMetadata>> one :
          get(admin.listConsumerGroupOffsets(asked).all()).entrySet()) {
        Set<TopicPartition> committed = new HashSet<>();
        one.getValue()
            .forEach((partition, offset) -> {
              if (offset != null && isOfClients(partition.topic())) {
                committed.add(partition);
              }
            });
        offsets.put(one.getKey(), committed);
      }
    }
    return offsets;
  }

  private static boolean isOfConsumers(GroupListing group) {
    return group
        .type()
        .map(type ->
            switch (type) {
              case CLASSIC -> group.isSimpleConsumerGroup() || group.protocol().equals("consumer");
              case CONSUMER, STREAMS -> true;
              default -> false;
            })
        .orElse(true);
  }

  private static void compareOffsets(
      Map<String, Set<TopicPartition>> from,
      Map<String, Set<TopicPartition>> to,
      List<String> problems) {
    List<String> found = new ArrayList<>();
    from.forEach((group, committed) -> {
      Set<TopicPartition> there = to.getOrDefault(group, Set.of());
      Set<String> missing = new TreeSet<>();
      committed.stream()
          .filter(one -> !there.contains(one))
          .forEach(one -> missing.add(one.toString()));
      if (!missing.isEmpty()) {
        String some = String.join(", ", missing.stream().limit(5).toList());
        found.add(
            "the group %s has no offset for %s%s"
                .formatted(group, some, missing.size() > 5 ? " and others" : ""));
      }
    });
    add(found, "groups", problems);
  }

  private static void add(List<String> found, String what, List<String> problems) {
    problems.addAll(found.subList(0, Math.min(found.size(), MOST_PROBLEMS)));
    if (found.size() > MOST_PROBLEMS) {
      problems.add("%d more %s".formatted(found.size() - MOST_PROBLEMS, what));
    }
  }
}
