package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaToolsIT {

  private static KafkaCluster cluster;

  @BeforeAll
  static void start() {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static ToolResult run(String tool, String... arguments) {
    return run(KafkaTools.of(KafkaVersion.V4_4), tool, arguments);
  }

  private static ToolResult run(KafkaTools tools, String tool, String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "--bootstrap-server";
    all[1] = cluster.bootstrapServers();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return tools.run(tool, all);
  }

  @Test
  void recordsGoInAndOut() {
    run("kafka-topics.sh", "--create", "--topic", "words", "--partitions", "2").orThrow();
    assertThat(run("kafka-topics", "--describe", "--topic", "words").orThrow().stdout())
        .contains("PartitionCount: 2");
    KafkaTools writer = KafkaTools.of(KafkaVersion.V4_4).withInput("one\ntwo\nthree\n");
    run(writer, "kafka-console-producer", "--topic", "words").orThrow();
    ToolResult read =
        run(
            "kafka-console-consumer",
            "--topic",
            "words",
            "--group",
            "readers",
            "--from-beginning",
            "--max-messages",
            "3");
    assertThat(read.orThrow().stdout().lines()).containsExactlyInAnyOrder("one", "two", "three");
    assertThat(run("kafka-consumer-groups", "--describe", "--group", "readers").orThrow().stdout())
        .contains("words");
  }

  @Test
  void shareGroupsWork() {
    run("kafka-topics", "--create", "--topic", "jobs").orThrow();
    run(
            "kafka-configs",
            "--alter",
            "--entity-type",
            "groups",
            "--entity-name",
            "workers",
            "--add-config",
            "share.auto.offset.reset=earliest")
        .orThrow();
    run(
            KafkaTools.of(KafkaVersion.V4_4).withInput("job\n"),
            "kafka-console-producer",
            "--topic",
            "jobs")
        .orThrow();
    ToolResult taken =
        run(
            "kafka-console-share-consumer",
            "--topic",
            "jobs",
            "--group",
            "workers",
            "--max-messages",
            "1");
    assertThat(taken.orThrow().stdout()).isEqualTo("job\n");
    assertThat(run("kafka-share-groups", "--list").orThrow().stdout()).contains("workers");
    assertThat(run("kafka-groups", "--list").orThrow().stdout()).contains("workers");
  }

  @Test
  void loadCanBeMade() {
    run("kafka-topics", "--create", "--topic", "load").orThrow();
    ToolResult result =
        run(
            "kafka-producer-perf-test",
            "--topic",
            "load",
            "--num-records",
            "1000",
            "--record-size",
            "100",
            "--throughput",
            "-1");
    assertThat(result.orThrow().stdout()).contains("1000 records sent");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka-metadata-quorum describe --status",
        "kafka-features describe",
        "kafka-cluster cluster-id",
        "kafka-broker-api-versions",
        "kafka-log-dirs --describe",
        "kafka-acls --list",
        "kafka-transactions list",
        "kafka-streams-groups --list",
        "kafka-client-metrics --list",
        "kafka-get-offsets"
      })
  void adminToolsRun(String command) {
    String[] words = command.split(" ", -1);
    String[] all = new String[words.length + 1];
    // These tools accept the address only after their subcommand.
    boolean late = words[0].equals("kafka-cluster");
    System.arraycopy(words, 1, all, late ? 0 : 2, words.length - 1);
    all[late ? words.length - 1 : 0] = "--bootstrap-server";
    all[late ? words.length : 1] = cluster.bootstrapServers();
    ToolResult result = KafkaTools.run(KafkaVersion.V4_4, words[0], all);
    if (words[0].equals("kafka-acls")) {
      assertThat(result.stdout() + result.stderr()).contains("No Authorizer is configured");
    } else {
      result.orThrow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyReleaseHasTopicsTool(KafkaVersion version) {
    ToolResult result =
        KafkaTools.run(
            version, "kafka-topics", "--bootstrap-server", cluster.bootstrapServers(), "--list");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void failuresAreTold() {
    ToolResult result = run("kafka-topics", "--describe", "--topic", "absent");
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.stdout() + result.stderr()).contains("absent");
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("absent");
    assertThatThrownBy(() -> run("kafka-juggling"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("kafka-topics");
    assertThatThrownBy(() -> KafkaTools.run(KafkaVersion.V2_8, "kafka-share-groups"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Kafka 2.8");
    KafkaTools impatient = KafkaTools.of(KafkaVersion.V4_4).withLimit(Duration.ofSeconds(3));
    assertThatThrownBy(
            () -> run(impatient, "kafka-console-consumer", "--topic", "__consumer_offsets"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has not ended");
  }
}
