package io.gatehouse.gateway.tenant;

import java.util.Map;

/**
 * What a virtual cluster allows of new topics, and how they are made.
 *
 * @param autoCreate whether topics are created when clients ask for them
 * @param defaults what requests to create topics leave open
 */
public record TopicRules(boolean autoCreate, Defaults defaults, Limits limits) {

  /** For the brokers to decide. */
  public static final int UNSET = -1;

  /** The brokers alone decide. */
  public static final TopicRules OPEN =
      new TopicRules(true, new Defaults(UNSET, UNSET, Map.of()), Limits.NONE);

  /**
   * What a new topic gets.
   *
   * @param partitions their number, or {@link #UNSET}
   * @param replicationFactor or {@link #UNSET}
   * @param configs the topic's configuration
   */
  public record Defaults(int partitions, int replicationFactor, Map<String, String> configs) {
    public Defaults {
      configs = Map.copyOf(configs);
    }
  }

  /** What all topics together, or each of them, can have at most. */
  public record Limits(int topics, int partitions, int partitionsPerTopic) {
    public static final Limits NONE =
        new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /** Whether the partitions of a new topic must be known. */
    boolean ofPartitions() {
      return partitions < Integer.MAX_VALUE || partitionsPerTopic < Integer.MAX_VALUE;
    }

    /** Whether the topics that there are must be known. */
    public boolean ofAll() {
      return topics < Integer.MAX_VALUE || partitions < Integer.MAX_VALUE;
    }
  }

  /** The partitions of a topic whose creator has not chosen; {@link #UNSET} for the brokers'. */
  public int partitions() {
    // What brokers would choose is not known here, and must be counted.
    return defaults.partitions == UNSET && limits.ofPartitions() ? 1 : defaults.partitions;
  }

  /** Whether requests to create topics are looked at. */
  public boolean concernsCreation() {
    return !defaults.equals(OPEN.defaults) || concernsPartitions();
  }

  /** Whether requests for more partitions are looked at. */
  public boolean concernsPartitions() {
    return !limits.equals(Limits.NONE);
  }

  /** Whether brokers must not create topics of their own accord. */
  public boolean concernsAutoCreation() {
    return !autoCreate || concernsCreation();
  }
}
