package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.apache.kafka.common.Node;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own client, which knows nothing of SNI, and one port for three real brokers. */
class SniIT {

  private static final String DOMAIN = "gw.example.com";
  private static final String TEAM = "team." + DOMAIN;
  private static final int RECORDS = 60;

  @TempDir Path folder;

  private static ListenerSettings listener(String name, String domain, ServerTls tls, int port) {
    return new ListenerSettings(
        name,
        "127.0.0.1",
        null,
        new Routing.BySni(
            new PortPlan.Pair(port, port), HostPattern.parse("b{{nodeId}}." + domain), domain),
        Entry.OPEN.with(tls));
  }

  /** With the same names of topics and groups, so nothing works if the name does not separate. */
  @Test
  void aJavaClientFindsThreeBrokersAndAVirtualClusterBehindOnePort() throws Exception {
    Authority ca = Authority.create("SNI CA");
    Credentials shown = ca.issue("gw").dns("*." + DOMAIN, DOMAIN, "*." + TEAM).sign();
    ServerTls tls =
        ServerTls.of(new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null));
    String topic = RealCluster.newName("sni");
    try (Ports ports = Ports.reserve(1);
        Gateway gateway =
            Gateway.start(
                new GatewaySettings(
                    UpstreamSettings.of(RealCluster.servers(RealCluster.get())),
                    List.of(
                        listener("sni", DOMAIN, tls, ports.get(0)),
                        listener("of-team", TEAM, tls, ports.get(0))),
                    GatewaySettings.Traffic.DEFAULT,
                    Duration.ofSeconds(1)),
                Duration.ZERO,
                GatewayStart.with(InheritedSockets.none(), new Setup().steps())
                    .with((_, at) ->
                        at.equals("of-team")
                            ? new Place.Within(new Tenant("team", "team-"))
                            : Place.PASSTHROUGH))) {
      assertThat(gateway.bootstrap().getFirst()).hasToString(DOMAIN + ":" + ports.get(0));
      Path hosts =
          Files.writeString(
              folder.resolve("hosts"),
              "127.0.0.1 %1$s b1.%1$s b2.%1$s b3.%1$s %2$s b1.%2$s b2.%2$s b3.%2$s\n"
                  .formatted(DOMAIN, TEAM));
      Path trusted = Files.writeString(folder.resolve("ca.crt"), ca.pem());
      Path out = folder.resolve("out");
      Process client =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Djdk.net.hosts.file=" + hosts,
                  "-cp",
                  System.getProperty("java.class.path"),
                  SniIT.class.getName(),
                  trusted.toString(),
                  topic,
                  gateway.bootstrap().getFirst().toString(),
                  gateway.bootstrap().getLast().toString())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      try {
        assertThat(client.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      } finally {
        client.destroyForcibly();
      }
      String said = Files.readString(out, StandardCharsets.UTF_8);
      assertThat(client.exitValue()).as(said).isZero();
      assertThat(said).contains("nodes [b1.gw.example.com, b2.gw.example.com, b3.gw.example.com]");
      assertThat(said)
          .contains(
              "nodes [b1.team.gw.example.com, b2.team.gw.example.com, b3.team.gw.example.com]");
      assertThat(said.lines()).filteredOn(("read " + RECORDS)::equals).hasSize(2);
    }
  }

  /** Clients: {@code file of trusted certificates, topic, bootstrap of each}. */
  public static void main(String... arguments) throws Exception {
    Map<String, Object> common = new HashMap<>();
    common.put("security.protocol", "SSL");
    common.put("ssl.truststore.type", "PEM");
    common.put("ssl.truststore.location", arguments[0]);
    for (int i = 2; i < arguments.length; i++) {
      common.put("bootstrap.servers", arguments[i]);
      use(common, arguments[1]);
    }
  }

  private static void use(Map<String, Object> common, String topic) throws Exception {
    try (Admin admin = Admin.create(common);
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(common, new StringSerializer(), new StringSerializer())) {
      var _ =
          admin
              .createTopics(List.of(new NewTopic(topic, Optional.of(6), Optional.of((short) 3))))
              .all()
              .get(30, TimeUnit.SECONDS);
      TreeSet<String> nodes = new TreeSet<>();
      for (Node node : admin.describeCluster().nodes().get(30, TimeUnit.SECONDS)) {
        nodes.add(node.host());
      }
      System.out.println("nodes " + nodes);
      for (int i = 0; i < RECORDS; i++) {
        var _ = producer.send(new ProducerRecord<>(topic, i % 6, "k", "v" + i)).get();
      }
    }
    read(common, topic);
  }

  private static void read(Map<String, Object> common, String topic) throws IOException {
    Map<String, Object> settings = new HashMap<>(common);
    settings.put("group.id", topic);
    settings.put("auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      int read = 0;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (read < RECORDS && System.nanoTime() - end < 0) {
        read += consumer.poll(Duration.ofMillis(200)).count();
      }
      System.out.println("read " + read);
    }
  }
}
