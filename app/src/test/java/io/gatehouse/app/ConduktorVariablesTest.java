package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.conduktor.GatewayVariable;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.AppSettings.Log.AuditTopicSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.control.kafka.EventTopic;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.PortPlan.Pair;
import io.gatehouse.gateway.settings.Routing;
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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Conduktor Gateway's variables. */
class ConduktorVariablesTest {

  @TempDir private Path folder;

  private static SettingsBinder.Result bind(String... pairs) {
    return bind(environment(pairs));
  }

  private static SettingsBinder.Result bind(Map<String, String> environment) {
    Arguments none = Arguments.parse(List.of(), Command.RUN.flags());
    return Configuration.ofRun(none, environment);
  }

  private static Map<String, String> environment(String... pairs) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "k1:9092");
    for (String pair : pairs) {
      environment.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    return environment;
  }

  private static AppSettings settings(String... pairs) {
    SettingsBinder.Result result = bind(pairs);
    assertThat(result.problems().lines()).isEmpty();
    return requireNonNull(result.settings());
  }

  private static HttpSettings http(String... pairs) {
    return requireNonNull(settings(pairs).http());
  }

  private static ListenerSettings listener(String... pairs) {
    List<ListenerSettings> listeners = settings(pairs).gateway().listeners();
    assertThat(listeners).hasSize(1);
    return listeners.getFirst();
  }

  private static List<String> problems(String... pairs) {
    return bind(pairs).problems().lines();
  }

  @Test
  void startsWithoutAnyNetworkVariable() {
    assertThat(listener())
        .isEqualTo(
            new ListenerSettings(
                "main", "0.0.0.0", null, new Routing.ByNodeId(null, PortPlan.from(6969), 0)));
    assertThat(http().listen().port()).isEqualTo(8888);
    assertThat(http().listen().host()).isEqualTo("127.0.0.1");
  }

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
  void readsTheLegacyNetworkVariables() {
    assertThat(
            listener(
                "GATEWAY_ADVERTISED_HOST=gw.example.com",
                "GATEWAY_BIND_HOST=10.0.0.5",
                "GATEWAY_ROUTING_MECHANISM=port",
                "GATEWAY_PORT_START=9092",
                "GATEWAY_PORT_COUNT=5",
                "GATEWAY_MIN_BROKERID=1"))
        .isEqualTo(
            new ListenerSettings(
                "DEFAULT",
                "10.0.0.5",
                "gw.example.com",
                new Routing.ByNodeId(null, PortPlan.from(9092).limited(5), 1)));
  }

  @Test
  void readsEachLegacyVariableAlone() {
    Routing.ByNodeId usual = new Routing.ByNodeId(null, PortPlan.from(6969), 0);
    assertThat(listener("GATEWAY_ADVERTISED_HOST=gw"))
        .isEqualTo(new ListenerSettings("DEFAULT", "0.0.0.0", "gw", usual));
    assertThat(listener("GATEWAY_ADVERTISED_LISTENER=gw"))
        .isEqualTo(new ListenerSettings("DEFAULT", "0.0.0.0", "gw", usual));
    assertThat(listener("GATEWAY_BIND_HOST=127.0.0.1"))
        .isEqualTo(new ListenerSettings("DEFAULT", "127.0.0.1", null, usual));
    assertThat(listener("GATEWAY_START_PORT=7000").routing())
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(7000), 0));
    assertThat(listener("GATEWAY_PORT_COUNT=2").routing())
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(6969).limited(2), 0));
    assertThat(listener("GATEWAY_MIN_BROKERID=100").routing())
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(6969), 100));
  }

  @Test
  void readsExplicitListeners() {
    List<ListenerSettings> listeners =
        settings(
                "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
                "GATEWAY_ACL_ENABLED=false",
                "GATEWAY_LISTENER_NAMES=INTERNAL,EXTERNAL",
                "GATEWAY_LISTENER_INTERNAL_SECURITY_PROTOCOL=PLAINTEXT",
                "GATEWAY_LISTENER_INTERNAL_ROUTING=PORT",
                "GATEWAY_LISTENER_INTERNAL_PORTS=9092-9094",
                "GATEWAY_LISTENER_INTERNAL_BIND_ADDRESS=127.0.0.1",
                "GATEWAY_LISTENER_EXTERNAL_SECURITY_PROTOCOL=plaintext",
                "GATEWAY_LISTENER_EXTERNAL_ROUTING=port",
                "GATEWAY_LISTENER_EXTERNAL_PORTS=29092-29093:19092-19093,29100:19100",
                "GATEWAY_LISTENER_EXTERNAL_ADVERTISED_HOST=gw.example.com",
                "GATEWAY_LISTENER_EXTERNAL_SSL_CLIENT_AUTH=NONE")
            .gateway()
            .listeners();
    assertThat(listeners)
        .containsExactly(
            new ListenerSettings(
                "INTERNAL",
                "127.0.0.1",
                null,
                new Routing.ByNodeId(null, PortPlan.from(9092).limited(3), 0)),
            new ListenerSettings(
                "EXTERNAL",
                "0.0.0.0",
                "gw.example.com",
                new Routing.ByNodeId(
                    null,
                    new PortPlan(
                        List.of(
                            new Pair(29092, 19092), new Pair(29093, 19093), new Pair(29100, 19100)),
                        false),
                    0)));
  }

  @Test
  void usesASinglePortOfAnExplicitListenerOnly() {
    Routing.ByNodeId routing =
        (Routing.ByNodeId)
            listener(
                    "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
                    "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
                    "GATEWAY_LISTENER_A_ROUTING=port",
                    "GATEWAY_LISTENER_A_PORTS=443:9092",
                    "GATEWAY_LISTENER_A_HOST=gw",
                    "GATEWAY_MIN_BROKERID=3")
                .routing();
    assertThat(routing.ports()).isEqualTo(new PortPlan(List.of(new Pair(443, 9092)), false));
    assertThat(routing.lowestNodeId()).isEqualTo(3);
  }

  @Test
  void warnsOfLegacyVariablesWithExplicitListeners() {
    SettingsBinder.Result result =
        bind(
            "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
            "GATEWAY_LISTENER_A_ROUTING=port",
            "GATEWAY_LISTENER_A_PORTS=9092",
            "GATEWAY_PORT_START=7000");
    assertThat(result.problems().notices())
        .containsExactly("GATEWAY_PORT_START has no effect: GATEWAY_LISTENER_ variables are given");
  }

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

  @Test
  void reportsAListenerThatIsNotInTheNames() {
    assertThat(
            problems(
                "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
                "GATEWAY_LISTENER_NAMES=A",
                "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
                "GATEWAY_LISTENER_A_ROUTING=port",
                "GATEWAY_LISTENER_A_PORTS=9092",
                "GATEWAY_LISTENER_B_PORTS=9093"))
        .containsExactly(
            "GATEWAY_LISTENER_NAMES: 'A' does not name the listener B, which has variables");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GATEWAY_ACL_ENABLED=true                 | GATEWAY_ACL_ENABLED=true (only false)
          GATEWAY_SECURITY_PROVIDER=BOUNCY_CASTLE_FIPS | GATEWAY_SECURITY_PROVIDER=BOUNCY_CASTLE_FIPS (only DEFAULT, BOUNCY_CASTLE, CONSCRYPT)
          """)
  void namesWhatIsNotSupportedYet(String pair, String named) {
    assertThat(problems(pair)).containsExactly("not yet supported: " + named);
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
  void fillsInPlaceholdersOfPatterns() {
    ListenerSettings listener =
        listener(
            "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
            "GATEWAY_SSL_KEY_STORE_PATH=/x.jks",
            "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=SSL",
            "GATEWAY_LISTENER_A_ROUTING=SNI",
            "GATEWAY_LISTENER_A_PORTS=9092",
            "GATEWAY_LISTENER_A_ADVERTISED_HOST=kafka.example.com",
            "GATEWAY_LISTENER_A_ADVERTISED_HOST_PATTERN="
                + "broker{{physicalCluster}}{{nodeId}}.{{advertisedHost}}",
            "GATEWAY_LISTENER_A_BOOTSTRAP_HOST_PATTERN=bootstrap.{{advertisedHost}}");
    Routing.BySni routing = (Routing.BySni) listener.routing();
    assertThat(routing.node().host(3)).isEqualTo("brokermain3.kafka.example.com");
    assertThat(routing.bootstrapHost()).isEqualTo("bootstrap.kafka.example.com");
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
