package io.gatehouse.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What cluster to start: collects its settings, and starts it. Made by {@link KafkaCluster#of}. */
public final class ClusterSpec {

  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  private final KafkaVersion version;
  private final int brokers;
  private final Map<String, String> listeners = new TreeMap<>();
  private final Map<String, String> properties = new TreeMap<>();
  private final Map<Integer, Map<String, String>> brokerProperties = new HashMap<>();
  private final List<String> jvmArguments = new ArrayList<>();
  private final Map<String, Listener> secured = new TreeMap<>();
  private int firstId;
  private boolean dynamicQuorum;
  private boolean training = true;

  ClusterSpec(KafkaVersion version, int brokers) {
    if (brokers < 1) {
      throw new IllegalArgumentException("a cluster needs a broker or more, not " + brokers);
    }
    this.version = version;
    this.brokers = brokers;
  }

  /** Sets the lowest broker id, instead of 0; the others follow it. */
  public ClusterSpec withFirstId(int id) {
    if (id < 0) {
      throw new IllegalArgumentException("broker ids start from 0, not " + id);
    }
    firstId = id;
    return this;
  }

  /** Sets a broker property, over the testkit's own, for all brokers. */
  public ClusterSpec with(String key, String value) {
    properties.put(key, value);
    return this;
  }

  /** Sets a property of one broker, over those of all. */
  public ClusterSpec withBroker(int id, String key, String value) {
    brokerProperties.computeIfAbsent(id, _ -> new TreeMap<>()).put(key, value);
    return this;
  }

  /**
   * Adds a listener, with a port of its own on every broker. Listener {@code PLAINTEXT} is always
   * there.
   *
   * @param name in capitals, as in {@code listener.name.NAME.*}
   * @param securityProtocol {@code PLAINTEXT}, {@code SSL}, {@code SASL_PLAINTEXT} or {@code
   *     SASL_SSL}
   */
  public ClusterSpec withListener(String name, String securityProtocol) {
    if (name.equals(Node.PLAINTEXT) || name.equals(Node.CONTROLLER)) {
      throw new IllegalArgumentException("every cluster has a listener " + name + " already");
    }
    listeners.put(name, securityProtocol);
    return this;
  }

  /**
   * Adds a secured listener, with a port of its own on every broker, and has the brokers write down
   * who logs in ({@link KafkaCluster#principalsSeen}).
   */
  public ClusterSpec with(Listener listener) {
    withListener(listener.name(), listener.protocol());
    secured.put(listener.name(), listener);
    return this;
  }

  /**
   * Has the brokers ask Kafka's own authorizer, with these super users beside themselves. They and
   * every client of listener {@code PLAINTEXT} are {@code User:ANONYMOUS}, which may do anything.
   *
   * @param superUsers as in {@code User:admin}
   */
  public ClusterSpec withAuthorizer(String... superUsers) {
    with(
        "authorizer.class.name",
        version.isKraft()
            ? "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
            : "kafka.security.authorizer.AclAuthorizer");
    return with(
        "super.users",
        Stream.concat(Stream.of("User:ANONYMOUS"), Stream.of(superUsers))
            .collect(Collectors.joining(";")));
  }

  /**
   * Adds arguments for the brokers' JVMs, after the testkit's own ({@code -Xmx320m}, C1 only,
   * serial collector).
   */
  public ClusterSpec withJvm(String... arguments) {
    jvmArguments.addAll(List.of(arguments));
    return this;
  }

  /**
   * Makes the controllers a dynamic quorum (KIP-853), as in a new 4.x installation, instead of a
   * static one, which is up a little sooner. From 4.4 only.
   */
  public ClusterSpec withDynamicQuorum() {
    if (version != KafkaVersion.V4_4) {
      throw new IllegalArgumentException("dynamic quorums need Kafka 4.4, not " + version);
    }
    dynamicQuorum = true;
    return this;
  }

  /**
   * Makes no cache of loaded classes where there is none yet, which would take some seconds at the
   * end.
   */
  public ClusterSpec withoutTraining() {
    training = false;
    return this;
  }

  /**
   * Starts a cluster and waits until every broker is ready.
   *
   * @throws IllegalStateException when it is not ready in 90 seconds, with the end of the brokers'
   *     logs
   */
  public KafkaCluster start() {
    return start(START_LIMIT);
  }

  /**
   * Starts a cluster and waits until every broker is ready, so long at most. Errors as for {@link
   * #start()}.
   */
  public KafkaCluster start(Duration limit) {
    return KafkaCluster.start(this, limit);
  }

  KafkaVersion version() {
    return version;
  }

  int brokers() {
    return brokers;
  }

  List<Integer> ids() {
    return IntStream.range(firstId, firstId + brokers).boxed().toList();
  }

  Map<String, String> listeners() {
    return listeners;
  }

  /** The secured ones, by name. */
  Map<String, Listener> secured() {
    return secured;
  }

  /** The name under which clients reach a listener: certificates and Kerberos need one. */
  String host(String listener) {
    return secured.containsKey(listener) ? "localhost" : KafkaCluster.HOST;
  }

  /** What was set for this broker. */
  Map<String, String> properties(int id) {
    Map<String, String> all = new TreeMap<>();
    secured.values().forEach(listener -> all.putAll(listener.brokerProperties()));
    all.putAll(properties);
    all.putAll(brokerProperties.getOrDefault(id, Map.of()));
    return all;
  }

  List<String> jvmArguments() {
    Map<String, String> system = new TreeMap<>();
    for (Listener listener : secured.values()) {
      listener
          .systemProperties()
          .forEach((key, value) ->
              system.merge(key, value, (old, more) -> old.equals(more) ? old : old + "," + more));
    }
    return Stream.concat(
            system.entrySet().stream().map(e -> "-D" + e.getKey() + "=" + e.getValue()),
            jvmArguments.stream())
        .toList();
  }

  /** Whether a broker of it may make the cache: one like those of most tests. */
  boolean mayTrain() {
    return training && jvmArguments.isEmpty() && secured.isEmpty();
  }

  boolean isDynamicQuorum() {
    return dynamicQuorum;
  }
}
