package io.gatehouse.app;

import static io.gatehouse.app.ConduktorVariables.bind;
import static io.gatehouse.app.ConduktorVariables.problems;
import static io.gatehouse.app.ConduktorVariables.settings;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.gateway.settings.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conduktor Gateway's variables and file for clusters. */
class ConduktorClusterVariablesTest {

  @TempDir private Path folder;

  @Test
  void treatsTypographicQuotationMarksAsPlainOnes() {
    String module = "org.apache.kafka.common.security.plain.PlainLoginModule required ";
    SettingsBinder.Result copied =
        bind(
            "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT",
            "KAFKA_SASL_MECHANISM=PLAIN",
            "KAFKA_SASL_JAAS_CONFIG=" + module + "username=“me” password=“hidden secret”;");
    assertThat(copied.problems().lines()).isEmpty();
    assertThat(copied.problems().notices())
        .anyMatch(notice -> notice.contains("KAFKA_SASL_JAAS_CONFIG: typographic"))
        .noneMatch(notice -> notice.contains("hidden"));
    SettingsBinder.Result meant =
        bind(
            "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT",
            "KAFKA_SASL_MECHANISM=PLAIN",
            "KAFKA_SASL_JAAS_CONFIG=" + module + "username=\"me\" password=\"a“b”c\";");
    assertThat(meant.problems().notices()).noneMatch(notice -> notice.contains("typographic"));
  }

  @Test
  void readsConnectionPropertiesOfBrokers() {
    AppSettings settings =
        settings(
            "KAFKA_BOOTSTRAP_SERVERS=k1:9092, k2:9092",
            "KAFKA_SECURITY_PROTOCOL=PLAINTEXT",
            "KAFKA_CLIENT_ID=me",
            "KAFKA_METADATA_MAX_AGE_MS=5000",
            "KAFKA_SOCKET_CONNECTION_SETUP_TIMEOUT_MS=1500",
            "KAFKA_RECEIVE_BUFFER_BYTES=-1",
            "KAFKA_SEND_BUFFER_BYTES=4096");
    var upstream = settings.gateway().upstream();
    assertThat(upstream.bootstrapServers())
        .containsExactly(new HostPort("k1", 9092), new HostPort("k2", 9092));
    assertThat(upstream.clientId()).isEqualTo("me");
    assertThat(upstream.refresh()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.gateway().traffic().timeouts().connect())
        .isEqualTo(Duration.ofMillis(1500));
    assertThat(settings.gateway().traffic().sockets().broker().receiveBuffer()).isZero();
    assertThat(settings.gateway().traffic().sockets().broker().sendBuffer()).isEqualTo(4096);
  }

  @Test
  void prefersTheNamedMainCluster() {
    assertThat(
            settings("KAFKA_MAIN_BOOTSTRAP_SERVERS=m:1", "KAFKA_MAIN_GATEWAY_ROLES=upstream")
                .gateway()
                .upstream()
                .bootstrapServers())
        .containsExactly(new HostPort("m", 1));
  }

  @Test
  void warnsOfKafkaPropertiesWithoutEffect() {
    SettingsBinder.Result result =
        bind("KAFKA_REQUEST_TIMEOUT_MS=1", "KAFKA_CLIENT_IDD=x", "KAFKA_HEAP_OPTS=-Xmx1g");
    assertThat(result.problems().lines()).isEmpty();
    assertThat(result.problems().notices())
        .containsExactlyInAnyOrder(
            "KAFKA_REQUEST_TIMEOUT_MS has no effect: the settings of the clients apply",
            "KAFKA_CLIENT_IDD has no effect: the settings of the clients apply, did you mean"
                + " client.id?");
  }

