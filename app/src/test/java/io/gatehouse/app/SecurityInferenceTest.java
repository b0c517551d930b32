package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.OpenedNames;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan.Pair;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.tls.ClientAuth;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All rows of the security tables in docs/conduktor.md. */
class SecurityInferenceTest {

  /** 256 bits in base64. */
  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

  private static final String JAAS =
      "KAFKA_SASL_JAAS_CONFIG=org.apache.kafka.common.security.plain.PlainLoginModule required"
          + " username=\"gw\" password=\"hunter2\";";

  private static SettingsBinder.Result bind(String... pairs) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "k1:9092");
    for (String pair : pairs) {
      if (!pair.isEmpty()) {
        environment.put(
            pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
      }
    }
    return Configuration.ofRun(Arguments.parse(List.of(), Command.RUN.flags()), environment);
  }

  private static List<ListenerSettings> listeners(String... pairs) {
    SettingsBinder.Result result = bind(pairs);
    assertThat(result.problems().lines()).isEmpty();
    return requireNonNull(result.settings()).gateway().listeners();
  }

  private static Entry entry(String... pairs) {
    List<ListenerSettings> listeners = listeners(pairs);
    assertThat(listeners).hasSize(1);
    return listeners.getFirst().entry();
  }

  private static List<String> problems(String... pairs) {
    return bind(pairs).problems().lines();
  }

  private static List<String> mechanisms(Entry entry) {
    return ((Authentication.Sasl) entry.authentication())
        .mechanisms().stream().map(OpenedNames::of).toList();
  }

  private static String kindOf(Entry entry) {
    return (entry.tls() == null ? "plaintext " : "tls ")
        + switch (entry.authentication()) {
          case Authentication.Open _ -> "open";
          case Authentication.Sasl _ -> "sasl";
          case Authentication.Forwarded _ -> "forwarded";
        };
  }

  @ParameterizedTest(name = "mode {0}, client {1}, Kafka {2} -> {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      nullValues = "-",
      textBlock =
          """
          -               | -                        | SASL_PLAINTEXT | plaintext forwarded
          -               | -                        | SASL_SSL       | tls forwarded
          -               | -                        | PLAINTEXT      | plaintext open
          -               | -                        | SSL            | tls open
          -               | -                        | -              | plaintext open
          KAFKA_MANAGED   | -                        | SASL_PLAINTEXT | plaintext forwarded
          KAFKA_MANAGED   | -                        | SASL_SSL       | tls forwarded
          KAFKA_MANAGED   | -                        | PLAINTEXT      | GATEWAY_SECURITY_PROTOCOL is missing
          KAFKA_MANAGED   | -                        | SSL            | GATEWAY_SECURITY_PROTOCOL is missing
          KAFKA_MANAGED   | -                        | -              | GATEWAY_SECURITY_PROTOCOL is missing
          GATEWAY_MANAGED | -                        | PLAINTEXT      | plaintext open
          GATEWAY_MANAGED | -                        | SSL            | tls open
          GATEWAY_MANAGED | -                        | SASL_PLAINTEXT | GATEWAY_SECURITY_PROTOCOL is missing
          GATEWAY_MANAGED | -                        | SASL_SSL       | GATEWAY_SECURITY_PROTOCOL is missing
          -               | PLAINTEXT                | SASL_SSL       | plaintext open
          -               | SSL                      | SASL_SSL       | tls open
          -               | SASL_PLAINTEXT           | SASL_SSL       | plaintext sasl
          -               | SASL_SSL                 | PLAINTEXT      | tls sasl
          -               | DELEGATED_SASL_PLAINTEXT | SASL_SSL       | plaintext forwarded
          -               | DELEGATED_SASL_SSL       | SASL_PLAINTEXT | tls forwarded
          KAFKA_MANAGED   | DELEGATED_SASL_SSL       | SASL_PLAINTEXT | tls forwarded
          KAFKA_MANAGED   | SASL_PLAINTEXT           | SASL_SSL       | plaintext forwarded
          KAFKA_MANAGED   | SASL_SSL                 | SASL_SSL       | tls forwarded
          GATEWAY_MANAGED | SASL_PLAINTEXT           | SASL_SSL       | plaintext sasl
          GATEWAY_MANAGED | SASL_SSL                 | SSL            | tls sasl
          KAFKA_MANAGED   | PLAINTEXT                | SASL_SSL       | PLAINTEXT cannot be combined with KAFKA_MANAGED
          KAFKA_MANAGED   | SSL                      | SASL_SSL       | SSL cannot be combined with KAFKA_MANAGED
          GATEWAY_MANAGED | DELEGATED_SASL_SSL       | SASL_SSL       | DELEGATED_SASL_SSL means KAFKA_MANAGED
          -               | SASL                     | SASL_SSL       | 'SASL' is not one of PLAINTEXT
          MANAGED         | SSL                      | SSL            | 'MANAGED' is not GATEWAY_MANAGED or KAFKA_MANAGED
          """)
  void infers(String mode, String protocol, String kafka, String expected) {
    String sasl = kafka != null && kafka.startsWith("SASL") ? JAAS : "";
    String[] given = {
      mode == null ? "" : "GATEWAY_SECURITY_MODE=" + mode,
      protocol == null ? "" : "GATEWAY_SECURITY_PROTOCOL=" + protocol,
      kafka == null ? "" : "KAFKA_SECURITY_PROTOCOL=" + kafka,
      sasl,
      sasl.isEmpty() ? "" : "KAFKA_SASL_MECHANISM=PLAIN",
      "GATEWAY_SSL_KEY_STORE_PATH=/keys.jks",
      "GATEWAY_USER_POOL_SECRET_KEY=" + KEY
    };
    SettingsBinder.Result result = bind(given);
    if (result.settings() == null) {
      assertThat(result.problems().lines()).singleElement().asString().contains(expected);
    } else {
      Entry entry = result.settings().gateway().listeners().getFirst().entry();
      assertThat(kindOf(entry)).isEqualTo(expected);
    }
    assertThat(result.yaml() + result.problems().report())
        .doesNotContain("hunter2")
        .doesNotContain(KEY);
  }

  @Test
  void needsTheModeWithExplicitListeners() {
    String[] listener = {
      "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
      "GATEWAY_LISTENER_A_ROUTING=port",
      "GATEWAY_LISTENER_A_PORTS=9092-9095"
    };
    assertThat(problems(listener))
        .singleElement()
        .asString()
        .startsWith("GATEWAY_SECURITY_MODE is missing");
  }

  @Test
  void authenticatesByTokensOfServiceAccountsAndOfAnIssuer() {
    Entry both =
        entry(
            "GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT",
            "GATEWAY_USER_POOL_SECRET_KEY=" + KEY,
            "GATEWAY_OAUTH_JWKS_URL=https://login.example.com/common/discovery/keys",
            "GATEWAY_OAUTH_EXPECTED_ISSUER=https://sts.example.com/x/",
            "GATEWAY_OAUTH_EXPECTED_AUDIENCES=[00000002-0000-0000-c000-000000000000]",
            "GATEWAY_AUTHENTICATION_CONNECTION_MAX_REAUTH_MS=60000");
    assertThat(mechanisms(both)).containsExactly("PLAIN", "OAUTHBEARER");
    assertThat(((Authentication.Sasl) both.authentication()).maxSession())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(
            mechanisms(
                entry(
                    "GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT",
                    "GATEWAY_OAUTH_JWKS_URL=file:///keys.json",
                    "GATEWAY_OAUTH_JWKS_REFRESH=1000",
                    "GATEWAY_OAUTH_JWKS_RETRY=10",
                    "GATEWAY_OAUTH_JWKS_MAX_RETRY=100")))
        .containsExactly("OAUTHBEARER");
    assertThat(problems("GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT"))
        .singleElement()
        .asString()
        .contains("SASL_PLAINTEXT needs GATEWAY_USER_POOL_SECRET_KEY", "GATEWAY_OAUTH_JWKS_URL");
    assertThat(
            problems(
                "GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT", "GATEWAY_USER_POOL_SECRET_KEY=short"))
        .singleElement()
        .asString()
        .doesNotContain("short\"");
  }

  @Test
  void requiresCertificates() {
    String[] mtls = {
      "GATEWAY_SECURITY_PROTOCOL=SSL",
      "GATEWAY_SSL_CLIENT_AUTH=REQUIRE",
      "GATEWAY_SSL_KEY_STORE_PATH=/path/to/your/keystore.jks",
      "GATEWAY_SSL_KEY_STORE_PASSWORD=yourKeystorePassword",
      "GATEWAY_SSL_KEY_PASSWORD=yourKeyPassword",
      "GATEWAY_SSL_TRUST_STORE_PATH=/path/to/your/truststore.jks",
      "GATEWAY_SSL_TRUST_STORE_PASSWORD=yourTrustStorePassword",
      "GATEWAY_SSL_PRINCIPAL_MAPPING_RULES=RULE:^CN=([a-zA-Z0-9.-]*).*$/$1/ , DEFAULT"
    };
    Entry entry = entry(mtls);
    assertThat(requireNonNull(entry.tls()).clients().auth()).isEqualTo(ClientAuth.REQUIRED);
    assertThat(bind(mtls).yaml()).doesNotContain("Password\"", "yourKey");
    assertThat(
            problems(
                "GATEWAY_SECURITY_PROTOCOL=SSL",
                "GATEWAY_SSL_KEY_STORE_PATH=/k",
                "GATEWAY_SSL_CLIENT_AUTH=REQUIRE"))
        .singleElement()
        .asString()
        .contains("no authority is trusted");
  }

  @Test
  void routesByName() {
    Routing.BySni sni =
        (Routing.BySni)
            listeners(
                    "GATEWAY_SECURITY_PROTOCOL=SSL",
                    "GATEWAY_SSL_KEY_STORE_PATH=/k",
                    "GATEWAY_ROUTING_MECHANISM=host",
                    "GATEWAY_PORT_START=9092",
                    "GATEWAY_ADVERTISED_SNI_PORT=443",
                    "GATEWAY_ADVERTISED_HOST=gateway.conduktor.k8s.orb.local")
                .getFirst()
                .routing();
    assertThat(sni.port()).isEqualTo(new Pair(443, 9092));
    assertThat(sni.node().host(0)).isEqualTo("brokermain0-gateway.conduktor.k8s.orb.local");
    assertThat(sni.bootstrapHost()).isEqualTo("gateway.conduktor.k8s.orb.local");
    assertThat(problems("GATEWAY_ROUTING_MECHANISM=host", "GATEWAY_ADVERTISED_HOST=gw"))
        .singleElement()
        .asString()
        .contains("host needs TLS");
  }

  @Test
  void routesToSeveralClustersByNameAndByPort() {
    List<ListenerSettings> byName =
        listeners(
            "KAFKA_CLUSTERA_BOOTSTRAP_SERVERS=a:9092",
            "GATEWAY_SECURITY_PROTOCOL=SSL",
            "GATEWAY_SSL_KEY_STORE_PATH=/k",
            "GATEWAY_ROUTING_MECHANISM=host",
            "GATEWAY_ADVERTISED_HOST=gw.example.com");
    assertThat(byName).extracting(l -> l.entry().cluster()).containsExactly("main", "clustera");
    Routing.BySni second = (Routing.BySni) byName.getLast().routing();
    assertThat(second.node().host(3)).isEqualTo("brokerclustera3-gw.example.com");
    assertThat(second.bootstrapHost()).isEqualTo("brokerclustera-gw.example.com");

    List<ListenerSettings> byPort =
        listeners(
            "KAFKA_CLUSTERA_BOOTSTRAP_SERVERS=a:9092",
            "GATEWAY_PORT_START=6969",
            "GATEWAY_PORT_COUNT=5");
    assertThat(((Routing.ByNodeId) byPort.getLast().routing()).ports().at(0).local())
        .isEqualTo(6974);
    assertThat(problems("KAFKA_CLUSTERA_BOOTSTRAP_SERVERS=a:9092", "GATEWAY_PORT_START=6969"))
        .singleElement()
        .asString()
        .contains("GATEWAY_PORT_COUNT is missing");
  }

  @Test
  void readsExplicitListenersThatRouteByName() {
    List<ListenerSettings> listeners =
        listeners(
            "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
            "GATEWAY_SSL_KEY_STORE_PATH=/k",
            "GATEWAY_SSL_TRUST_STORE_PATH=/t",
            "GATEWAY_LISTENER_IN_SECURITY_PROTOCOL=SSL",
            "GATEWAY_LISTENER_IN_ROUTING=port",
            "GATEWAY_LISTENER_IN_PORTS=9092-9094",
            "GATEWAY_LISTENER_OUT_SECURITY_PROTOCOL=SSL",
            "GATEWAY_LISTENER_OUT_ROUTING=SNI",
            "GATEWAY_LISTENER_OUT_PORTS=443:9192",
            "GATEWAY_LISTENER_OUT_SSL_CLIENT_AUTH=OPTIONAL",
            "GATEWAY_LISTENER_OUT_ADVERTISED_HOST_PATTERN=broker-{{nodeId}}.kafka.example.com");
    assertThat(requireNonNull(listeners.getFirst().entry().tls()).clients().auth())
        .isEqualTo(ClientAuth.NONE);
    assertThat(requireNonNull(listeners.getLast().entry().tls()).clients().auth())
        .isEqualTo(ClientAuth.OPTIONAL);
    Routing.BySni sni = (Routing.BySni) listeners.getLast().routing();
    assertThat(sni.port()).isEqualTo(new Pair(443, 9192));
    assertThat(sni.node().host(7)).isEqualTo("broker-7.kafka.example.com");
    assertThat(sni.bootstrapHost()).isEqualTo("kafka.example.com");
  }
}
