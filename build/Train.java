import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Gives a gateway the load of its first seconds, so that its JVM can note what it needs for them.
 * Run by train.sh: {@code Train LAUNCHER OUTPUT}, where LAUNCHER is a gatehouse script and OUTPUT
 * the cache to write.
 */
final class Train {

  private static final String HOST = "127.0.0.1";
  private static final String TOPIC = "training";
  private static final int SMALL_RECORDS = 4_000;
  private static final int LARGE_RECORDS = 200;
  private static final int LARGE = 64 << 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String launcher;
  private final String output;

  private Train(String launcher, String output) {
    this.launcher = launcher;
    this.output = output;
  }

  public static void main(String[] args) throws Exception {
    new Train(args[0], args[1]).run();
    System.exit(0);
  }

  private void run() throws Exception {
    Path folder = Files.createTempDirectory("gatehouse-training");
    try (KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
        Ports ports = Ports.reserve(3)) {
      Path yaml = Files.writeString(folder.resolve("gatehouse.yaml"), configuration(ports));
      Process gateway = start(yaml, cluster.bootstrapServers());
      try {
        awaitListening(gateway, ports.get(0));
        talkKafka(HOST + ":" + ports.get(0));
        talkHttp("http://" + HOST + ":" + ports.get(2));
        gateway.destroy();
        // Writing the cache is part of it.
        if (!gateway.waitFor(2 * LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          throw new TimeoutException("the gateway does not end");
        }
        if (gateway.exitValue() != 0) {
          throw new IllegalStateException("the gateway ended with " + gateway.exitValue());
        }
      } finally {
        gateway.destroyForcibly();
        Files.deleteIfExists(yaml);
      }
    } finally {
      Files.deleteIfExists(folder);
    }
  }

  private static String configuration(Ports ports) {
    return """
    upstream:
      bootstrapServers: ${env:BROKER}
    listeners:
      - host: %1$s
        ports:
          bootstrap: %2$d
          brokers: %3$d
    http:
      host: %1$s
      port: %4$d
    """
        .formatted(HOST, ports.get(0), ports.get(1), ports.get(2));
  }

  private Process start(Path yaml, String broker) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(launcher, "run", "--config", yaml.toString());
    // Nothing of the caller's own configuration.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("(GATEHOUSE|GATEWAY|KAFKA|LOG4J)[A-Z0-9]*_.*"));
    builder.environment().put("GATEHOUSE_AOT_OUTPUT", output);
    builder.environment().put("BROKER", broker);
    return builder.inheritIO().start();
  }

  private static void awaitListening(Process gateway, int port) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try (Socket socket = new Socket(HOST, port)) {
        return;
      } catch (IOException e) {
        if (!gateway.isAlive() || System.nanoTime() > deadline) {
          throw new IllegalStateException("the gateway does not listen", e);
        }
        Thread.sleep(20);
      }
    }
  }

  private static void talkKafka(String bootstrap) throws Exception {
    Map<String, Object> client = Map.of("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(client)) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    produce(client, SMALL_RECORDS, 100);
    produce(client, LARGE_RECORDS, LARGE);
    consume(client);
  }

  private static void produce(Map<String, Object> client, int records, int size) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    Map<String, Object> settings = new java.util.HashMap<>(client);
    settings.put("linger.ms", 0);
    settings.put("max.request.size", 4 << 20);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
      for (int i = 0; i < records; i++) {
        sent.add(producer.send(new ProducerRecord<>(TOPIC, new byte[size])));
      }
      for (Future<RecordMetadata> one : sent) {
        one.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  private static void consume(Map<String, Object> client) throws TimeoutException {
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    Map<String, Object> settings = new java.util.HashMap<>(client);
    settings.put("group.id", "training");
    settings.put("auto.offset.reset", "earliest");
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      consumer.subscribe(List.of(TOPIC));
      int read = 0;
      while (read < SMALL_RECORDS + LARGE_RECORDS) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("only " + read + " records came back");
        }
        read += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
  }

  private static void talkHttp(String base) throws Exception {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
      for (String path : List.of("/health/live", "/health/ready", "/metrics")) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(base + path)).timeout(LIMIT).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
        if (answer.statusCode() != 200) {
          throw new IllegalStateException(path + " answers " + answer.statusCode());
        }
      }
    }
  }
}
