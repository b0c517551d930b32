package io.gatehouse.app;

import static io.gatehouse.app.ConduktorVariables.bind;
import static io.gatehouse.app.ConduktorVariables.http;
import static io.gatehouse.app.ConduktorVariables.listener;
import static io.gatehouse.app.ConduktorVariables.problems;
import static io.gatehouse.app.ConduktorVariables.settings;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.conduktor.GatewayVariable;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.AppSettings.Log.AuditTopicSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.control.kafka.EventTopic;
import io.gatehouse.gateway.settings.Tenancy;
import io.gatehouse.gateway.settings.Tenancy.PassthroughAccess;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.LoggerLevels.Level;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Conduktor Gateway's variables. */
class ConduktorVariablesTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          GATEWAY_ADVERTISED_HOST=0.0.0.0     | GATEWAY_ADVERTISED_HOST: clients cannot connect to the advertised host 0.0.0.0
          GATEWAY_ADVERTISED_HOST=gw:9092     | GATEWAY_ADVERTISED_HOST: 'gw:9092' must be a host without a port
          GATEWAY_PORT_START=x                | GATEWAY_PORT_START: 'x' is not a port
          GATEWAY_PORT_COUNT=0                | GATEWAY_PORT_COUNT: 0 is not from 1 to 65535
          GATEWAY_MIN_BROKERID=-1             | GATEWAY_MIN_BROKERID: -1 is not of 0 or more
          GATEWAY_HTTP_PORT=http              | GATEWAY_HTTP_PORT: 'http' is not a whole number from 0 to 65535
          GATEWAY_DOWNSTREAM_THREAD=-1        | GATEWAY_DOWNSTREAM_THREAD: -1 is not from 0 to 1024
          GATEWAY_PORT_STRAT=1                | GATEWAY_PORT_STRAT: there is no such variable, did you mean GATEWAY_PORT_START?
          GATEWAY_SECURITY_PROTOCL=SSL        | GATEWAY_SECURITY_PROTOCL: there is no such variable, did you mean GATEWAY_SECURITY_PROTOCOL?
          GATEWAY_MODE=VCLUSTER               | GATEWAY_MODE: removed after version 2; use GATEWAY_SECURITY_MODE
          GATEWAY_ACL_ENABLED=maybe           | GATEWAY_ACL_ENABLED: 'maybe' is not true or false
          GATEWAY_FEATURE_FLAGS_CONSUMER_GROUP_PROTOCOL=maybe | 'maybe' is not true or false
          GATEWAY_LISTENER_A_PORTS=1          | GATEWAY_LISTENER_A_SECURITY_PROTOCOL is missing: the listener A needs it, for example PLAINTEXT
          GATEWAY_LISTENER_A_PORTS=1          | GATEWAY_LISTENER_A_ROUTING is missing: the listener A needs it, for example port
          GATEWAY_LISTENER_A_ROUTING=port     | GATEWAY_LISTENER_A_PORTS is missing: the listener A needs it, for example ports such as 9092-9095
          GATEWAY_LISTENER_A_PORTS=9-1        | GATEWAY_LISTENER_A_PORTS: '9-1' is a descending range
          GATEWAY_LISTENER_A_PORT=1           | GATEWAY_LISTENER_A_PORT: it does not end with a property of a listener, did you mean PORTS?
          GATEWAY_LISTENER_MY_A_PORTS=1       | GATEWAY_LISTENER_MY_A_PORTS: 'MY_A' is not a valid listener name
          GATEWAY_LISTENER_1A_PORTS=1         | GATEWAY_LISTENER_1A_PORTS: '1A' is not a valid listener name
          KAFKA_BOOTSTRAP_SERVERS=k1          | KAFKA_BOOTSTRAP_SERVERS: 'k1' is not host:port
          KAFKA_METADATA_MAX_AGE_MS=1s        | KAFKA_METADATA_MAX_AGE_MS: '1s' is not a whole number
          LOG4J2_ROOT_LEVEL=loud              | LOG4J2_ROOT_LEVEL: 'loud' is not one of off, error
          LOG4J2_APPENDER_LAYOUT=xml          | LOG4J2_APPENDER_LAYOUT: 'xml' is not one of pattern, json
          """)
  void reportsInvalidValues(String pair, String problem) {
    assertThat(problems(pair)).anySatisfy(line -> assertThat(line).contains(problem));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GATEWAY_FEATURE_FLAGS_RBAC=true          | GATEWAY_FEATURE_FLAGS_RBAC=true (only false)
          GATEWAY_SECURITY_PROVIDER=BOUNCY_CASTLE_FIPS | GATEWAY_SECURITY_PROVIDER=BOUNCY_CASTLE_FIPS (only DEFAULT, BOUNCY_CASTLE, CONSCRYPT)
          """)
  void namesWhatIsNotSupportedYet(String pair, String named) {
    assertThat(problems(pair)).containsExactly("not yet supported: " + named);
  }

  @Test
  void clientsWithoutAVirtualClusterMayDoWhatRulesAllow() {
    String sasl = "GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT";
    String key = "GATEWAY_USER_POOL_SECRET_KEY=" + "A".repeat(43) + "=";
    String on = "GATEWAY_ACL_ENABLED=true";
    assertThat(access(sasl, key)).isEqualTo(new PassthroughAccess(false, Set.of()));
    assertThat(access(sasl, key, on)).isEqualTo(new PassthroughAccess(true, Set.of()));
    assertThat(access(sasl, key, on, "GATEWAY_SUPER_USERS=User:alice; CN=bob,O=x;"))
        .isEqualTo(new PassthroughAccess(true, Set.of("alice", "CN=bob,O=x")));
    String users =
        "GATEWAY_ADMIN_API_USERS=[{username: root, password: not-known, admin: true}, {username:"
            + " viewer, password: p}]";
    assertThat(access(sasl, key, on, users))
        .isEqualTo(new PassthroughAccess(true, Set.of("root", "viewer")));
    assertThat(access(sasl, key, users)).isEqualTo(new PassthroughAccess(false, Set.of()));

    String managed = "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED";
    assertThat(access(sasl, key, managed)).isEqualTo(new PassthroughAccess(true, Set.of()));
    assertThat(access(sasl, key, managed, "GATEWAY_ACL_ENABLED=false"))
        .isEqualTo(new PassthroughAccess(false, Set.of()));
  }

  private static PassthroughAccess access(String... pairs) {
    return settings(pairs).gateway().tenancy().passthrough();
  }

  @Test
  void whoCannotBeLimitedOrMakeRulesIsTold() {
    String sasl = "GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT";
    String key = "GATEWAY_USER_POOL_SECRET_KEY=" + "A".repeat(43) + "=";
    assertThat(problems("GATEWAY_SECURITY_MODE=KAFKA_MANAGED", sasl, "GATEWAY_ACL_ENABLED=true"))
        .containsExactly(
            "GATEWAY_ACL_ENABLED: true needs GATEWAY_SECURITY_MODE=GATEWAY_MANAGED; brokers have"
                + " ACLs of their own");
    assertThat(bind(sasl, key, "GATEWAY_SUPER_USERS=alice").problems().notices())
        .contains(
            "GATEWAY_SUPER_USERS has no effect without GATEWAY_ACL_ENABLED=true",
            "clients authenticate at the gateway, and GATEWAY_ACL_ENABLED is not true: every"
                + " client without a virtual cluster has the permissions of the gateway's account"
                + " at the brokers");
    assertThat(bind(sasl, key, "GATEWAY_ACL_ENABLED=true").problems().notices())
        .containsExactly(
            "no client without a virtual cluster may do anything unless access rules exist"
                + " already: GATEWAY_SUPER_USERS names no user who could make rules");
  }

  @Test
  void clientsCanNeedAVirtualCluster() {
    String required = "GATEWAY_FEATURE_FLAGS_MANDATORY_VCLUSTER=true";
    String key = "GATEWAY_USER_POOL_SECRET_KEY=" + "A".repeat(43) + "=";
    assertThat(settings(key).gateway().tenancy()).isEqualTo(Tenancy.OPTIONAL);
    assertThat(
            settings(required, "GATEWAY_SECURITY_PROTOCOL=SASL_PLAINTEXT", key)
                .gateway()
                .tenancy()
                .required())
        .isTrue();
    assertThat(problems(required))
        .singleElement()
        .asString()
        .contains("each client must belong to a virtual cluster, and here clients do not");
    assertThat(problems(required, "GATEWAY_SECURITY_PROTOCOL=DELEGATED_SASL_PLAINTEXT"))
        .singleElement()
        .asString()
        .contains("and here the brokers authenticate clients, which then belong to none");
  }

  @Test
  void readsTheTopicForAuditEvents() {
    assertThat(settings("GATEWAY_FEATURE_FLAGS_AUDIT=false", "GATEWAY_AUDIT_LOG_TOPIC=a").log())
        .isEqualTo(settings().log());
    AuditTopicSettings plain =
        requireNonNull(
            settings("GATEWAY_FEATURE_FLAGS_AUDIT=true", "GATEWAY_CLUSTER_ID=x")
                .log()
                .audit()
                .topic());
    assertThat(plain.target())
        .isEqualTo(
            new EventTopic.Settings(
                "main", "_conduktor_x_auditlogs", 3, -1, Duration.ofDays(7), Map.of()));
    assertThat(plain.types()).containsExactlyInAnyOrder(AuditEvent.Type.values());
    AuditTopicSettings other =
        settings(
                "GATEWAY_AUDIT_LOG_SERVICE_BACKING_TOPIC=old",
                "GATEWAY_AUDIT_LOG_REPLICATION_FACTOR_OF_TOPIC=2",
                "GATEWAY_AUDIT_LOG_NUM_PARTITIONS_OF_TOPIC=-1",
                "GATEWAY_AUDIT_LOG_CONFIG_SPEC_VERSION=0.2.0",
                "GATEWAY_AUDIT_LOG_EVENT_TYPES=REST_API,AUTHENTICATION",
                "GATEWAY_AUDIT_LOG_KAFKA_LINGER_MS=5")
            .log()
            .audit()
            .topic();
    assertThat(other)
        .isEqualTo(
            new AuditTopicSettings(
                new EventTopic.Settings(
                    "main", "old", 3, 2, Duration.ofDays(7), Map.of("linger.ms", "5")),
                Set.of(AuditEvent.Type.REST_API, AuditEvent.Type.AUTHENTICATION),
                "0.2.0"));
    assertThat(
            problems(
                "GATEWAY_FEATURE_FLAGS_AUDIT=true",
                "GATEWAY_AUDIT_LOG_EVENT_TYPES=REST",
                "GATEWAY_AUDIT_LOG_KAFKA_BOOTSTRAP_SERVERS=other:9092"))
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).contains("'rest' is not one of authentication"),
            line ->
                assertThat(line).contains("BOOTSTRAP_SERVERS", "bootstrap.servers cannot be set"));
  }

  @Test
  void readsHowHttpIsServed() {
    HttpSettings plain = http("GATEWAY_HTTP_PORT=8888");
    assertThat(plain.security()).isEqualTo(HttpSettings.Security.NONE);
    HttpSettings secure =
        http(
            "GATEWAY_HTTPS_KEY_STORE_PATH=/k.jks",
            "GATEWAY_HTTPS_KEY_STORE_PASSWORD=a",
            "GATEWAY_HTTPS_TRUST_STORE_PATH=/t.jks",
            "GATEWAY_HTTPS_TRUST_STORE_PASSWORD=b",
            "GATEWAY_HTTPS_CLIENT_AUTH=REQUEST",
            "GATEWAY_SECURED_METRICS=true");
    ServerTls tls = requireNonNull(secure.security().tls());
    assertThat(tls.key())
        .isEqualTo(new KeySource.Store(Path.of("/k.jks"), new Secret("a"), null, null));
    assertThat(tls.clients().trust())
        .isEqualTo(new TrustSource.Store(Path.of("/t.jks"), new Secret("b")));
    assertThat(tls.clients().auth()).isEqualTo(ClientAuth.OPTIONAL);
    assertThat(secure.security().metricsNeedUser()).isTrue();
    assertThat(
            requireNonNull(
                    http("GATEWAY_HTTPS_KEY_STORE_PATH=/k.jks", "GATEWAY_HTTPS_TRUST_STORE_PATH=/t")
                        .security()
                        .tls())
                .clients()
                .auth())
        .isEqualTo(ClientAuth.NONE);
  }

  /** As there: those who name users expect that metrics need one. */
  @Test
  void metricsNeedAUserIfUsersAreNamed() {
    String users = "GATEWAY_ADMIN_API_USERS=[{username: a, password: b}]";
    assertThat(http(users).security().metricsNeedUser()).isTrue();
    assertThat(http(users, "GATEWAY_SECURED_METRICS=false").security().metricsNeedUser()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GATEWAY_HTTPS_CLIENT_AUTH=REQUIRED   | GATEWAY_HTTPS_CLIENT_AUTH: HTTP has TLS only with GATEWAY_HTTPS_KEY_STORE_PATH
          GATEWAY_HTTPS_TRUST_STORE_PATH=/x    | GATEWAY_HTTPS_TRUST_STORE_PATH: HTTP has TLS only with GATEWAY_HTTPS_KEY_STORE_PATH
          GATEWAY_SECURED_METRICS=maybe        | GATEWAY_SECURED_METRICS: 'maybe' is not true or false
          """)
  void refusesHttpVariablesThatMakeNoSense(String pair, String problem) {
    assertThat(problems(pair)).containsExactly(problem);
  }

  static List<GatewayVariable> variables() {
    return GatewayVariable.all();
  }

  @ParameterizedTest
  @MethodSource("variables")
  void doesWithEveryVariableWhatTheTableSays(GatewayVariable variable) throws Exception {
    String name = variable.name().replace("<N>", "0").replaceFirst("<[A-Z]+>", "ANY_THING");
    // A value that is invalid for every variable; one of them is the path of a file.
    Path something = Files.writeString(folder.resolve("something"), "[{\"name\": \"mask\"}]");
    SettingsBinder.Result result = bind(name + "=" + something);
    switch (variable.support()) {
      case YES -> {
        // Every variable is read: an invalid value is refused or appears in the configuration.
        boolean read =
            !result.problems().isEmpty()
                || result.yaml().contains("# " + name)
                || result.problems().notices().toString().contains(name);
        assertThat(read).isTrue();
      }
      case NO_EFFECT -> {
        assertThat(result.problems().lines()).isEmpty();
        assertThat(result.problems().notices())
            .containsExactly(name + " has no effect: " + variable.help());
      }
      case NOT_YET ->
          assertThat(result.problems().lines())
              .singleElement()
              .asString()
              .startsWith("not yet supported: ")
              .contains(name);
      case RETIRED ->
          assertThat(result.problems().lines()).containsExactly(name + ": " + variable.help());
    }
    for (String harmless : variable.harmless()) {
      SettingsBinder.Result harmed = bind(name + "=" + harmless);
      assertThat(harmed.problems().lines()).isEmpty();
      assertThat(harmed.problems().notices())
          .singleElement()
          .asString()
          .startsWith(name)
          .contains(" has no effect: ");
    }
  }

  @Test
  void treatsEmptyVariablesAsNotSet() {
    assertThat(listener("GATEWAY_PORT_START=", "GATEWAY_SSL_KEY_STORE_PATH= ").name())
        .isEqualTo("main");
  }

  @Test
  void ignoresServiceLinksOfKubernetes() {
    assertThat(
            problems(
                "GATEWAY_SERVICE_HOST=10.0.0.1",
                "GATEWAY_PORT=tcp://10.0.0.1:9092",
                "GATEWAY_PORT_9092_TCP_PORT=9092",
                "KAFKA_SERVICE_PORT=9092",
                "KAFKA_PORT=tcp://10.0.0.1:9092"))
        .isEmpty();
  }

  @Test
  void readsHttpThreadsAndGroups() {
    AppSettings settings =
        settings(
            "GATEWAY_DOWNSTREAM_THREAD=3", "GATEWAY_FEATURE_FLAGS_CONSUMER_GROUP_PROTOCOL=false");
    assertThat(http("GATEWAY_HTTP_PORT=9999").listen().port()).isEqualTo(9999);
    assertThat(http("GATEWAY_HTTP_PORT=9999").listen().host()).isEqualTo("0.0.0.0");
    assertThat(http("GATEWAY_HTTP_PORT=9999", "GATEHOUSE_HTTP_HOST=::1").listen().host())
        .isEqualTo("::1");
    assertThat(http("GATEWAY_HTTP_PORT=9999").listen().setting()).isEqualTo("GATEWAY_HTTP_PORT");
    assertThat(settings.gateway().traffic().sockets().eventLoops()).isEqualTo(3);
    assertThat(settings.gateway().traffic().rules().forbidden()).containsExactlyInAnyOrder(68, 69);
    assertThat(
            settings("GATEWAY_FEATURE_FLAGS_CONSUMER_GROUP_PROTOCOL=true")
                .gateway()
                .traffic()
                .rules()
                .forbidden())
        .isEmpty();
  }

  @Test
  void readsLogLevels() {
    AppSettings.Log log =
        settings(
                "LOG4J2_APPENDER_LAYOUT=json",
                "LOG4J2_ROOT_LEVEL=WARN",
                "LOG4J2_IO_CONDUKTOR_LEVEL=debug",
                "LOG4J2_IO_CONDUKTOR_PROXY_NETWORK_LEVEL=all",
                "LOG4J2_ORG_APACHE_KAFKA_LEVEL=fatal",
                "LOG4J2_COM_EXAMPLE_LEVEL=off")
            .log();
    assertThat(log.format()).isEqualTo(AppSettings.Log.Format.JSON);
    assertThat(log.level()).isEqualTo(Level.WARN);
    assertThat(log.levels())
        .isEqualTo(
            Map.of(
                "io.gatehouse", Level.DEBUG,
                "io.gatehouse.gateway.flow", Level.TRACE,
                "org.apache.kafka", Level.ERROR,
                "com.example", Level.OFF));
    assertThat(bind("LOG4J2_IO_VERTX_LEVEL=warn").problems().notices())
        .containsExactly(
            "LOG4J2_IO_VERTX_LEVEL has no effect: the gateway does not use that library");
  }
}
