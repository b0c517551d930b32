package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaTools;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.oidc.TokenServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DuplicateResourceException;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnacceptableCredentialException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages docs/accounts.md and docs/resources.md, with their configuration and commands as they
 * stand there: only hosts, ports, folders and secrets are put in.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AccountsIT {

  private static final Path PAGE = Path.of("../docs/accounts.md");
  private static final String TOPIC = "accounts";
  private static final Map<String, String> SECRETS =
      Map.of(
          "TOKEN_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
          "ADMIN_PASSWORD", "an admin's",
          "AUDITOR_PASSWORD", "an auditor's");

  @TempDir static Path folder;

  private static KafkaCluster cluster;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
    try (Admin admin =
        Admin.create(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get(1, TimeUnit.MINUTES);
    }
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    if (cluster != null) {
      cluster.close();
    }
  }

  /** The blocks of a page that are set as code, each as its lines. */
  private static List<String> blocks(Path page) throws IOException {
    List<String> blocks = new ArrayList<>();
    StringBuilder block = new StringBuilder();
    for (String line : (Files.readString(page) + "\n#").split("\n", -1)) {
      if (line.startsWith("    ")) {
        block.append(line.substring(4)).append('\n');
      } else if (!block.isEmpty()) {
        blocks.add(block.toString());
        block.setLength(0);
      }
    }
    return blocks;
  }

  private static String block(String begin, String part) throws IOException {
    return blocks(PAGE).stream()
        .filter(block -> block.startsWith(begin) && block.contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no block " + begin + " with " + part));
  }

  /** A running gateway with the page's configuration. */
  private record Gateway(ProgramProcess program, Ports ports, String bootstrap, String http)
      implements AutoCloseable {

    static Gateway start() throws IOException {
      return start("");
    }

    /** The same with other mechanisms beside the page's. */
    static Gateway start(String mechanisms) throws IOException {
      return start(mechanisms, "");
    }

    /** The same with other keys at the end. */
    static Gateway start(String mechanisms, String more) throws IOException {
      Ports ports = Ports.contiguous(3);
      String configuration =
          block("# gatehouse.yaml", "")
                  .replace("kafka-1.example:9092", cluster.bootstrapServers("PLAINTEXT"))
                  .replace(
                      "gateway.example",
                      "127.0.0.1\n    host: 127.0.0.1\n    ports: {brokers: " + ports.get(0) + "}")
                  .replace(
                      "accountsRequired: true\n", "accountsRequired: true\n" + mechanisms.indent(8))
                  .replace("/var/lib/gatehouse/", folder + "/")
              + more;
      Path file = Files.writeString(folder.resolve("gatehouse.yaml"), configuration);
      Map<String, String> environment = new HashMap<>(SECRETS);
      environment.put("GATEHOUSE_HTTP_PORT", "0");
      ProgramProcess program =
          ProgramProcess.start(environment, "run", "--config", file.toString());
      return new Gateway(
          program,
          ports,
          "127.0.0.1:" + program.await("clients bootstrap at [\\w.]+:(\\d+)"),
          program.await("Health and metrics at (http://\\S+)"));
    }

    /** Runs a command of the page. */
    HttpResponse<String> curl(String command) {
      String put = command.replace("http://127.0.0.1:8888", http);
      for (Map.Entry<String, String> secret : SECRETS.entrySet()) {
        put = put.replace("$" + secret.getKey(), secret.getValue());
      }
      Matcher word =
          Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)").matcher(put.replace("\\\n", " "));
      List<String> words = new ArrayList<>();
      while (word.find()) {
        words.add(
            word.group(1) != null
                ? word.group(1)
                : word.group(2) != null ? word.group(2) : word.group(3));
      }
      assertThat(words.getFirst()).isEqualTo("curl");
      HttpRequest.Builder request = HttpRequest.newBuilder();
      String method = "GET";
      String body = "";
      for (int i = 1; i < words.size(); i++) {
        switch (words.get(i)) {
          case "-X" -> method = words.get(++i);
          case "-d" -> body = words.get(++i);
          case "-H" ->
              request.header(words.get(++i).split(": ", 2)[0], words.get(i).split(": ", 2)[1]);
          case "--user" ->
              request.header(
                  "Authorization",
                  "Basic "
                      + Base64.getEncoder()
                          .encodeToString(words.get(++i).getBytes(StandardCharsets.UTF_8)));
          default -> request.uri(URI.create(words.get(i)));
        }
      }
      try {
        return HTTP.send(
            request.method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
      } catch (IOException e) {
        throw new AssertionError(command, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    /** Writes a resource, which may have single quotes for double ones. */
    HttpResponse<String> put(String path, String resource) throws IOException {
      var answer =
          curl(
              block("curl", "-X PUT http")
                  .replaceFirst("/gateway/v2/\\S+", "/gateway/v2/" + path)
                  .replaceFirst(
                      "(?s)-d '.*'",
                      Matcher.quoteReplacement("-d '" + resource.replace('\'', '"') + "'")));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer;
    }

    /** Makes an account and a token of the page's kind for another name. */
    String token(String name) throws IOException {
      assertThat(curl(block("curl", "-X PUT http").replace("orders", name)).statusCode())
          .isEqualTo(200);
      return token(curl(block("curl", "/token \\").replace("orders", name)));
    }

    private static String token(HttpResponse<String> answer) {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).startsWith("{\"token\":\"").endsWith("\"}");
      return answer.body().substring("{\"token\":\"".length(), answer.body().length() - 2);
    }

    Client client(String name, String token) throws IOException {
      return new Client(producer(impatient(properties(name, token))));
    }

    /** The page's properties of a client with a token. */
    Map<String, Object> properties(String name, String token) throws IOException {
      Map<String, Object> properties = new HashMap<>();
      propertiesFile(name, token)
          .lines()
          .forEach(line -> properties.put(line.split("=", 2)[0], line.split("=", 2)[1]));
      return properties;
    }

    String propertiesFile(String name, String token) throws IOException {
      return block("bootstrap.servers", "")
          .replace("gateway.example:6969", bootstrap)
          .replace("orders", name)
          .replace("TOKEN", token);
    }

    Client scram(String name, String password) {
      return scram("SCRAM-SHA-512", name, password);
    }

    Client scram(String mechanism, String name, String password) {
      Map<String, Object> properties =
          new HashMap<>(AuthenticationProperties.scram(mechanism, name, password));
      properties.put("bootstrap.servers", bootstrap);
      properties.put("security.protocol", "SASL_PLAINTEXT");
      return new Client(producer(impatient(properties)));
    }

    private static Map<String, Object> impatient(Map<String, Object> properties) {
      properties.put("delivery.timeout.ms", "5000");
      properties.put("request.timeout.ms", "4000");
      properties.put("max.block.ms", "20000");
      return properties;
    }

    @Override
    public void close() {
      program.close();
      ports.close();
    }
  }

  private static KafkaProducer<String, String> producer(Map<String, Object> properties) {
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  private record Client(KafkaProducer<String, String> producer) implements AutoCloseable {

    void produce() throws Exception {
      try {
        producer.send(new ProducerRecord<>(TOPIC, "one")).get(1, TimeUnit.MINUTES);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      }
    }

    /** How many connections it has made so far. */
    double connections() {
      return producer.metrics().entrySet().stream()
          .filter(metric -> metric.getKey().name().equals("connection-creation-total"))
          .filter(metric -> metric.getKey().group().equals("producer-metrics"))
          .mapToDouble(metric -> (Double) metric.getValue().metricValue())
          .sum();
    }

    /** A producer tries to send until its time is up, but tells at once why it learns nothing. */
    void isRefused() {
      var record = producer.send(new ProducerRecord<>(TOPIC, "one"));
      assertThatThrownBy(() -> producer.partitionsFor("a-topic-it-must-ask-for"))
          .isInstanceOf(SaslAuthenticationException.class);
      assertThatThrownBy(() -> record.get(1, TimeUnit.MINUTES))
          .isInstanceOf(ExecutionException.class);
    }

    @Override
    public void close() {
      producer.close(java.time.Duration.ZERO);
    }
  }

  private static String claim(String token, String name) {
    String claims =
        new String(
            Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8);
    Matcher claim = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(claims);
    assertThat(claim.find()).as(claims).isTrue();
    return claim.group(1);
  }

  @Test
  void thePageDoesWhatItSays() throws Exception {
    try (Gateway gateway = Gateway.start()) {
      String token = gateway.token("orders");
      String others = gateway.token("others");
      try (Client orders = gateway.client("orders", token);
          Client again =
              gateway.client("orders", Gateway.token(gateway.curl(block("curl", "/token \\"))));
          Client other = gateway.client("others", others)) {
        orders.produce();
        again.produce();
        other.produce();
        double connections = other.connections();
        double agains = again.connections();

        assertThat(gateway.curl(block("curl", "showDefaults")).body())
            .isEqualTo(
                "[{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\",\"metadata\":"
                    + "{\"name\":\"orders\",\"vCluster\":\"passthrough\"},\"spec\":{\"type\":\"LOCAL\"}}]");
        assertThat(gateway.curl(block("curl", "/group")).body())
            .contains("\"upsertResult\":\"Created\"");

        // One token is revoked: its session ends, another of the same account goes on.
        var revoked = gateway.curl(block("curl", "/token/JTI").replace("JTI", claim(token, "jti")));
        assertThat(revoked.statusCode()).as(revoked.body()).isEqualTo(204);
        orders.isRefused();
        again.produce();
        assertThat(again.connections()).isEqualTo(agains);

        // The account goes, and with it all that is left of it.
        var deleted =
            gateway.curl(
                block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/service-account \\"));
        assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(204);
        again.isRefused();
        other.produce();
        assertThat(other.connections()).isEqualTo(connections);
      }
    }
    // What was revoked stays so after a restart.
    try (Gateway gateway = Gateway.start()) {
      assertThat(gateway.curl(block("curl", "auditor")).body())
          .contains("others")
          .doesNotContain("orders");
    }
  }

  @Test
  void anExternalAccountGivesAUserOfAnIdentityProviderItsName() throws Exception {
    try (TokenServer idp = TokenServer.start();
        Gateway gateway =
            Gateway.start(
                """
                - name: OAUTHBEARER
                  jwks: {url: "%s", issuer: "%s", audiences: [kafka]}
                """
                    .formatted(idp.jwksUrl(), idp.issuer()))) {
      var made = gateway.curl(block("curl", "EXTERNAL"));
      assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
      Map<String, Object> login =
          new HashMap<>(
              AuthenticationProperties.token(idp.token("0oa1b2c3d4").audience("kafka").sign()));
      login.put("bootstrap.servers", gateway.bootstrap);
      login.put("security.protocol", "SASL_PLAINTEXT");
      try (Client client = new Client(producer(login))) {
        client.produce();
        String name = "mechanism=OAUTHBEARER %sprincipal=(\\S+) result=success";
        assertThat(gateway.program.await(name.formatted("tenant=passthrough ")))
            .isEqualTo("billing");

        String delete = block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/service-account \\");
        assertThat(gateway.curl(delete.replace("orders", "billing")).statusCode()).isEqualTo(204);
        client.produce();
        assertThat(gateway.program.await(name.formatted(""))).isEqualTo("0oa1b2c3d4");
      }
    }
  }

  @Test
  void clientsNeedAVirtualClusterWhereItIsRequired() throws Exception {
    try (Gateway gateway =
        Gateway.start("", "virtualClusters: {required: true, separator: '-'}\n")) {
      try (Client client = gateway.client("orders", gateway.token("orders"))) {
        client.isRefused();
      }
      gateway.program.await("orders result=not_for_us.*(virtualClusters\\.required)");

      var cluster =
          gateway.put(
              "virtual-cluster",
              "{'kind': 'VirtualCluster', 'apiVersion': 'gateway/v2',"
                  + " 'metadata': {'name': 'sales'}, 'spec': {}}");
      assertThat(cluster.body()).contains("\"prefix\":\"sales-\"");
      gateway.put(
          "service-account",
          "{'kind': 'GatewayServiceAccount', 'apiVersion': 'gateway/v2',"
              + " 'metadata': {'name': 'alice', 'vCluster': 'sales'}, 'spec': {'type': 'LOCAL'}}");
      String token =
          Gateway.token(
              gateway.curl(
                  block("curl", "/token \\")
                      .replace("orders", "alice")
                      .replace("{", "{\"vCluster\": \"sales\", ")));
      try (Admin admin = Admin.create(gateway.properties("alice", token))) {
        assertThat(admin.describeCluster().clusterId().get(1, TimeUnit.MINUTES)).isNotEmpty();
      }
      gateway.program.await("(alice) result=success");
    }
  }

  @Test
  void thePageOfResourcesDoesWhatItSays() throws Exception {
    List<String> commands = blocks(Path.of("../docs/resources.md"));
    assertThat(commands).hasSize(3);
    try (Gateway gateway = Gateway.start()) {
      var cluster = gateway.curl(commands.get(0));
      assertThat(cluster.statusCode()).as(cluster.body()).isEqualTo(200);
      assertThat(cluster.body()).endsWith("\"upsertResult\":\"Created\"}");
      var real = gateway.curl(commands.get(0).replace("?dryMode=true", ""));
      assertThat(real.statusCode()).isEqualTo(400);
      assertThat(real.body())
          .contains("ACLs of virtual clusters are not supported by this version");

      var unknown = gateway.curl(commands.get(1));
      assertThat(unknown.statusCode()).isEqualTo(400);
      assertThat(unknown.body()).contains("groups: there is no group 'ops'");
      var resolved = gateway.curl(commands.get(1).replace("\"ops\"", ""));
      assertThat(resolved.body()).as("there are no plugins yet").isEqualTo("[]");
      assertThat(gateway.curl(commands.get(2)).body()).isEqualTo("[]");
    }
  }

  @Test
  void allTokensOfAnAccountAreTakenBackAndNewOnesHold() throws Exception {
    try (Gateway gateway = Gateway.start()) {
      String token = gateway.token("orders");
      try (Client client = gateway.client("orders", token)) {
        client.produce();
        var revoked =
            gateway.curl(block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/token \\"));
        assertThat(revoked.statusCode()).as(revoked.body()).isEqualTo(204);
        client.isRefused();
      }
      try (Client client = gateway.client("orders", gateway.token("orders"))) {
        client.produce();
      }
      assertThat(Arrays.asList(Files.readString(folder.resolve("state.yaml")).split("\n", -1)))
          .contains("kind: RevokedAccount")
          .noneMatch(line -> line.contains(token));
    }
  }

  @Test
  void anAccountLogsInWithAPasswordUntilThatIsChanged() throws Exception {
    String mechanism =
        block("mechanisms:", "SCRAM").split("\n", 2)[1].stripTrailing().stripIndent();
    try (Gateway gateway = Gateway.start(mechanism)) {
      gateway.token("orders");
      String set = block("curl", "PUT http://127.0.0.1:8888/gateway/v2/service-account/password");
      var answer = gateway.curl(set);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      Matcher password = Pattern.compile("\"password\":\"([^\"]{32})\"").matcher(answer.body());
      assertThat(password.find()).as(answer.body()).isTrue();
      try (Client client = gateway.scram("orders", password.group(1))) {
        client.produce();
        assertThat(gateway.program.await("mechanism=SCRAM-SHA-512 tenant=(\\S+) principal=orders"))
            .isEqualTo("passthrough");
        gateway.curl(set.replace("orders\"", "orders\", \"password\": \"new and known\""));
        client.isRefused();
      }
      try (Client client = gateway.scram("orders", "new and known")) {
        client.produce();
        String delete =
            block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/service-account/password");
        assertThat(gateway.curl(delete).statusCode()).isEqualTo(204);
        client.isRefused();
      }
      assertThat(Files.readString(folder.resolve("state.yaml"))).doesNotContain("new and known");
    }
  }

  private static ScramUsersByKafka admin(Gateway gateway, String name, String token)
      throws IOException {
    Map<String, Object> properties = gateway.properties(name, token);
    properties.put("default.api.timeout.ms", "60000");
    return new ScramUsersByKafka(Admin.create(properties));
  }

  /** Kafka's admin client, as it changes credentials. */
  private record ScramUsersByKafka(Admin admin) implements AutoCloseable {

    void alter(UserScramCredentialAlteration... alterations) throws Exception {
      admin.alterUserScramCredentials(List.of(alterations)).all().get(1, TimeUnit.MINUTES);
    }

    /** The failure of a user. */
    @Nullable Throwable failure(String user, UserScramCredentialAlteration... alterations) {
      return Assertions.catchThrowableOfType(
              ExecutionException.class,
              () ->
                  Objects.requireNonNull(
                          admin.alterUserScramCredentials(List.of(alterations)).values().get(user))
                      .get(1, TimeUnit.MINUTES))
          .getCause();
    }

    static UserScramCredentialUpsertion set(
        String user, ScramMechanism mechanism, int iterations, String password) {
      return new UserScramCredentialUpsertion(
          user, new ScramCredentialInfo(mechanism, iterations), password);
    }

    @Override
    public void close() {
      admin.close();
    }
  }

  /** Runs a command of the page in which the properties of the operator are put in. */
  private static String kafkaConfigs(Gateway gateway, Path properties, String part)
      throws IOException {
    List<String> words = new ArrayList<>();
    Matcher word =
        Pattern.compile("'([^']*)'|(\\S+)")
            .matcher(block("kafka-configs.sh", part).replace("\\\n", " "));
    while (word.find()) {
      words.add(word.group(1) != null ? word.group(1) : word.group(2));
    }
    words.replaceAll(text ->
        text.replace("gateway.example:6969", gateway.bootstrap)
            .replace("operator.properties", properties.toString()));
    return KafkaTools.run(
            KafkaVersion.V4_4,
            words.getFirst(),
            words.subList(1, words.size()).toArray(String[]::new))
        .orThrow()
        .stdout();
  }

  @Test
  void kafkasOwnToolsSetPasswords() throws Exception {
    String mechanism =
        block("mechanisms:", "SCRAM").split("\n", 2)[1].stripTrailing().stripIndent();
    try (Gateway gateway =
        Gateway.start(
            mechanism + "\n" + mechanism.replace("512", "256"),
            block("rules:", "credentialAdmins"))) {
      String token = gateway.token("operator");
      String ordersToken = gateway.token("orders");
      Path properties =
          Files.writeString(
              folder.resolve("operator.properties"), gateway.propertiesFile("operator", token));

      kafkaConfigs(gateway, properties, "--add-config");
      assertThat(kafkaConfigs(gateway, properties, "--describe"))
          .contains("SCRAM-SHA-256=iterations=8192");
      assertThat(
              gateway.program.await(
                  "change listener=\\S+ .*principal=(operator) result=success reason=.*'orders'"
                      + " SCRAM-SHA-256 set"))
          .isEqualTo("operator");
      try (Client none = gateway.scram("orders", "a-password")) {
        none.isRefused(); // there is no password for SCRAM-SHA-512
      }

      try (ScramUsersByKafka operator = admin(gateway, "operator", token)) {
        try (Client client = gateway.scram("SCRAM-SHA-256", "orders", "a-password")) {
          client.produce();
          operator.alter(
              ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_512, 4096, "another"));
          client.produce();
          assertThat(client.connections()).as("its own password is as it was").isEqualTo(2);
          operator.alter(
              ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_256, 4096, "changed"));
          client.isRefused();
        }
        try (Client changed = gateway.scram("SCRAM-SHA-256", "orders", "changed");
            Client other = gateway.scram("orders", "another")) {
          changed.produce();
          other.produce();
          kafkaConfigs(gateway, properties, "--delete-config");
          changed.isRefused();
          other.produce();
        }
        refusals(gateway, operator, ordersToken);
        outage(operator);
        operator.alter(new UserScramCredentialDeletion("orders", ScramMechanism.SCRAM_SHA_512));
        assertThat(operator.admin.describeUserScramCredentials().all().get()).isEmpty();

        Path configuration = folder.resolve("gatehouse.yaml");
        Files.writeString(
            configuration, Files.readString(configuration).replace("[operator]", "[orders]"));
        var reloaded =
            gateway.curl(
                "curl -X POST --user \"admin:$ADMIN_PASSWORD\""
                    + " http://127.0.0.1:8888/gateway/v2/reload");
        assertThat(reloaded.statusCode()).as(reloaded.body()).isEqualTo(200);
        assertThatThrownBy(() -> operator.admin.describeUserScramCredentials().all().get())
            .hasCauseInstanceOf(ClusterAuthorizationException.class);
      }
      assertThat(
              gateway.curl("curl --user \"admin:$ADMIN_PASSWORD\" http://127.0.0.1:8888/metrics"))
          .extracting(HttpResponse::body, InstanceOfAssertFactories.STRING)
          .contains("gatehouse_credential_changes_total{result=\"unavailable\"} 1.0");
      assertThat(Files.readString(folder.resolve("state.yaml"))).doesNotContain("another");
    }
  }

  private static void refusals(Gateway gateway, ScramUsersByKafka operator, String ordersToken)
      throws Exception {
    UserScramCredentialUpsertion own =
        ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_512, 4096, "mine");
    try (ScramUsersByKafka orders = admin(gateway, "orders", ordersToken)) {
      assertThat(orders.failure("orders", own)).isInstanceOf(ClusterAuthorizationException.class);
      assertThatThrownBy(() -> orders.admin.describeUserScramCredentials().all().get())
          .hasCauseInstanceOf(ClusterAuthorizationException.class);
      gateway.program.await("refusal listener=\\S+ .*principal=(orders) result=no_right");
    }
    assertThat(
            operator.failure(
                "nobody", ScramUsersByKafka.set("nobody", ScramMechanism.SCRAM_SHA_512, 4096, "x")))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThat(
            operator.failure(
                "orders",
                ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_512, 16385, "x")))
        .isInstanceOf(UnacceptableCredentialException.class);
    assertThat(operator.failure("orders", own, own)).isInstanceOf(DuplicateResourceException.class);
    assertThat(
            operator.failure(
                "orders", new UserScramCredentialDeletion("orders", ScramMechanism.SCRAM_SHA_256)))
        .isInstanceOf(ResourceNotFoundException.class);
    // All of it is the gateway's: the cluster knows nothing of it.
    try (Admin direct =
        Admin.create(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()))) {
      assertThat(direct.describeUserScramCredentials().all().get()).isEmpty();
    }
  }

  /** A file that cannot be read is not replaced, so nothing can be changed. */
  private static void outage(ScramUsersByKafka operator) throws Exception {
    Path state = folder.resolve("state.yaml");
    String before = Files.readString(state);
    Files.writeString(state, "kind: [");
    assertThat(
            operator.failure(
                "orders", ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_512, 4096, "x")))
        .isInstanceOf(TimeoutException.class);
    Files.writeString(state, before);
  }
}
