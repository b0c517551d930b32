package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaTools;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.oidc.TokenServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DuplicateResourceException;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnacceptableCredentialException;
import org.assertj.core.api.InstanceOfAssertFactories;
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

  private static final DocumentedPage PAGE = DocumentedPage.of("accounts.md");
  private static final String TOPIC = "accounts";

  @TempDir static Path folder;

  private static KafkaCluster cluster;

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
    if (cluster != null) {
      cluster.close();
    }
  }

  private static String block(String begin, String part) {
    return PAGE.block(begin, part);
  }

  /** The page's gateway, its accounts and their clients. */
  private record Gateway(DocumentedGateway documented) implements AutoCloseable {

    static Gateway start() throws IOException {
      return start("");
    }

    /** The same with other mechanisms beside the page's. */
    static Gateway start(String mechanisms) throws IOException {
      return start(mechanisms, "");
    }

    /** The same with other keys at the end. */
    static Gateway start(String mechanisms, String more) throws IOException {
      return new Gateway(
          DocumentedGateway.start(
              PAGE,
              folder,
              cluster.bootstrapServers("PLAINTEXT"),
              text ->
                  text.replace(
                          "accountsRequired: true\n",
                          "accountsRequired: true\n" + mechanisms.indent(8))
                      + more));
    }

    ProgramProcess program() {
      return documented.program();
    }

    HttpResponse<String> curl(String command) {
      return documented.curl(command);
    }

    /** Writes a resource, which may have single quotes for double ones. */
    String put(String path, String resource) {
      return documented.succeed(
          block("curl", "-X PUT http")
              .replaceFirst("/gateway/v2/\\S+", "/gateway/v2/" + path)
              .replaceFirst(
                  "(?s)-d '.*'",
                  Matcher.quoteReplacement("-d '" + resource.replace('\'', '"') + "'")));
    }

    /** Makes an account and a token of the page's kind for another name. */
    String token(String name) {
      documented.succeed(block("curl", "-X PUT http").replace("orders", name));
      return documented.token(block("curl", "/token \\").replace("orders", name));
    }

    ProducingClient client(String name, String token) {
      return ProducingClient.of(properties(name, token), TOPIC);
    }

    /** The page's properties of a client with a token. */
    Map<String, Object> properties(String name, String token) {
      return DocumentedGateway.properties(propertiesFile(name, token));
    }

    String propertiesFile(String name, String token) {
      return documented.propertiesFile(token).replace("\"orders\"", "\"" + name + "\"");
    }

    ProducingClient scram(String name, String password) {
      return scram("SCRAM-SHA-512", name, password);
    }

    ProducingClient scram(String mechanism, String name, String password) {
      return client(AuthenticationProperties.scram(mechanism, name, password));
    }

    ProducingClient client(Map<String, Object> authentication) {
      Map<String, Object> login = new HashMap<>(authentication);
      login.put("bootstrap.servers", documented.bootstrap());
      login.put("security.protocol", "SASL_PLAINTEXT");
      return ProducingClient.of(login, TOPIC);
    }

    @Override
    public void close() {
      documented.close();
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
      try (ProducingClient orders = gateway.client("orders", token);
          ProducingClient again =
              gateway.client("orders", gateway.documented.token(block("curl", "/token \\")));
          ProducingClient other = gateway.client("others", others)) {
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
      try (ProducingClient client =
          gateway.client(
              AuthenticationProperties.token(idp.token("0oa1b2c3d4").audience("kafka").sign()))) {
        client.produce();
        String name = "mechanism=OAUTHBEARER %sprincipal=(\\S+) result=success";
        assertThat(gateway.program().await(name.formatted("tenant=passthrough ")))
            .isEqualTo("billing");

        String delete = block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/service-account \\");
        assertThat(gateway.curl(delete.replace("orders", "billing")).statusCode()).isEqualTo(204);
        client.produce();
        assertThat(gateway.program().await(name.formatted(""))).isEqualTo("0oa1b2c3d4");
      }
    }
  }

  @Test
  void clientsNeedAVirtualClusterWhereItIsRequired() throws Exception {
    try (Gateway gateway =
        Gateway.start("", "virtualClusters: {required: true, separator: '-'}\n")) {
      try (ProducingClient client = gateway.client("orders", gateway.token("orders"))) {
        client.isRefused();
      }
      gateway.program().await("orders result=not_for_us.*(virtualClusters\\.required)");

      var cluster =
          gateway.put(
              "virtual-cluster",
              "{'kind': 'VirtualCluster', 'apiVersion': 'gateway/v2',"
                  + " 'metadata': {'name': 'sales'}, 'spec': {}}");
      assertThat(cluster).contains("\"prefix\":\"sales-\"");
      gateway.put(
          "service-account",
          "{'kind': 'GatewayServiceAccount', 'apiVersion': 'gateway/v2',"
              + " 'metadata': {'name': 'alice', 'vCluster': 'sales'}, 'spec': {'type': 'LOCAL'}}");
      String token =
          gateway.documented.token(
              block("curl", "/token \\")
                  .replace("orders", "alice")
                  .replace("{", "{\"vCluster\": \"sales\", "));
      try (Admin admin = Admin.create(gateway.properties("alice", token))) {
        assertThat(admin.describeCluster().clusterId().get(1, TimeUnit.MINUTES)).isNotEmpty();
      }
      gateway.program().await("(alice) result=success");
    }
  }

  @Test
  void thePageOfResourcesDoesWhatItSays() throws Exception {
    List<String> commands = DocumentedPage.of("resources.md").blocks();
    assertThat(commands).hasSize(3);
    try (Gateway gateway = Gateway.start()) {
      var cluster = gateway.curl(commands.get(0));
      assertThat(cluster.statusCode()).as(cluster.body()).isEqualTo(200);
      assertThat(cluster.body()).endsWith("\"upsertResult\":\"Created\"}");
      var real = gateway.curl(commands.get(0).replace("?dryMode=true", ""));
      assertThat(real.statusCode()).as(real.body()).isEqualTo(200);
      assertThat(real.body()).endsWith("\"upsertResult\":\"Created\"}");

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
      try (ProducingClient client = gateway.client("orders", token)) {
        client.produce();
        var revoked =
            gateway.curl(block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/token \\"));
        assertThat(revoked.statusCode()).as(revoked.body()).isEqualTo(204);
        client.isRefused();
      }
      try (ProducingClient client = gateway.client("orders", gateway.token("orders"))) {
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
      try (ProducingClient client = gateway.scram("orders", password.group(1))) {
        client.produce();
        assertThat(
                gateway.program().await("mechanism=SCRAM-SHA-512 tenant=(\\S+) principal=orders"))
            .isEqualTo("passthrough");
        gateway.curl(set.replace("orders\"", "orders\", \"password\": \"new and known\""));
        client.isRefused();
      }
      try (ProducingClient client = gateway.scram("orders", "new and known")) {
        client.produce();
        String delete =
            block("curl", "DELETE http://127.0.0.1:8888/gateway/v2/service-account/password");
        assertThat(gateway.curl(delete).statusCode()).isEqualTo(204);
        client.isRefused();
      }
      assertThat(Files.readString(folder.resolve("state.yaml"))).doesNotContain("new and known");
    }
  }

  private static ScramUsersByKafka admin(Gateway gateway, String name, String token) {
    Map<String, Object> properties = gateway.properties(name, token);
    properties.put("default.api.timeout.ms", "60000");
    return new ScramUsersByKafka(Admin.create(properties));
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
        text.replace("gateway.example:6969", gateway.documented.bootstrap())
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
              gateway
                  .program()
                  .await(
                      "change listener=\\S+ .*principal=(operator) result=success reason=.*'orders'"
                          + " SCRAM-SHA-256 set"))
          .isEqualTo("operator");
      try (ProducingClient none = gateway.scram("orders", "a-password")) {
        none.isRefused(); // there is no password for SCRAM-SHA-512
      }

      try (ScramUsersByKafka operator = admin(gateway, "operator", token)) {
        try (ProducingClient client = gateway.scram("SCRAM-SHA-256", "orders", "a-password")) {
          client.produce();
          operator.alter(
              ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_512, 4096, "another"));
          client.produce();
          assertThat(client.connections()).as("its own password is as it was").isEqualTo(2);
          operator.alter(
              ScramUsersByKafka.set("orders", ScramMechanism.SCRAM_SHA_256, 4096, "changed"));
          client.isRefused();
        }
        try (ProducingClient changed = gateway.scram("SCRAM-SHA-256", "orders", "changed");
            ProducingClient other = gateway.scram("orders", "another")) {
          changed.produce();
          other.produce();
          kafkaConfigs(gateway, properties, "--delete-config");
          changed.isRefused();
          other.produce();
        }
        refusals(gateway, operator, ordersToken);
        outage(operator);
        operator.alter(new UserScramCredentialDeletion("orders", ScramMechanism.SCRAM_SHA_512));
        assertThat(operator.admin().describeUserScramCredentials().all().get()).isEmpty();

        Path configuration = folder.resolve("gatehouse.yaml");
        Files.writeString(
            configuration, Files.readString(configuration).replace("[operator]", "[orders]"));
        var reloaded =
            gateway.curl(
                "curl -X POST --user \"admin:$ADMIN_PASSWORD\""
                    + " http://127.0.0.1:8888/gateway/v2/reload");
        assertThat(reloaded.statusCode()).as(reloaded.body()).isEqualTo(200);
        assertThatThrownBy(() -> operator.admin().describeUserScramCredentials().all().get())
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
      assertThatThrownBy(() -> orders.admin().describeUserScramCredentials().all().get())
          .hasCauseInstanceOf(ClusterAuthorizationException.class);
      gateway.program().await("refusal listener=\\S+ .*principal=(orders) result=no_right");
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
