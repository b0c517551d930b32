package io.gatehouse.app.demo;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The brokers and clients of the command {@code demo}. */
public final class Demo implements AutoCloseable {

  private static final String TOPIC = "demo";
  private static final List<String> GREETINGS = List.of("hello", "from", "behind the gateway");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final PrintStream out;
  private final KafkaCluster cluster;

  private Demo(PrintStream out, KafkaCluster cluster) {
    this.out = out;
    this.cluster = cluster;
  }

  /** Starts the brokers and waits until they serve. */
  public static Demo start(PrintStream out) {
    out.println("starting three Kafka brokers ...");
    KafkaCluster cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 3)
            // Lets users of the demo produce to topics that do not exist yet.
            .with("auto.create.topics.enable", "true")
            .with("default.replication.factor", "3")
            .withoutTraining()
            .start();
    out.println("they listen at " + cluster.bootstrapServers());
    return new Demo(out, cluster);
  }

  /**
   * The variables of a gateway for these brokers. The user's variables override them, except for
   * the bootstrap servers.
   */
  public Map<String, String> environment(Map<String, String> users) {
    Map<String, String> environment = new HashMap<>();
    environment.put("GATEHOUSE_LISTENERS_0_HOST", "127.0.0.1");
    environment.put("GATEHOUSE_LOG_LEVELS", "org.apache.kafka=warn,io.helidon=warn");
    environment.putAll(users);
    environment.put("GATEHOUSE_UPSTREAM_BOOTSTRAP_SERVERS", cluster.bootstrapServers());
    return environment;
  }

  /** Produces and consumes some records through the gateway and prints the results. */
  public void talk(HostPort bootstrap) {
    try {
      Map<String, Object> client = Map.of("bootstrap.servers", bootstrap.toString());
      createTopic(client);
      TopicPartition partition = new TopicPartition(TOPIC, 0);
      long first = send(client, partition);
      read(client, partition, first);
      out.println();
      out.println("The gateway keeps running. Try:");
      out.println("  kcat -b " + bootstrap + " -L");
      out.println("  kcat -b " + bootstrap + " -t " + TOPIC + " -C -e");
      out.println("  echo hello | kcat -b " + bootstrap + " -t new -P");
      out.println("Ctrl-C stops it.");
    } catch (ExecutionException | TimeoutException e) {
      out.println("the clients failed: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void createTopic(Map<String, Object> client)
      throws ExecutionException, TimeoutException, InterruptedException {
    try (Admin admin = Admin.create(client)) {
      for (Node node : admin.describeCluster().nodes().get(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        out.println("clients see broker " + node.id() + " at " + node.host() + ":" + node.port());
      }
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 1, (short) 3)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private long send(Map<String, Object> client, TopicPartition partition)
      throws ExecutionException, TimeoutException, InterruptedException {
    StringSerializer text = new StringSerializer();
    long first = -1;
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(client, text, text)) {
      for (String greeting : GREETINGS) {
        RecordMetadata sent =
            producer
                .send(new ProducerRecord<>(TOPIC, partition.partition(), null, greeting))
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        first = first < 0 ? sent.offset() : first;
        out.println("sent '" + greeting + "' to " + sent);
      }
    }
    return first;
  }

  private void read(Map<String, Object> client, TopicPartition partition, long first)
      throws TimeoutException {
    StringDeserializer text = new StringDeserializer();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(client, text, text)) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, first);
      long deadline = System.nanoTime() + LIMIT.toNanos();
      int read = 0;
      while (read < GREETINGS.size()) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("only " + read + " records were consumed");
        }
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          out.println("read '" + record.value() + "' from " + partition + "@" + record.offset());
          read++;
        }
      }
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
