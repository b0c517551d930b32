package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.ldap.LdapServer;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the pages of docs/security: starts each configuration and sends a record with the client
 * properties of the page. Only hosts, ports and folders are replaced.
 */
class SecurityPagesIT {

  private static final Path PAGES =
      Path.of(System.getProperty("gatehouse.root", "..")).resolve("docs/security");

  /** The broker listener for a page, and the principal that the broker must see. */
  private record Page(String listener, String principal) {}

  private static final String GATEWAY = "User:gateway";

  private static final Map<String, Page> PAGES_WITH_CLIENTS =
      Map.ofEntries(
          Map.entry("client-tls.md", new Page("PLAINTEXT", "")),
          Map.entry("client-mtls.md", new Page("PLAINTEXT", "")),
          Map.entry("client-plain.md", new Page("PLAINTEXT", "")),
          Map.entry("client-ldap.md", new Page("PLAINTEXT", "")),
          Map.entry("client-scram.md", new Page("PLAINTEXT", "")),
          Map.entry("client-oauthbearer.md", new Page("PLAINTEXT", "")),
          Map.entry("client-kerberos.md", new Page("PLAINTEXT", "")),
          Map.entry("client-forwarded.md", new Page("SASL", "User:alice")),
          Map.entry("broker-tls.md", new Page("MTLS", GATEWAY)),
          Map.entry("broker-sasl.md", new Page("SASL_TLS", GATEWAY)),
          Map.entry("accounts.md", new Page("SASL", "User:team-a")));

  /** Pages whose configuration is only read, because they need more than one process. */
  private static final List<String> READ_ONLY =
      List.of("sni.md", "proxy-protocol.md", "forward-proxy.md", "gateways.md");

  @TempDir static Path folder;

  private static final Authority CA = Authority.create("Pages CA");
  private static KafkaCluster cluster;
  private static TokenServer idp;
  private static @Nullable LdapServer ldap;
  private static Kdc kdc;

  @BeforeAll
  static void start() throws Exception {
    idp = TokenServer.start().client("service", "secret");
    kdc = Kdc.start(Files.createDirectories(folder.resolve("kdc")));
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(
                Listener.ssl("MTLS", CA.server())
                    .requireClients(CA)
                    .principalRules("RULE:^CN=([a-z]+).*$/$1/"))
            .with(
                Listener.sasl("SASL")
                    .plain("gateway", "gateway-secret")
                    .plain("team-a", "team-secret")
                    .scram("SCRAM-SHA-512", "gateway", "gateway-secret")
                    .scram("SCRAM-SHA-512", "alice", "alice-secret"))
            .with(
                Listener.saslSsl("SASL_TLS", CA.server())
                    .scram("SCRAM-SHA-512", "gateway", "gateway-secret"))
            .start();
    try (Admin admin =
        Admin.create(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()))) {
      admin
          .createTopics(List.of(new NewTopic("pages", 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    files();
  }

  private static void files() throws IOException {
    Path gateway = Files.createDirectories(folder.resolve("gateway"));
    Path client = Files.createDirectories(folder.resolve("client"));
    CA.server().writePem(gateway);
    Credentials own = CA.client("gateway");
    Files.writeString(gateway.resolve("client.crt"), own.chainPem());
    Files.writeString(gateway.resolve("client.key"), own.keyPem());
    for (String authority : List.of("ca.crt", "clients-ca.crt", "ldap-ca.crt")) {
      Files.writeString(gateway.resolve(authority), CA.pem());
    }
    Files.writeString(client.resolve("ca.crt"), CA.pem());
    Credentials app = CA.client("app");
    Files.writeString(client.resolve("client.pem"), app.keyPem() + app.chainPem());
    Files.writeString(
        gateway.resolve("users"),
        "alice:{plain}alice-secret\nalice:SCRAM-SHA-256=[%s],SCRAM-SHA-512=[%s]\n"
            .formatted(
                ScramCredential.of(ScramHash.SHA_256, "alice-secret", 4096).toText(),
                ScramCredential.of(ScramHash.SHA_512, "alice-secret", 4096).toText()));
    Files.writeString(
        gateway.resolve("oidc.json"),
        "{\"grant_type\":\"client_credentials\",\"client_id\":\"service\","
            + "\"client_secret\":\"secret\",\"token_url\":\""
            + idp.tokenUrl()
            + "\"}");
    Files.copy(kdc.keytab("kafka/localhost"), gateway.resolve("kafka.keytab"));
    Files.copy(kdc.keytab("client"), client.resolve("client.keytab"));
    kdc.useInThisJvm();
    idp.allowInThisJvm();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    for (AutoCloseable one : new AutoCloseable[] {idp, ldap, kdc}) {
      if (one != null) {
        close(one);
      }
    }
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @TestFactory
  List<DynamicTest> everyPage() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    TreeSet<String> known = new TreeSet<>(PAGES_WITH_CLIENTS.keySet());
    known.addAll(READ_ONLY);
    tests.add(
        DynamicTest.dynamicTest(
            "no page with a configuration is left out",
            () -> assertThat(pagesWithConfigurations()).containsExactlyElementsOf(known)));
    PAGES_WITH_CLIENTS.forEach(
        (name, page) -> tests.add(DynamicTest.dynamicTest(name, () -> run(name, page))));
    for (String name : READ_ONLY) {
      tests.add(DynamicTest.dynamicTest(name, () -> read(name)));
    }
    return tests;
  }

  private static Set<String> pagesWithConfigurations() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> pages = Files.list(PAGES)) {
      for (Path page : pages.toList()) {
        if (Files.readString(page).contains("```yaml")) {
          names.add(page.getFileName().toString());
        }
      }
    }
    return names;
  }

  private static void read(String name) throws IOException {
    for (String yaml : blocks(name, "yaml")) {
      assertThat(BoundYaml.settings(placed(yaml, "PLAINTEXT", 9092), environment())).isNotNull();
    }
  }

  private static void run(String name, Page page) throws Exception {
    Properties client = new Properties();
    for (String yaml : blocks(name, "yaml")) {
      try (Ports ports = Ports.contiguous(4)) {
        var settings = BoundYaml.settings(placed(yaml, page.listener, ports.get(0)), environment());
        client.load(
            new StringReader(
                placed(blocks(name, "properties").getFirst(), page.listener, ports.get(0))));
        cluster.forgetPrincipals();
        try (Gateway _ = Gateway.start(settings.gateway())) {
          produce(client);
        }
        if (!page.principal.isEmpty()) {
          // They include the gateway's own requests if clients log in at the brokers.
          assertThat(cluster.principalsSeen(page.listener)).contains(page.principal);
        }
      }
    }
  }

  private static void produce(Properties client) throws Exception {
    Map<String, Object> all = new HashMap<>();
    client.forEach((key, value) -> all.put((String) key, value));
    all.put("max.block.ms", 20_000);
    all.put("delivery.timeout.ms", 20_000);
    all.put("request.timeout.ms", 10_000);
    all.put("linger.ms", 0);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
      var sent = producer.send(new ProducerRecord<>("pages", "hello")).get(30, TimeUnit.SECONDS);
      assertThat(sent.hasOffset()).isTrue();
    }
  }

