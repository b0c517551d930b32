package io.gatehouse.testkit;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where one broker lives.
 *
 * @param id its broker id
 * @param folder for its data and settings
 * @param ports by listener name
 */
record Node(int id, Path folder, Map<String, Integer> ports) {

  /** The listener that every broker has, for the brokers themselves and for tests. */
  static final String PLAINTEXT = "PLAINTEXT";

  static final String CONTROLLER = "CONTROLLER";

  Path data() {
    return folder.resolve("data");
  }

  Path settings() {
    return folder.resolve("server.properties");
  }

  /** Where the broker writes down who logs in. */
  Path principals() {
    return folder.resolve("principals.tsv");
  }

  int port(String listener) {
    Integer port = ports.get(listener);
    if (port == null) {
      throw new IllegalArgumentException(
          "no listener '" + listener + "'; there are " + ports.keySet());
    }
    return port;
  }

  String address(String listener) {
    return KafkaCluster.HOST + ":" + port(listener);
  }
}
