package io.gatehouse.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Kafka's command-line tools, each run in its own JVM.
 *
 * @param version the release
 * @param input the standard input of the tool
 * @param limit the maximum run time
 */
public record KafkaTools(KafkaVersion version, String input, Duration limit) {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  // The simple class names of the tools, whose packages differ between releases.
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          Map.entry("kafka-acls", "AclCommand"),
          Map.entry("kafka-broker-api-versions", "BrokerApiVersionsCommand"),
          Map.entry("kafka-client-metrics", "ClientMetricsCommand"),
          Map.entry("kafka-cluster", "ClusterTool"),
          Map.entry("kafka-configs", "ConfigCommand"),
          Map.entry("kafka-console-consumer", "ConsoleConsumer"),
          Map.entry("kafka-console-producer", "ConsoleProducer"),
          Map.entry("kafka-console-share-consumer", "ConsoleShareConsumer"),
          Map.entry("kafka-consumer-groups", "ConsumerGroupCommand"),
          Map.entry("kafka-consumer-perf-test", "ConsumerPerformance"),
          Map.entry("kafka-delegation-tokens", "DelegationTokenCommand"),
          Map.entry("kafka-delete-records", "DeleteRecordsCommand"),
          Map.entry("kafka-dump-log", "DumpLogSegments"),
          Map.entry("kafka-features", "FeatureCommand"),
          Map.entry("kafka-get-offsets", "GetOffsetShell"),
          Map.entry("kafka-groups", "GroupsCommand"),
          Map.entry("kafka-leader-election", "LeaderElectionCommand"),
          Map.entry("kafka-log-dirs", "LogDirsCommand"),
          Map.entry("kafka-metadata-quorum", "MetadataQuorumCommand"),
          Map.entry("kafka-producer-perf-test", "ProducerPerformance"),
          Map.entry("kafka-reassign-partitions", "ReassignPartitionsCommand"),
          Map.entry("kafka-replica-verification", "ReplicaVerificationTool"),
          Map.entry("kafka-share-consumer-perf-test", "ShareConsumerPerformance"),
          Map.entry("kafka-share-groups", "ShareGroupCommand"),
          Map.entry("kafka-storage", "StorageTool"),
          Map.entry("kafka-streams-groups", "StreamsGroupCommand"),
          Map.entry("kafka-topics", "TopicCommand"),
          Map.entry("kafka-transactions", "TransactionsCommand"),
          Map.entry("kafka-verifiable-consumer", "VerifiableConsumer"),
          Map.entry("kafka-verifiable-producer", "VerifiableProducer"),
          Map.entry("kafka-verifiable-share-consumer", "VerifiableShareConsumer"));

  /** The tools of a release, without input and with a limit of one minute. */
  public static KafkaTools of(KafkaVersion version) {
    return new KafkaTools(version, "", LIMIT);
  }

  /** {@link #run(String, String...)} without input and with a limit of one minute. */
  public static ToolResult run(KafkaVersion version, String tool, String... arguments) {
    return of(version).run(tool, arguments);
  }

  public KafkaTools withInput(String text) {
    return new KafkaTools(version, text, limit);
  }

  public KafkaTools withLimit(Duration time) {
    return new KafkaTools(version, input, time);
  }

  /**
   * Runs a tool until it ends. Relative file names are relative to the working directory.
   *
   * @param tool a name such as {@code kafka-topics}, with or without {@code .sh}, or the full name
   *     of a main class
   * @throws IllegalArgumentException if the release does not have this tool
   * @throws IllegalStateException if it does not end in time, with its output
   */
  public ToolResult run(String tool, String... arguments) {
    KafkaJars jars = version.toolJars();
    return ToolRun.of(jars, mainClass(jars, tool), List.of(arguments), input, limit);
  }

  private String mainClass(KafkaJars jars, String tool) {
    String name = tool.endsWith(".sh") ? tool.substring(0, tool.length() - 3) : tool;
    if (name.indexOf('.') >= 0) {
      return name;
    }
    String simpleName = CLASSES.get(name);
    if (simpleName == null) {
      throw new IllegalArgumentException(
          "no tool '" + tool + "'; known: " + CLASSES.keySet().stream().sorted().toList());
    }
    return jars.findClass(simpleName)
        .orElseThrow(
            () -> new IllegalArgumentException("Kafka " + version + " has no tool '" + tool + "'"));
  }
}
