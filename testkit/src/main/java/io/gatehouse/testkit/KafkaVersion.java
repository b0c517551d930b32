package io.gatehouse.testkit;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The Kafka releases that the testkit can start. */
public enum KafkaVersion {
  /**
   * Share groups, streams groups, both consumer group protocols, transactions v2. Its command-line
   * tools are those of 4.3, the newest published ones.
   */
  V4_4("4.4", "tools-4.3"),
  /** The last release line with classic groups as the only default. */
  V3_9("3.9", "3.9"),
  /** The oldest supported release line, with metadata in ZooKeeper. */
  V2_8("2.8", "2.8");

  private final String text;
  private final String toolsFolder;

  KafkaVersion(String text, String toolsFolder) {
    this.text = text;
    this.toolsFolder = toolsFolder;
  }

  /**
   * The version with this name, such as {@code 4.4}.
   *
   * @throws IllegalArgumentException with the known versions
   */
  public static KafkaVersion of(String text) {
    return Arrays.stream(values())
        .filter(version -> version.text.equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no Kafka version '"
                    + text
                    + "'; known: "
                    + Arrays.stream(values())
                        .map(KafkaVersion::toString)
                        .collect(Collectors.joining(", "))));
  }

  /** Whether the brokers need no ZooKeeper (KIP-500). */
  public boolean isKraft() {
    return this != V2_8;
  }

  KafkaJars jars() {
    return KafkaJars.in(text);
  }

  KafkaJars toolJars() {
    return KafkaJars.in(toolsFolder);
  }

  @Override
  public String toString() {
    return text;
  }
}
