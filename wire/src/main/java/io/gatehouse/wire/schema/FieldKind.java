package io.gatehouse.wire.schema;

/** What a field means to a gateway; most fields mean nothing. */
public enum FieldKind {
  NONE,
  TOPIC_NAME,
  TOPIC_ID,
  GROUP_ID,
  TRANSACTIONAL_ID,
  PRODUCER_ID,
  BROKER_ID,
  /** The node id that the next host and port belong to. */
  NODE_ID,
  /** Host of a broker that clients will connect to; {@link #PORT} follows directly. */
  HOST,
  PORT,
  /** Host of a KRaft controller or voter endpoint; its port follows directly. */
  CONTROLLER_HOST,
  CONTROLLER_PORT,
  /** Host that an application published for itself (Kafka Streams); its port follows directly. */
  APPLICATION_HOST,
  APPLICATION_PORT,
  ERROR_CODE,
  /** Free text of a broker about what went wrong, which may name listeners. */
  ERROR_MESSAGE,
  RECORDS,
  ACKS,
  RESOURCE_TYPE,
  /** Its kind depends on the {@link #RESOURCE_TYPE} beside it. */
  RESOURCE_NAME,
  /** Name of a configuration that a broker tells; its {@link #CONFIG_VALUE} follows directly. */
  CONFIG_NAME,
  CONFIG_VALUE,
  /** An api that a broker serves, from its {@link #LOWEST_VERSION} to the highest. */
  API_KEY,
  LOWEST_VERSION,
  HIGHEST_VERSION,
  COORDINATOR_KEY_TYPE,
  /** Its kind depends on the request's {@link #COORDINATOR_KEY_TYPE}. */
  COORDINATOR_KEY,
  /** Never shown in logs or JSON: SASL bytes, SCRAM salts and passwords, token HMACs. */
  SECRET
}
