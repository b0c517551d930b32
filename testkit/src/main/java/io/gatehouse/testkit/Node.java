package io.gatehouse.testkit;

import java.nio.file.Path;
import java.util.Map;

/**
 * Id, folder and ports of a broker.
 *
 * @param id the broker id
 * @param folder the folder for data and settings
 * @param ports the ports by listener name
 */
record Node(int id, Path folder, Map<String, Integer> ports) {

  /** The listener that every broker has, used by the brokers and by tests. */
  static final String PLAINTEXT = "PLAINTEXT";

  static final String CONTROLLER = "CONTROLLER";

  Path data() {
    return folder.resolve("data");
  }

  Path settings() {
    return folder.resolve("server.properties");
  }

  /** The file in which the broker records principals. */
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
