package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/**
 * Formats the brokers' data folders, as {@code kafka-storage format} does. With a static quorum the
 * result differs only in a few ids, so the tool is run once per release and its result is kept in
 * the build folder. The first snapshot of a dynamic quorum contains its controllers, so for those
 * the tool is run for each cluster.
 */
final class KraftStorage {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String IDS = "meta.properties";

  private final ClusterSpec spec;
  private final KafkaJars jars;
  private final String clusterId = Uuid.randomUuid().toString();
  private final Map<Integer, String> directoryIds = new LinkedHashMap<>();

  KraftStorage(ClusterSpec spec) {
    this.spec = spec;
    this.jars = spec.version().jars();
    spec.ids().forEach(id -> directoryIds.put(id, Uuid.randomUuid().toString()));
  }

  String clusterId() {
    return clusterId;
  }

  /** Formats the folders of all nodes. Their settings files must exist. */
  void format(List<Node> nodes) {
    try {
      Path formatted = spec.isDynamicQuorum() ? formatWithControllers(nodes) : formatOnce();
      for (Node node : nodes) {
        if (!node.data().equals(formatted)) {
          copy(formatted, node.data());
        }
        Properties ids = new Properties();
        ids.setProperty("version", "1");
        ids.setProperty("cluster.id", clusterId);
        ids.setProperty("node.id", String.valueOf(node.id()));
        ids.setProperty("directory.id", directoryIds.getOrDefault(node.id(), ""));
        try (Writer out = Files.newBufferedWriter(node.data().resolve(IDS))) {
          ids.store(out, null);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path formatWithControllers(List<Node> nodes) {
    String controllers =
        nodes.stream()
            .map(node ->
                node.id() + "@" + node.address(Node.CONTROLLER) + ":" + directoryIds.get(node.id()))
            .collect(Collectors.joining(","));
    Node first = nodes.getFirst();
    runTool(first.settings(), List.of("--initial-controllers", controllers));
    return first.data();
  }

  private Path formatOnce() throws IOException {
    Path kept = jars.target().resolve("formatted-" + jars.fingerprint());
    if (Files.isDirectory(kept)) {
      return kept;
    }
    Path draft = Files.createTempDirectory(jars.target(), "formatting-");
    Node node = new Node(0, draft, Map.of(Node.PLAINTEXT, 1, Node.CONTROLLER, 2));
    Map<String, String> settings =
        new BrokerSettings(new ClusterSpec(spec.version(), 1), List.of(node), 0).of(node);
    write(settings, node.settings());
    runTool(node.settings(), List.of());
    try {
      Files.move(node.data(), kept, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // There is no special exception if another process has created it in the meantime.
      if (!Files.isDirectory(kept)) {
        throw e;
      }
    }
    ClusterFolder.delete(draft);
    return kept;
  }

  private void runTool(Path settings, List<String> more) {
    List<String> arguments =
        Stream.concat(
                Stream.of("format", "--cluster-id", clusterId, "--config", settings.toString()),
                more.stream())
            .toList();
    ToolRun.of(jars, "kafka.tools.StorageTool", arguments, "", LIMIT).orThrow();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  static void write(Map<String, String> settings, Path file) throws IOException {
    Properties properties = new Properties();
    properties.putAll(settings);
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
  }
}
