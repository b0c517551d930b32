package io.gatehouse.gateway.tenant;

import java.nio.charset.StandardCharsets;

/**
 * A virtual cluster. Compared by value, so that clients of equal ones share a plan.
 *
 * @param name as its users know it
 * @param prefix what the names of its topics, groups and transactional ids begin with at the
 *     brokers; characters of topic names (KAFKA-1641: letters, digits, {@code . _ -})
 * @param newTopics how topics come into being
 */
public record Tenant(String name, String prefix, TopicRules newTopics) {

  /** Where the brokers decide about new topics. */
  public Tenant(String name, String prefix) {
    this(name, prefix, TopicRules.OPEN);
  }

  public Tenant {
    if (name.isEmpty() || prefix.isEmpty()) {
      throw new IllegalArgumentException("a virtual cluster needs a name and a prefix");
    }
  }

  /** The name at the brokers of what its clients call {@code name}. */
  public String toBroker(String name) {
    return prefix + name;
  }

  /** Whether a broker's name belongs to this virtual cluster. */
  public boolean owns(String brokerName) {
    return brokerName.length() > prefix.length() && brokerName.startsWith(prefix);
  }

  /** What its clients call a broker's name that belongs to it. */
  public String toClient(String brokerName) {
    return brokerName.substring(prefix.length());
  }

  /** The length of the prefix in bytes. */
  int prefixBytes() {
    return prefix.getBytes(StandardCharsets.UTF_8).length;
  }
}
