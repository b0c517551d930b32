package io.gatehouse.gateway.tenant;

/** The resources that have configurations (KIP-133, KIP-714, KIP-1142). */
final class ResourceTypes {

  static final int UNKNOWN = 0;
  private static final int TOPIC = 2;
  private static final int GROUP = 32;

  /** The configuration of a share group that names the topic of its dead letters (KIP-1191). */
  private static final String DEAD_LETTERS = "errors.deadletterqueue.topic.name";

  private ResourceTypes() {}

  static boolean isTopic(int type) {
    return type == TOPIC;
  }

  /** Whether the value of a configuration is the name of a topic. */
  static boolean isTopicName(String config) {
    return config.equals(DEAD_LETTERS);
  }

  /**
   * Whether a tenant has resources of this type of its own. Others are the brokers', or concern all
   * clients of the cluster as client metrics do (KIP-714).
   */
  static boolean isOfTenant(int type) {
    return type == TOPIC || type == GROUP;
  }
}
