package io.gatehouse.app.seeds;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The steps of the SNI tutorial in one JVM that resolves the gateway's names: describes the
 * brokers, creates a topic with six partitions, lists it, produces and consumes.
 */
final class SniClient {

  private static final int PARTITIONS = 6;
  private static final String TOPIC = "test";

  private SniClient() {}

  /** Runs the client in a JVM that resolves only these names, to loopback. */
  static String run(Path folder, String properties, String names)
      throws IOException, InterruptedException {
    Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 " + names + "\n");
    Path file = Files.writeString(folder.resolve("client.properties"), properties);
    Path out = folder.resolve("client.out");
    Process client =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty("java.class.path"),
                SniClient.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      if (!client.waitFor(60, TimeUnit.SECONDS) || client.exitValue() != 0) {
        throw new AssertionError(Files.readString(out));
      }
      return Files.readString(out);
    } finally {
      client.destroyForcibly();
    }
  }

  /** The client: a file of properties. */
  public static void main(String... arguments) throws Exception {
    Map<String, Object> common = new Page(Files.readString(Path.of(arguments[0]))).properties();
    try (Admin admin = Admin.create(common);
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(common, new StringSerializer(), new StringSerializer())) {
      TreeSet<String> nodes = new TreeSet<>();
      admin
          .describeCluster()
          .nodes()
          .get(30, TimeUnit.SECONDS)
          .forEach(node -> nodes.add(node.host() + ":" + node.port()));
      System.out.println("nodes " + nodes);
      var _ =
          admin
              .createTopics(
                  List.of(new NewTopic(TOPIC, Optional.of(PARTITIONS), Optional.of((short) 1))))
              .all()
              .get(30, TimeUnit.SECONDS);
      System.out.println("topics " + admin.listTopics().names().get(30, TimeUnit.SECONDS));
      for (int i = 0; i < PARTITIONS; i++) {
        var _ =
            producer.send(new ProducerRecord<>(TOPIC, i, "", "hello")).get(30, TimeUnit.SECONDS);
      }
    }
    Map<String, Object> reading = new HashMap<>(common);
    reading.put("group.id", "test-group");
    reading.put("auto.offset.reset", "earliest");
    int read = 0;
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(TOPIC));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (read < PARTITIONS && System.nanoTime() - end < 0) {
        read += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
    System.out.println("read " + read);
  }
}