  // ---- the pages --------------------------------------------------------------------------------

  /** Without the Keycloak examples, which {@link KeycloakIT} runs. */
  private static List<String> blocks(String page, String language) throws IOException {
    String text = Files.readString(PAGES.resolve(page));
    Matcher matcher =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(text.replaceFirst("(?s)\n## With Keycloak\n.*", ""));
    return matcher.results().map(found -> found.group(1)).toList();
  }

  private static Map<String, String> environment() {
    return Map.of(
        "GATEWAY_PASSWORD", "gateway-secret",
        "TEAM_A_PASSWORD", "team-secret",
        "PROXY_PASSWORD", "proxy-secret");
  }

  /** Replaces the placeholders of the examples. */
  private static String placed(String text, String listener, int port) throws IOException {
    String placed =
        text.replace("kafka-1.example:9092", cluster.bootstrapServers(listener))
            .replace("kafka-1.example:9093", cluster.bootstrapServers(listener))
            .replace("gateway.example:9092", "localhost:" + port)
            .replace("kafka/gateway.example@EXAMPLE.ORG", kdc.principal("kafka/localhost"))
            .replace("client@EXAMPLE.ORG", kdc.principal("client"))
            .replace("gateway.example", "localhost")
            .replace(
                "{bootstrap: 9092, brokers: 9093}",
                "{bootstrap: %d, brokers: %d}".formatted(port, port + 1))
            .replace("/etc/gatehouse", folder.resolve("gateway").toString())
            .replace("/etc/client", folder.resolve("client").toString())
            .replace("https://idp.example/jwks", idp.jwksUrl())
            .replace("https://idp.example/token", idp.tokenUrl())
            .replace("https://idp.example", idp.issuer());
    return text.contains("ldap://ldap.example:389") ? withLdap(placed) : placed;
  }

  private static String withLdap(String text) throws IOException {
    LdapServer server = ldap;
    if (server == null) {
      server = LdapServer.start(CA.server()).user("alice", "alice-secret");
      ldap = server;
    }
    return text.replace("ldap://ldap.example:389", server.url());
  }
}
