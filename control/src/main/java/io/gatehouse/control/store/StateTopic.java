package io.gatehouse.control.store;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of a log: creates it, and checks what the log relies on. A reader that takes less than
 * the compaction lag sees the tombstone of all that was removed before it came there.
 */
final class StateTopic {

  private static final Logger log = LoggerFactory.getLogger(StateTopic.class);

  static final Duration COMPACTION_LAG = Duration.ofHours(1);
  private static final Duration TOMBSTONES = Duration.ofDays(1);
  private static final int SEGMENT_BYTES = 32 << 20;
  private static final int GOOD_REPLICATION = 3;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration CREATION = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 100;

  private final Admin admin;
  private final KafkaPlace place;

  StateTopic(Admin admin, KafkaPlace place) {
    this.admin = admin;
    this.place = place;
  }

  /**
   * Checks the topic.
   *
   * @param mayCreate whether it is created if it is missing
   * @return its id
   * @throws StoreException when it cannot be used until somebody does something, with what to do
   * @throws TimeoutException when the cluster does not answer
   */
  Uuid open(boolean mayCreate) throws StoreException, TimeoutException, InterruptedException {
    TopicDescription found = describe();
    boolean created = found == null;
    long deadline = System.nanoTime() + CREATION.toNanos();
    if (created && !mayCreate) {
      throw new StoreException("the topic %s was deleted".formatted(place.topic()));
    }
    if (created) {
      create();
    }
    while (found == null) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("the topic %s does not appear".formatted(place.topic()));
      }
      Thread.sleep(LOOK_MILLIS);
      found = describe();
    }
    checkRights(found);
    if (found.partitions().size() != 1) {
      throw new StoreException(
          "the topic %s has %d partitions, but the order of changes needs exactly one: choose another topic, or delete this one and let the gateway create it"
              .formatted(place.topic(), found.partitions().size()));
    }
    checkConfiguration(found, created);
    return found.topicId();
  }

  private @Nullable TopicDescription describe()
      throws StoreException, TimeoutException, InterruptedException {
    try {
      return get(
              admin
                  .describeTopics(
                      List.of(place.topic()),
                      new DescribeTopicsOptions().includeAuthorizedOperations(true))
                  .allTopicNames(),
              "Describe")
          .get(place.topic());
    } catch (UnknownTopicOrPartitionException _) {
      return null;
    }
  }

  private void create() throws StoreException, TimeoutException, InterruptedException {
    NewTopic topic =
        new NewTopic(
            place.topic(),
            Optional.of(1),
            place.replication() < 1 ? Optional.empty() : Optional.of((short) place.replication()));
    topic.configs(
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
            Long.toString(COMPACTION_LAG.toMillis()),
            TopicConfig.DELETE_RETENTION_MS_CONFIG,
            Long.toString(TOMBSTONES.toMillis()),
            TopicConfig.SEGMENT_BYTES_CONFIG,
            Integer.toString(SEGMENT_BYTES),
            TopicConfig.SEGMENT_MS_CONFIG,
            Long.toString(TOMBSTONES.toMillis()),
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            Integer.toString(KafkaStore.MAX_RECORD_BYTES + 4096),
            // The lag counts from these times, so they must not come from clocks of writers.
            TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
            "LogAppendTime"));
    try {
      get(admin.createTopics(List.of(topic)).all(), "Create");
      log.info("Created the topic {} for the resources of the gateway", place.topic());
    } catch (TopicExistsException _) {
      // Another node was faster.
    }
  }

  private void checkRights(TopicDescription topic) throws StoreException {
    Set<AclOperation> allowed = topic.authorizedOperations();
    if (allowed == null || allowed.isEmpty()) {
      return; // brokers before 2.3 do not tell
    }
    for (AclOperation needed : List.of(AclOperation.READ, AclOperation.WRITE)) {
      if (!allowed.contains(needed)) {
        throw place.missing(
            needed.name().charAt(0) + needed.name().substring(1).toLowerCase(Locale.ROOT));
      }
    }
  }

  private void checkConfiguration(TopicDescription topic, boolean created)
      throws StoreException, TimeoutException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, place.topic());
    Config config;
    try {
      config =
          Objects.requireNonNull(
              get(admin.describeConfigs(List.of(resource)).all(), "DescribeConfigs").get(resource));
    } catch (StoreException e) {
      log.warn("The settings of the topic {} are not checked: {}", place.topic(), e.getMessage());
      return;
    }
    String policy = value(config, TopicConfig.CLEANUP_POLICY_CONFIG);
    if (!policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      throw wrong(TopicConfig.CLEANUP_POLICY_CONFIG, policy, TopicConfig.CLEANUP_POLICY_COMPACT);
    }
    least(config, TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG, COMPACTION_LAG.toMillis());
    least(config, TopicConfig.DELETE_RETENTION_MS_CONFIG, TOMBSTONES.toMillis());
    if (!value(config, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).equals("LogAppendTime")) {
      log.warn(
          "The topic {} has {}={}, so a wrong clock of a node can remove changes early: set it to"
              + " LogAppendTime",
          place.topic(),
          TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
          value(config, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG));
    }
    if (value(config, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG).equals("true")) {
      setOrWarn(
          resource,
          created,
          TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
          "false",
          "an out-of-sync replica can become leader, and answered changes can be lost");
    }
    checkReplication(topic, config, created, resource);
  }

  /** Only a topic that was just created is changed; the settings of others are their owner's. */
  private void setOrWarn(
      ConfigResource topic, boolean created, String name, String value, String consequence)
      throws TimeoutException, InterruptedException {
    if (created) {
      var set = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
      try {
        get(admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all(), "AlterConfigs");
        return;
      } catch (StoreException e) {
        log.warn("{} of {} cannot be set: {}", name, place.topic(), e.getMessage());
      }
    }
    log.warn(
        "The topic {} does not have {}={}, so {}: set it", place.topic(), name, value, consequence);
  }

  private void checkReplication(
      TopicDescription topic, Config config, boolean created, ConfigResource resource)
      throws TimeoutException, InterruptedException {
    int replicas = topic.partitions().getFirst().replicas().size();
    int inSync = Integer.parseInt(value(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
    if (replicas < GOOD_REPLICATION) {
      log.warn(
          "The topic {} has {} replicas: with fewer than {}, resources can be lost with a broker",
          place.topic(),
          replicas,
          GOOD_REPLICATION);
    } else if (inSync < 2) {
      setOrWarn(
          resource,
          created,
          TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
          "2",
          "an answered change can be lost with a broker");
    }
  }

  private void least(Config config, String name, long least) throws StoreException {
    String value = value(config, name);
    if (Long.parseLong(value) < least) {
      throw wrong(name, value, Long.toString(least));
    }
  }

  private StoreException wrong(String name, String value, String right) {
    return new StoreException(
        "the topic %s has %s=%s, so changes can get lost; set it with kafka-configs.sh --alter --topic %s --add-config %s=%s"
            .formatted(place.topic(), name, value, place.topic(), name, right));
  }

  private static String value(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null || entry.value() == null ? "" : entry.value();
  }

  /** Exceptions of Kafka that concern rights become one that says which is missing. */
  private <T> T get(KafkaFuture<T> future, String operation)
      throws StoreException, TimeoutException, InterruptedException {
    try {
      return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        throw place.missing(operation);
      }
      throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
  }
}
