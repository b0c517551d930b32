package io.gatehouse.control.store;

import io.gatehouse.control.kafka.KafkaAccess;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a log is.
 *
 * @param cluster name of the cluster in the settings
 * @param replication replicas of the topic if it has to be created; -1 for the brokers' default
 * @param isCopy whether it is a copy of another log, which nothing waits for
 */
public record KafkaPlace(
    KafkaAccess access, String cluster, String topic, int replication, boolean isCopy) {

  public KafkaPlace(KafkaAccess access, String cluster, String topic, int replication) {
    this(access, cluster, topic, replication, false);
  }

  /** Where another cluster keeps a copy of this. */
  KafkaPlace copy(String other) {
    return new KafkaPlace(access, other, topic + StoreSettings.Kafka.COPY, replication, true);
  }

  /** Properties of a client for this place, with others that it needs. */
  Map<String, Object> client(Map<String, Object> others) {
    Map<String, Object> all = new HashMap<>(access.properties(cluster));
    all.putAll(others);
    if (isCopy) {
      all.computeIfPresent("client.id", (_, id) -> id + "-copy");
    }
    return all;
  }

  /** That the gateway's account lacks a right, with how to give it. */
  StoreException missing(String operation) {
    return new StoreException(
        "the gateway's account at the brokers may not %s the topic %s; allow it with kafka-acls.sh --add --allow-principal User:... --operation %s --topic %s%s"
            .formatted(
                operation,
                topic,
                operation,
                topic,
                operation.equals("Create") ? ", or create the topic yourself" : ""));
  }

  @Override
  public String toString() {
    return "topic " + topic + " of the cluster " + cluster;
  }
}
