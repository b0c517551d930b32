package io.gatehouse.control.store;

import io.gatehouse.control.kafka.KafkaAccess;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a log is.
 *
 * @param cluster name of the cluster in the settings
 * @param replication replicas of the topic if it has to be created; -1 for the brokers' default
 */
public record KafkaPlace(KafkaAccess access, String cluster, String topic, int replication) {

  /** Properties of a client for this place, with others that it needs. */
  Map<String, Object> client(Map<String, Object> others) {
    Map<String, Object> all = new HashMap<>(access.properties(cluster));
    all.putAll(others);
    return all;
  }

  @Override
  public String toString() {
    return "topic " + topic + " of the cluster " + cluster;
  }
}
