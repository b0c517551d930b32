package io.gatehouse.control.kafka;

import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.Source;
import java.util.Map;

/** Access of this process's own Kafka clients to the clusters behind the gateway. */
public interface KafkaAccess {

  /**
   * Finds the access in the {@link Pool} of a running gateway, which must provide it.
   *
   * @see Pool#provide
   */
  Source<KafkaAccess> SOURCE =
      parts -> {
        throw new IllegalArgumentException("this process has no access to Kafka of its own");
      };

  /**
   * Properties of a Java client that connect and authenticate it, as the gateway's own account.
   * They hold as long as the cluster's bootstrap servers stay the same: a client that cannot
   * connect for long should be replaced by one with new properties. Blocks while the access is
   * opened.
   *
   * @param cluster name of an upstream cluster in the settings
   * @return a new map; it holds a password, so it must not be logged
   * @throws IllegalArgumentException when there is no such cluster, or its settings cannot be used,
   *     with a message for the user
   */
  Map<String, Object> properties(String cluster);
}
