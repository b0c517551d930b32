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
  /** The bits of what a client may do with the resource of its struct (KIP-430). */
  AUTHORIZED_OPERATIONS,
  /** The epoch of a session of fetches (KIP-227, KIP-932); above 0 in one that exists. */
  SESSION_EPOCH,
  /** How many bytes of records a fetch may return, beside at least one batch (KIP-74). */
  FETCHED_BYTES,
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
  /**
   * Name of a configuration; {@link #CONFIG_VALUE} follows in the same struct. Values may contain
   * addresses of brokers, and the name of a topic ({@code errors.deadletterqueue.topic.name} of
   * share groups).
   */
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
  /** A regular expression over transactional ids. */
  TRANSACTIONAL_ID_PATTERN,
  /** A principal with its type, for instance {@code User:alice}, in ACLs. */
  PRINCIPAL,
  /** A principal's name, in SCRAM credentials and delegation tokens. */
  PRINCIPAL_NAME,
  /** Host from which an ACL allows or denies access. */
  ACL_HOST,
  /** Host of a group's member as the broker sees it. */
  CLIENT_HOST,
  QUOTA_ENTITY_TYPE,
  /** A user, client id or IP address, by the {@link #QUOTA_ENTITY_TYPE} before it. */
  QUOTA_ENTITY_NAME,
  /** Id of a delegation token, which is also its user name. */
  TOKEN_ID,
  /** Path of a log directory on a broker. */
  LOG_DIR,
  /** Name of a broker's or controller's listener, beside its host. */
  LISTENER_NAME,
  /** A part of a request or response that one broker forwards to another (KIP-590). */
  ENVELOPE,
  /** Never shown in logs or JSON: SASL bytes, SCRAM salts and passwords, token HMACs. */
  SECRET
}