  @Test
  void readsAClusterFile() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("clusters.yaml"),
            """
            config:
              main:
                bootstrap.servers: f1:9092,f2:9092
                client.id: from-file
                gateway.roles: upstream
                security:
                  protocol: PLAINTEXT
            """);
    SettingsBinder.Result result =
        bind("GATEWAY_BACKEND_KAFKA_SELECTOR=file : { path: " + file + " }");
    assertThat(result.problems().lines()).isEmpty();
    AppSettings settings = requireNonNull(result.settings());
    assertThat(settings.gateway().upstream().bootstrapServers())
        .containsExactly(new HostPort("f1", 9092), new HostPort("f2", 9092));
    assertThat(settings.gateway().upstream().clientId()).isEqualTo("from-file");
    assertThat(result.problems().notices())
        .containsExactly(
            "KAFKA_BOOTSTRAP_SERVERS has no effect: GATEWAY_BACKEND_KAFKA_SELECTOR is given");
  }

  @Test
  void readsAFailoverCluster() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("clusters.yaml"),
            """
            config:
              main:
                bootstrap.servers: f1:9092
              failover:
                bootstrap.servers: f2:9092
                gateway.roles: failover
            """);
    for (AppSettings settings :
        List.of(
            settings("GATEWAY_BACKEND_KAFKA_SELECTOR=file : { path: " + file + " }"),
            settings(
                "KAFKA_MAIN_BOOTSTRAP_SERVERS=f1:9092",
                "KAFKA_FAILOVER_BOOTSTRAP_SERVERS=f2:9092",
                "KAFKA_FAILOVER_GATEWAY_ROLES=failover"))) {
      assertThat(settings.gateway().upstream().failoverTo()).isEqualTo("failover");
      assertThat(settings.gateway().upstreams()).containsOnlyKeys("main", "failover");
      assertThat(settings.gateway().listeners())
          .singleElement()
          .satisfies(one -> assertThat(one.entry().cluster()).isEqualTo("main"));
    }
    assertThat(problems("KAFKA_B_BOOTSTRAP_SERVERS=b:1", "KAFKA_B_GATEWAY_ROLES=spare"))
        .contains("KAFKA_B_GATEWAY_ROLES: 'spare' is neither upstream nor failover");
    assertThat(problems("KAFKA_MAIN_GATEWAY_ROLES=failover"))
        .contains("KAFKA_MAIN_GATEWAY_ROLES: the cluster main cannot have the role failover");
    assertThat(
            problems(
                "KAFKA_B_BOOTSTRAP_SERVERS=b:1",
                "KAFKA_B_GATEWAY_ROLES=failover",
                "KAFKA_C_BOOTSTRAP_SERVERS=c:1",
                "KAFKA_C_GATEWAY_ROLES=failover"))
        .anySatisfy(
            line -> assertThat(line).contains("only one cluster can have the role failover: b, c"));
  }

  @Test
  void reportsProblemsOfAClusterFile() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("clusters.yaml"),
            """
            config:
              main:
                bootstrap.servers: f1
                sasl.jaas.config: secret stuff
                security.protocol: SASL_SSL
              failover:
                bootstrap.servers: f2:9092
                gateway.roles: failover
            cnofig: {}
            """);
    assertThat(problems("GATEWAY_BACKEND_KAFKA_SELECTOR=file: {path: " + file + "}"))
        .containsExactly(
            file + ":9: there is no key cnofig, did you mean config?",
            file
                + ":5: SASL_SSL towards clients needs GATEWAY_SSL_KEY_STORE_PATH;"
                + " GATEWAY_SECURITY_PROTOCOL sets another protocol",
            file + ":3: upstream.bootstrapServers: 'f1' is not host:port",
            file
                + ":4: upstream.properties: sasl.jaas.config: Invalid login module control flag ..."
                + " in JAAS config");
    assertThat(problems("GATEWAY_BACKEND_KAFKA_SELECTOR=/clusters.yaml"))
        .anySatisfy(line -> assertThat(line).contains("expected a mapping"));
    assertThat(problems("GATEWAY_BACKEND_KAFKA_SELECTOR=flie: {path: /x}"))
        .contains(
            "GATEWAY_BACKEND_KAFKA_SELECTOR: 'flie: {path: /x}' is not of the form  file : { path:"
                + " /clusters.yaml }");
    assertThat(problems("GATEWAY_BACKEND_KAFKA_SELECTOR=file: {path: /none.yaml}"))
        .contains("cannot read /none.yaml: there is no such file");
  }
}
