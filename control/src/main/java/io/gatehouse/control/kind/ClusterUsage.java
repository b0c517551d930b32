package io.gatehouse.control.kind;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How much of the brokers a virtual cluster may use.
 *
 * @param autoCreate whether topics are created when clients ask for them
 * @param defaults what the creators of topics leave open
 * @param limits those that are set
 */
public record ClusterUsage(boolean autoCreate, Defaults defaults, Map<Limit, Long> limits) {

  /** Nothing is set. */
  public static final ClusterUsage UNLIMITED =
      new ClusterUsage(true, new Defaults(null, null, Map.of()), Map.of());

  /** What a new topic gets; null for what the brokers choose. */
  public record Defaults(
      @Nullable Integer partitions,
      @Nullable Integer replicationFactor,
      Map<String, String> configs) {

    private static final Defaults NONE = new Defaults(null, null, Map.of());

    public Defaults {
      configs = Map.copyOf(configs);
    }

    private static Defaults read(Fields fields) {
      Defaults read =
          new Defaults(
              number(fields, "partitions", MOST_PARTITIONS),
              number(fields, "replicationFactor", Short.MAX_VALUE),
              fields.settings("configs"));
      fields.close();
      return read;
    }

    private static @Nullable Integer number(Fields fields, String name, int most) {
      return fields.isGiven(name) ? (Integer) (int) fields.number(name, 1, most) : null;
    }

    private Map<String, @Nullable Object> document() {
      Map<String, @Nullable Object> document = Fields.map();
      if (partitions != null) {
        document.put("partitions", partitions);
      }
      if (replicationFactor != null) {
        document.put("replicationFactor", replicationFactor);
      }
      if (!configs.isEmpty()) {
        document.put("configs", new TreeMap<String, @Nullable Object>(configs));
      }
      return document;
    }
  }

  /** More partitions than a topic can have: a controller refuses to create 10,000 at once. */
  private static final int MOST_PARTITIONS = 1_000_000;

  /** What can be limited. */
  public enum Limit {
    TOPICS("topics", 0),
    PARTITIONS("partitions", 0),
    PARTITIONS_PER_TOPIC("partitionsPerTopic", 1);

    private final String field;
    private final long least;

    Limit(String field, long least) {
      this.field = field;
      this.least = least;
    }
  }

  public ClusterUsage {
    limits = Map.copyOf(limits);
  }

  /** A limit; null if it is not set. */
  public @Nullable Long limit(Limit which) {
    return limits.get(which);
  }

  static ClusterUsage read(Fields spec) {
    boolean autoCreate = true;
    Defaults defaults = Defaults.NONE;
    if (spec.isGiven("topics")) {
      Fields topics = spec.object("topics");
      autoCreate = topics.flag("autoCreate", true);
      if (topics.isGiven("defaults")) {
        defaults = Defaults.read(topics.object("defaults"));
      }
      topics.close();
    }
    Map<Limit, Long> limits = new EnumMap<>(Limit.class);
    if (spec.isGiven("limits")) {
      Fields fields = spec.object("limits");
      for (Limit limit : Limit.values()) {
        if (fields.isGiven(limit.field)) {
          limits.put(limit, fields.number(limit.field, limit.least, Integer.MAX_VALUE - 1));
        }
      }
      fields.close();
    }
    ClusterUsage usage = new ClusterUsage(autoCreate, defaults, limits);
    Long perTopic = usage.limit(Limit.PARTITIONS_PER_TOPIC);
    if (perTopic != null && defaults.partitions != null && defaults.partitions > perTopic) {
      spec.problem(
          "topics.defaults.partitions",
          "%d is more than limits.%s, which is %d"
              .formatted(defaults.partitions, Limit.PARTITIONS_PER_TOPIC.field, perTopic));
    }
    return usage;
  }

  /** Adds what is set to the document of a virtual cluster. */
  void write(Map<String, @Nullable Object> spec) {
    Map<String, @Nullable Object> topics = Fields.map();
    if (!autoCreate) {
      topics.put("autoCreate", false);
    }
    if (!defaults.equals(Defaults.NONE)) {
      topics.put("defaults", defaults.document());
    }
    if (!topics.isEmpty()) {
      spec.put("topics", topics);
    }
    if (!limits.isEmpty()) {
      Map<String, @Nullable Object> document = Fields.map();
      new EnumMap<>(limits).forEach((limit, value) -> document.put(limit.field, value));
      spec.put("limits", document);
    }
  }
}
