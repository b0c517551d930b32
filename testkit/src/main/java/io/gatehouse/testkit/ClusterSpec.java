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

/** The settings of a cluster to start. Created by {@link KafkaCluster#of}. */
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

  /** Sets the lowest broker id, 0 by default; the others follow it. */
  public ClusterSpec withFirstId(int id) {
    if (id < 0) {
      throw new IllegalArgumentException("broker ids start from 0, not " + id);
    }
    firstId = id;
    return this;
  }

  /** Sets a property of all brokers, overriding the testkit's defaults. */
  public ClusterSpec with(String key, String value) {
    properties.put(key, value);
    return this;
  }

  /** Sets a property of one broker, overriding those of all brokers. */
  public ClusterSpec withBroker(int id, String key, String value) {
    brokerProperties.computeIfAbsent(id, _ -> new TreeMap<>()).put(key, value);
    return this;
  }

  /**
   * Adds a listener with its own port on every broker. The listener {@code PLAINTEXT} always
   * exists.
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
   * Adds a secured listener with its own port on every broker, and makes the brokers record the
   * principals of clients ({@link KafkaCluster#principalsSeen}).
   */
  public ClusterSpec with(Listener listener) {
    withListener(listener.name(), listener.protocol());
    secured.put(listener.name(), listener);
    return this;
  }

  /**
   * Enables Kafka's authorizer with these super users in addition to the brokers. The brokers and
   * all clients of the listener {@code PLAINTEXT} are {@code User:ANONYMOUS}, which is a super user
   * too.
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
   * Adds arguments for the brokers' JVMs after the testkit's defaults ({@code -Xmx320m}, C1 only,
   * serial collector).
   */
  public ClusterSpec withJvm(String... arguments) {
    jvmArguments.addAll(List.of(arguments));
    return this;
  }

  /**
   * Makes the controllers a dynamic quorum (KIP-853), as in a new 4.x installation. The default is
   * a static quorum, which starts slightly faster. Only from 4.4 on.
   */
  public ClusterSpec withDynamicQuorum() {
    if (version != KafkaVersion.V4_4) {
      throw new IllegalArgumentException("dynamic quorums need Kafka 4.4, not " + version);
    }
    dynamicQuorum = true;
    return this;
  }

  /** Does not create the AOT cache if it is missing, which would take a few seconds at the end. */
  public ClusterSpec withoutTraining() {
    training = false;
    return this;
  }

  /**
   * Starts a cluster and waits until every broker is ready.
   *
   * @throws IllegalStateException if it is not ready within 90 seconds, with the end of the
   *     brokers' logs
   */
  public KafkaCluster start() {
    return start(START_LIMIT);
  }

  /**
   * Starts a cluster and waits at most this time until every broker is ready. Errors as for {@link
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

  /** The secured listeners by name. */
  Map<String, Listener> secured() {
    return secured;
  }

  /** The host name of a listener for clients, which certificates and Kerberos need. */
  String host(String listener) {
    return secured.containsKey(listener) ? "localhost" : KafkaCluster.HOST;
  }

  /** The properties that were set for this broker. */
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

  /**
   * Whether a broker of this cluster may create the AOT cache, because it is like those of most
   * tests.
   */
  boolean mayTrain() {
    return training && jvmArguments.isEmpty() && secured.isEmpty();
  }

  boolean isDynamicQuorum() {
    return dynamicQuorum;
  }
}
