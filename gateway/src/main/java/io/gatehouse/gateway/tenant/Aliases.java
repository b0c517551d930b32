package io.gatehouse.gateway.tenant;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names that the clients of a virtual cluster use for topics outside it. Each topic has one, so
 * that responses of brokers can be translated. Immutable; compared by value.
 *
 * <p>A marked name, see {@link TopicMask}, stands for the marked name of the topic.
 */
public final class Aliases {

  public static final Aliases NONE = new Aliases(Map.of());

  private final Map<String, String> topicByAlias;
  private final Map<String, String> aliasByTopic = new HashMap<>();
  private final Set<String> readOnly;

  /**
   * Those of these aliases that can be marked, as all can that have a letter or a digit.
   *
   * @param topics the names at the brokers by alias; each is there once
   * @param readOnly the aliases by which topics cannot be changed
   */
  public Aliases(Map<String, String> topics, Set<String> readOnly) {
    this.readOnly = Set.copyOf(readOnly);
    Map<String, String> marked = new HashMap<>();
    topics.forEach((alias, topic) -> {
      if (TopicMask.masked(alias) != null && TopicMask.masked(topic) != null) {
        marked.put(alias, topic);
        aliasByTopic.put(topic, alias);
      }
    });
    topicByAlias = Map.copyOf(marked);
  }

  /** Aliases by which topics can be changed. */
  public Aliases(Map<String, String> topics) {
    this(topics, Set.of());
  }

  /** The aliases by which topics cannot be changed. */
  public Set<String> readOnly() {
    return readOnly;
  }

  public boolean isEmpty() {
    return topicByAlias.isEmpty();
  }

  /** Whether all of the others are there, too. */
  public boolean include(Aliases others) {
    return topicByAlias.entrySet().containsAll(others.topicByAlias.entrySet());
  }

  /** The topic at the brokers; null if this is no alias. */
  @Nullable String topic(String alias) {
    return find(topicByAlias, alias);
  }

  /** The alias of a topic at the brokers, or null. */
  @Nullable String alias(String topic) {
    return find(aliasByTopic, topic);
  }

  private static @Nullable String find(Map<String, String> names, String name) {
    String found = names.get(name);
    if (found != null) {
      return found;
    }
    String unmarked = TopicMask.unmasked(name);
    if (unmarked == null || !name.equals(TopicMask.masked(unmarked))) {
      return null;
    }
    String other = names.get(unmarked);
    return other == null ? null : TopicMask.masked(other);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Aliases aliases
        && aliases.topicByAlias.equals(topicByAlias)
        && aliases.readOnly.equals(readOnly);
  }

  @Override
  public int hashCode() {
    return topicByAlias.hashCode();
  }
}
