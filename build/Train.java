import static java.nio.charset.StandardCharsets.UTF_8;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Keys;
import io.gatehouse.testkit.pki.PemFiles;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.security.scram.internals.ScramCredentialUtils;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Puts a typical load on a gateway, so that its JVM records the classes for the AOT cache. Run by
 * train.sh: {@code Train LAUNCHER OUTPUT}, where LAUNCHER is a gatehouse script and OUTPUT the
 * cache to write.
 *
 * <p>A single process must load all classes, so it has three listeners for three clusters:
 * plaintext to plaintext, plaintext to mutual TLS as in a sidecar, and TLS with SASL at the gateway
 * to TLS with a login of the gateway.
 */
final class Train {

  private static final String HOST = "127.0.0.1";
  private static final String TOPIC = "training";
  private static final String USER = "trainee";
  private static final String PASSWORD = "training-secret";
  private static final int SMALL_RECORDS = 4_000;
  private static final int LARGE_RECORDS = 200;
  private static final int LARGE = 64 << 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String launcher;
  private final String output;
  private final Path folder;
  // One of each key type.
  private final Authority authority = Authority.create("Training");
  private final Authority rsa = Authority.create("Training RSA", Keys.RSA);

  private Train(String launcher, String output) throws IOException {
    this.launcher = launcher;
    this.output = output;
    this.folder = Files.createTempDirectory("gatehouse-training");
  }

  public static void main(String[] args) throws Exception {
    new Train(args[0], args[1]).run();
    System.exit(0);
  }

  private void run() throws Exception {
    try (KafkaCluster cluster = cluster();
        Ports ports = Ports.reserve(7)) {
      Path yaml = Files.writeString(folder.resolve("gatehouse.yaml"), configuration(ports));
      Process gateway = start(yaml, cluster);
      try {
        awaitListening(gateway, ports.get(0));
        talk(ports);
        gateway.destroy();
        // The JVM writes the cache before it ends.
        if (!gateway.waitFor(2 * LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          throw new TimeoutException("the gateway did not end");
        }
        if (gateway.exitValue() != 0) {
          throw new IllegalStateException("the gateway ended with " + gateway.exitValue());
        }
      } finally {
        gateway.destroyForcibly();
      }
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(one);
        }
      }
    }
  }

  private KafkaCluster cluster() {
    return KafkaCluster.of(KafkaVersion.V4_4, 1)
        .with(Listener.ssl("MTLS", authority.server()).requireClients(authority))
        .with(Listener.saslSsl("SASL_TLS", rsa.server()).plain(USER, PASSWORD))
        .start();
  }

  private String configuration(Ports ports) throws Exception {
    PemFiles client = authority.client("sidecar").writePem(folder("client"));
    PemFiles server = rsa.server().writePem(folder("server"));
    var scram = new ScramFormatter(ScramMechanism.SCRAM_SHA_512);
    Path users =
        Files.writeString(
            folder.resolve("users"),
            """
            %1$s:%2$s
            %1$s:SCRAM-SHA-512=[%3$s]
            """
                .formatted(
                    USER,
                    BCrypt.withDefaults().hashToString(4, PASSWORD.toCharArray()),
                    ScramCredentialUtils.credentialToString(
                        scram.generateCredential(PASSWORD, 4096))));
    return """
    upstream:
      bootstrapServers: ${env:BROKER}
    upstreams:
      mtls:
        bootstrapServers: ${env:MTLS_BROKER}
        tls: {trust: %2$s, certificate: %3$s, key: %4$s}
      login:
        bootstrapServers: ${env:LOGIN_BROKER}
        tls: {trust: %5$s}
        login: {mechanism: PLAIN, user: %6$s, password: %7$s}
    listeners:
      - host: %1$s
        ports: {bootstrap: %8$d, brokers: %9$d}
      - host: %1$s
        cluster: mtls
        ports: {bootstrap: %10$d, brokers: %11$d}
      - host: %1$s
        cluster: login
        advertisedHost: localhost
        ports: {bootstrap: %12$d, brokers: %13$d}
        tls: {certificate: %14$s, key: %15$s}
        authentication:
          mechanisms:
            - {name: PLAIN, users: %16$s}
            - {name: SCRAM-SHA-512, users: %16$s}
    http:
      host: %1$s
      port: %17$d
    """
        .formatted(
            HOST,
            client.authority(),
            client.chain(),
            client.key(),
            server.authority(),
            USER,
            PASSWORD,
            ports.get(0),
            ports.get(1),
            ports.get(2),
            ports.get(3),
            ports.get(4),
            ports.get(5),
            server.chain(),
            server.key(),
            users,
            ports.get(6));
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private Process start(Path yaml, KafkaCluster cluster) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(launcher, "run", "--config", yaml.toString());
    // Ignores the caller's configuration.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("(GATEHOUSE|GATEWAY|KAFKA|LOG4J)[A-Z0-9]*_.*"));
    builder.environment().put("GATEHOUSE_AOT_OUTPUT", output);
    builder.environment().put("BROKER", cluster.bootstrapServers());
    builder.environment().put("MTLS_BROKER", cluster.bootstrapServers("MTLS"));
    builder.environment().put("LOGIN_BROKER", cluster.bootstrapServers("SASL_TLS"));
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

  private void talk(Ports ports) throws Exception {
    talkKafka(Map.of("bootstrap.servers", HOST + ":" + ports.get(0)), TOPIC);
    talkKafka(Map.of("bootstrap.servers", HOST + ":" + ports.get(2)), TOPIC + "-mtls");
    Map<String, Object> tls = new HashMap<>();
    tls.put("bootstrap.servers", "localhost:" + ports.get(4));
    tls.put("security.protocol", "SASL_SSL");
    tls.put("ssl.truststore.type", "PEM");
    tls.put("ssl.truststore.certificates", rsa.pem());
    tls.putAll(AuthenticationProperties.plain(USER, PASSWORD));
    talkKafka(tls, TOPIC + "-plain");
    tls.putAll(AuthenticationProperties.scram("SCRAM-SHA-512", USER, PASSWORD));
    talkKafka(tls, TOPIC + "-scram");
    talkHttp("http://" + HOST + ":" + ports.get(6));
  }

  private static void talkKafka(Map<String, Object> client, String topic) throws Exception {
    try (Admin admin = Admin.create(client)) {
      admin
          .createTopics(List.of(new NewTopic(topic, 2, (short) 1)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    produce(client, topic, SMALL_RECORDS, 100);
    produce(client, topic, LARGE_RECORDS, LARGE);
    consume(client, topic);
  }

  private static void produce(Map<String, Object> client, String topic, int records, int size)
      throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    Map<String, Object> settings = new HashMap<>(client);
    settings.put("linger.ms", 0);
    settings.put("max.request.size", 4 << 20);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
      for (int i = 0; i < records; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, new byte[size])));
      }
      for (Future<RecordMetadata> one : sent) {
        one.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  private static void consume(Map<String, Object> client, String topic) throws TimeoutException {
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    Map<String, Object> settings = new HashMap<>(client);
    settings.put("group.id", "training");
    settings.put("auto.offset.reset", "earliest");
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      consumer.subscribe(List.of(topic));
      int read = 0;
      while (read < SMALL_RECORDS + LARGE_RECORDS) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("only " + read + " records were consumed");
        }
        read += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
  }

  private static void talkHttp(String base) throws Exception {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
      for (String path : List.of("/health/live", "/health/ready", "/health", "/metrics")) {
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
