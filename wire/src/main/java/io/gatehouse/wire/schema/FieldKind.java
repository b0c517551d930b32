package io.gatehouse.wire.schema;

/** The meaning of a field to a gateway; most fields have none. */
public enum FieldKind {
  NONE,
  TOPIC_NAME,
  TOPIC_ID,
  GROUP_ID,
  TRANSACTIONAL_ID,
  PRODUCER_ID,
  BROKER_ID,
  /** The node id of the host and port that follow. */
  NODE_ID,
  /** Host of a broker that clients connect to; {@link #PORT} is the next field. */
  HOST,
  PORT,
  /** Host of a KRaft controller or voter endpoint; its port is the next field. */
  CONTROLLER_HOST,
  CONTROLLER_PORT,
  /** Host that an application publishes for itself (Kafka Streams); its port is the next field. */
  APPLICATION_HOST,
  APPLICATION_PORT,
  /** The epoch of a partition's leader that a broker tells clients of. */
  LEADER_EPOCH,
  ERROR_CODE,
  /** A broker's error text, which may contain addresses. */
  ERROR_MESSAGE,
  RECORDS,
  ACKS,
  RESOURCE_TYPE,
  /**
   * Its meaning depends on the {@link #RESOURCE_TYPE} in the same struct, which comes before it
   * except in ListConfigResources.
   */
  RESOURCE_NAME,
  /** Name of a broker's configuration; {@link #CONFIG_VALUE} is the next field. */
  CONFIG_NAME,
  CONFIG_VALUE,
  /** An API that a broker supports, from {@link #LOWEST_VERSION} to {@link #HIGHEST_VERSION}. */
  API_KEY,
  LOWEST_VERSION,
  HIGHEST_VERSION,
  COORDINATOR_KEY_TYPE,
  /** Its meaning depends on the request's {@link #COORDINATOR_KEY_TYPE}. */
  COORDINATOR_KEY,
  CLUSTER_ID,
  /** A regular expression over topic names (KIP-848, KIP-1071). */
  TOPIC_PATTERN,
  /** The embedded protocol of a classic group, for instance {@code consumer} or {@code connect}. */
  GROUP_PROTOCOL_TYPE,
  /**
   * What a member of a classic group tells the leader, in the form of {@link #GROUP_PROTOCOL_TYPE}.
   */
  GROUP_METADATA,
  /** What the leader of a classic group assigns to a member, in the same form. */
  GROUP_ASSIGNMENT,
  /** Never shown in logs or JSON: SASL bytes, SCRAM salts and passwords, token HMACs. */
  SECRET
}
