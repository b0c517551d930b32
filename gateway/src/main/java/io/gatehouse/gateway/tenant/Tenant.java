package io.gatehouse.gateway.tenant;

import org.jspecify.annotations.Nullable;

/**
 * A virtual cluster. Compared by value, so that clients of equal ones share a plan.
 *
 * @param name as its users know it
 * @param prefix what the names of its topics, groups and transactional ids begin with at the
 *     brokers; characters of topic names (KAFKA-1641: letters, digits, {@code . _ -})
 * @param newTopics how topics come into being
 * @param aliases names of topics outside it, which do not begin with the prefix
 */
public record Tenant(String name, String prefix, TopicRules newTopics, Aliases aliases) {

  public Tenant {
    if (name.isEmpty() || prefix.isEmpty()) {
      throw new IllegalArgumentException("a virtual cluster needs a name and a prefix");
    }
  }

  /** Where the brokers decide about new topics. */
  public Tenant(String name, String prefix) {
    this(name, prefix, TopicRules.OPEN);
  }

  /** Without aliases. */
  public Tenant(String name, String prefix, TopicRules newTopics) {
    this(name, prefix, newTopics, Aliases.NONE);
  }

  /** With these aliases instead. */
  public Tenant with(Aliases others) {
    return new Tenant(name, prefix, newTopics, others);
  }

  /** The name at the brokers of what its clients call {@code topic}. */
  public String toBroker(String topic) {
    String aliased = aliases.isEmpty() ? null : aliases.topic(topic);
    return aliased == null ? prefix + topic : aliased;
  }

  /** What its clients call a topic of the brokers; null if they do not see it. */
  public @Nullable String toClient(String brokerTopic) {
    String alias = aliases.isEmpty() ? null : aliases.alias(brokerTopic);
    if (alias != null) {
      return alias;
    }
    if (!isPrefixed(brokerTopic)) {
      return null;
    }
    String topic = brokerTopic.substring(prefix.length());
    return !aliases.isEmpty() && aliases.topic(topic) != null ? null : topic;
  }

  /** Whether its clients see a topic of the brokers. */
  public boolean sees(String brokerTopic) {
    return aliases.isEmpty() ? isPrefixed(brokerTopic) : toClient(brokerTopic) != null;
  }

  private boolean isPrefixed(String brokerTopic) {
    return brokerTopic.length() > prefix.length() && brokerTopic.startsWith(prefix);
  }
}
