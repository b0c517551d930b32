package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.Flag;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.config.Support;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.LoggerLevels.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** kafka-proxy's command line. */
class KafkaProxyFlagsTest {

  private static final String MAPPING = "--bootstrap-server-mapping=k1:9092,127.0.0.1:32400";

  private static SettingsBinder.Result bind(Map<String, String> environment, String... flags) {
    Arguments arguments = Arguments.parse(List.of(flags), KafkaProxyFlags.all());
    assertThat(arguments.problems()).isEmpty();
    return Configuration.ofServer(arguments, environment);
  }

  private static AppSettings settings(Map<String, String> environment, String... flags) {
    SettingsBinder.Result result = bind(environment, flags);
    assertThat(result.problems().lines()).isEmpty();
    return requireNonNull(result.settings());
  }

  private static AppSettings with(String... flags) {
    List<String> all = new ArrayList<>(List.of(MAPPING));
    all.addAll(List.of(flags));
    return settings(Map.of(), all.toArray(String[]::new));
  }

  private static HttpSettings http(String... flags) {
    return requireNonNull(with(flags).http());
  }

  private static List<String> problems(String... flags) {
    return bind(Map.of(), flags).problems().lines();
  }

  private static Routing.ByAddress routing(AppSettings settings) {
    assertThat(settings.gateway().listeners()).hasSize(1);
    return (Routing.ByAddress) settings.gateway().listeners().getFirst().routing();
  }

  private static Routing.Mapping mapping(String broker, String listen, String advertised) {
    return new Routing.Mapping(
        HostPort.parse(broker), HostPort.parse(listen), HostPort.parse(advertised));
  }

  @Test
  void hasKafkaProxysDefaults() {
    AppSettings settings = with();
    ListenerSettings listener = settings.gateway().listeners().getFirst();
    assertThat(listener.bindHost()).isEqualTo("0.0.0.0");
    assertThat(routing(settings))
        .isEqualTo(
            new Routing.ByAddress(
                List.of(mapping("k1:9092", "127.0.0.1:32400", "127.0.0.1:32400")),
                Map.of(),
                new Routing.Dynamic("0.0.0.0", null, 0, 0, false)));
    assertThat(settings.gateway().upstream().clientId()).isEqualTo("kafka-proxy");
    assertThat(settings.gateway().traffic().limits().inFlightRequests()).isEqualTo(256);
    assertThat(settings.gateway().traffic().timeouts().connect()).isEqualTo(Duration.ofSeconds(15));
    assertThat(settings.gateway().traffic().timeouts().request()).isEqualTo(Duration.ofSeconds(30));
    assertThat(http().listen().port()).isEqualTo(9080);
    assertThat(http().listen().host()).isEqualTo("127.0.0.1");
    assertThat(http("--http-listen-address=:9081").listen().host()).isEqualTo("0.0.0.0");
    assertThat(http().surface())
        .isEqualTo(new HttpSettings.Surface(HttpSettings.Style.KAFKA_PROXY, "/health", "/metrics"));
    assertThat(settings.log()).isEqualTo(AppSettings.Log.DEFAULT);
  }

  @Test
  void mapsServersWithAndWithoutAnAdvertisedAddress() {
    AppSettings settings =
        settings(
            Map.of(),
            "--bootstrap-server-mapping",
            "k1:9092,0.0.0.0:32400,gw:30001",
            "--bootstrap-server-mapping",
            "k2:9092,0.0.0.0:32401",
            "--bootstrap-server-mapping",
            "[::1]:9092,[::]:32402,[fe80::1]:30002",
            "--external-server-mapping",
            "k4:9092,other:32403",
            "--external-server-mapping",
            "k5:9092,other:32404,other:32404",
            "--dial-address-mapping",
            "k1:9092,10.0.0.1:19092");
    assertThat(routing(settings).servers())
        .containsExactly(
            mapping("k1:9092", "0.0.0.0:32400", "gw:30001"),
            new Routing.Mapping(HostPort.parse("k2:9092"), HostPort.parse("0.0.0.0:32401"), null),
            mapping("[::1]:9092", "[::]:32402", "[fe80::1]:30002"));
    assertThat(routing(settings).external())
        .isEqualTo(
            Map.of(
                HostPort.parse("k4:9092"), HostPort.parse("other:32403"),
                HostPort.parse("k5:9092"), HostPort.parse("other:32404")));
    assertThat(settings.gateway().upstream().dial())
        .isEqualTo(Map.of(HostPort.parse("k1:9092"), HostPort.parse("10.0.0.1:19092")));
    assertThat(settings.gateway().upstream().bootstrapServers())
        .containsExactly(
            HostPort.parse("k1:9092"), HostPort.parse("k2:9092"), HostPort.parse("[::1]:9092"));
  }

  @Test
  void takesListsFromVariablesWithStrayWhiteSpace() {
    AppSettings settings =
        settings(
            Map.of(
                "BOOTSTRAP_SERVER_MAPPING", "  k1:9092,a:1\t k2:9092,a:2,b:2 \n",
                "EXTERNAL_SERVER_MAPPING", " k3:9092,c:3 ",
                "DIAL_ADDRESS_MAPPING", "k1:9092,d:4 k2:9092,d:5"));
    assertThat(routing(settings).servers())
        .containsExactly(mapping("k1:9092", "a:1", "a:1"), mapping("k2:9092", "a:2", "b:2"));
    assertThat(routing(settings).external()).hasSize(1);
    assertThat(settings.gateway().upstream().dial()).hasSize(2);
  }

  @Test
  void decidesForEachListOnItsOwnWhetherFlagOrVariableCounts() {
    Map<String, String> variables =
        Map.of(
            "BOOTSTRAP_SERVER_MAPPING", "v1:9092,a:1",
            "EXTERNAL_SERVER_MAPPING", "v2:9092,a:2",
            "DIAL_ADDRESS_MAPPING", "v3:9092,a:3");
    AppSettings bootstrapByFlag = settings(variables, MAPPING);
    assertThat(routing(bootstrapByFlag).servers())
        .extracting(m -> m.broker().host())
        .containsExactly("k1");
    assertThat(routing(bootstrapByFlag).external()).containsOnlyKeys(HostPort.parse("v2:9092"));
    assertThat(bootstrapByFlag.gateway().upstream().dial())
        .containsOnlyKeys(HostPort.parse("v3:9092"));

    AppSettings othersByFlag =
        settings(
            variables,
            "--external-server-mapping=f2:9092,b:2",
            "--dial-address-mapping=f3:9092,b:3");
    assertThat(routing(othersByFlag).servers())
        .extracting(m -> m.broker().host())
        .containsExactly("v1");
    assertThat(routing(othersByFlag).external()).containsOnlyKeys(HostPort.parse("f2:9092"));
    assertThat(othersByFlag.gateway().upstream().dial())
        .containsOnlyKeys(HostPort.parse("f3:9092"));
  }

  @Test
  void acceptsDuplicateEqualMappings() {
    assertThat(routing(with(MAPPING)).servers()).hasSize(1);
    assertThat(
            routing(
                    with(
                        "--external-server-mapping=k4:9092,o:1",
                        "--external-server-mapping=k4:9092,o:1"))
                .external())
        .hasSize(1);
    assertThat(routing(with("--external-server-mapping=k1:9092,127.0.0.1:32400")).external())
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          --bootstrap-server-mapping=k1:9092,127.0.0.1:32401      | the broker k1:9092 is mapped twice
          --bootstrap-server-mapping=k1:9092,127.0.0.1:32400,gw:1 | the broker k1:9092 is mapped twice
          --external-server-mapping=k1:9092,gw:1                  | the broker k1:9092 is also mapped as 127.0.0.1:32400
          --external-server-mapping=k4:9092,gw:1,gw:2             | 'k4:9092,gw:1,gw:2' is not a broker address and an advertised address
          --external-server-mapping=k4:9092                       | 'k4:9092' is not a broker address and an advertised address
          --external-server-mapping=k4:9092,0.0.0.0:1             | clients cannot connect to the advertised address 0.0.0.0:1
          --dial-address-mapping=k1:9092,a:1,b:2                  | 'k1:9092,a:1,b:2' is not a broker address and the address to connect to
          --bootstrap-server-mapping=k2:9092                      | 'k2:9092' is not a broker address, a local address and optionally an advertised address
          --bootstrap-server-mapping=a:1,b:2,c:3,d:4              | 'a:1,b:2,c:3,d:4' is not a broker address, a local
          --bootstrap-server-mapping=k2,b:2                       | 'k2' is not host:port
          --bootstrap-server-mapping=k2:9092,::1:2                | '::1:2' is not host:port (put an IPv6 address in brackets)
          --bootstrap-server-mapping=k2:9092,a:70000              | port 70000 is not between 0 and 65535
          --bootstrap-server-mapping=k2:9092,0.0.0.0:2,0.0.0.0:2  | clients cannot connect to the advertised address 0.0.0.0:2
          --bootstrap-server-mapping=k2:9092,127.0.0.1:32400      | port 32400 is used by listener 'main' twice
          --default-listener-ip=localhost                         | 'localhost' is not an IP address
          --deterministic-listeners                               | --deterministic-listeners: this needs --dynamic-sequential-min-port as well
          --dynamic-sequential-max-ports=5                        | --dynamic-sequential-max-ports: this needs --dynamic-sequential-min-port as well
          --dynamic-sequential-min-port=65536                     | --dynamic-sequential-min-port: 65536 is not from 0 to 65535
          --dynamic-advertised-listener=b{{.broker}}              | '{{.broker}}' is not known; the only variable is {{.brokerId}}
          --dynamic-advertised-listener=0.0.0.0                   | clients cannot connect to the advertised host 0.0.0.0
          --dynamic-advertised-listener=a:b:c:1                   | 'a:b:c:1' is not a host name or address
          --kafka-max-open-requests=0                             | --kafka-max-open-requests: 0 is not of 1 or more
          --kafka-dial-timeout=15                                 | --kafka-dial-timeout: '15' is not a duration
          --kafka-dial-timeout=0s                                 | --kafka-dial-timeout: '0s' must be longer than zero
          --kafka-write-timeout=x                                 | --kafka-write-timeout: 'x' is not a duration
          --kafka-read-timeout=x                                  | --kafka-read-timeout: 'x' is not a duration
          --proxy-request-buffer-size=0                           | --proxy-request-buffer-size: 0 is not of 1 or more
          --proxy-listener-read-buffer-size=-1                    | --proxy-listener-read-buffer-size: '-1' is not a size
          --forbidden-api-keys=20,x                               | --forbidden-api-keys: 'x' is not an API key or name
          --forbidden-api-keys=18                                 | api key 18 (ApiVersions) cannot be forbidden
          --http-listen-address=9080                              | --http-listen-address: '9080' is not host:port
          --http-metrics-path=/health                             | HTTP metrics path /health is also the path of the health check
          --log-format=xml                                        | --log-format: 'xml' is not one of text, json
          --log-level-fieldname=@message                          | two fields have the same name
          --proxy-listener-tls-required-client-subject-country=DE | replaced by --proxy-listener-tls-required-client-subject in 2020
          """)
  void reportsInvalidValues(String flag, String problem) {
    assertThat(problems(MAPPING, flag)).anySatisfy(line -> assertThat(line).contains(problem));
  }

  @Test
  void reportsConflictingExternalAndDialMappings() {
    assertThat(
            problems(
                MAPPING,
                "--external-server-mapping=k4:9092,a:1",
                "--external-server-mapping=k4:9092,a:2",
                "--dial-address-mapping=k1:9092,b:1",
                "--dial-address-mapping=k1:9092,b:2"))
        .containsExactly(
            "--external-server-mapping: the broker k4:9092 has two addresses, a:1 and a:2",
            "--dial-address-mapping: the broker k1:9092 has two addresses, b:1 and b:2");
  }

  @Test
  void reportsThatNoBrokerIsMapped() {
    assertThat(problems())
        .containsExactly(
            "no broker is mapped: give --bootstrap-server-mapping host:port,host:port[,host:port]"
                + " or BOOTSTRAP_SERVER_MAPPING");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          -                              | -
          gw.example.com                 | gw.example.com
          gw.example.com:9092            | gw.example.com:9092
          b-{{.brokerId}}.example.com    | b-{{.brokerId}}.example.com
          b-{{ .brokerID }}.example:9092 | b-{{.brokerId}}.example:9092
          """)
  void advertisesDynamicListeners(String flag, String advertised) {
    AppSettings settings = flag == null ? with() : with("--dynamic-advertised-listener=" + flag);
    assertThat(requireNonNull(routing(settings).dynamic()).advertised()).isEqualTo(advertised);
  }

  @Test
  void advertisesTheDefaultListenerIpUnlessItIsAWildcard() {
    assertThat(routing(with("--default-listener-ip=10.0.0.5")).dynamic())
        .isEqualTo(new Routing.Dynamic("10.0.0.5", "10.0.0.5", 0, 0, false));
    assertThat(routing(with("--default-listener-ip=0.0.0.0")).dynamic())
        .isEqualTo(new Routing.Dynamic("0.0.0.0", null, 0, 0, false));
  }

  @Test
  void takesPortsForDynamicListeners() {
    assertThat(routing(with("--dynamic-sequential-min-port=40000")).dynamic())
        .isEqualTo(new Routing.Dynamic("0.0.0.0", null, 40000, 25536, false));
    assertThat(
            routing(
                    with(
                        "--dynamic-sequential-min-port=40000",
                        "--dynamic-sequential-max-ports=100",
                        "--deterministic-listeners"))
                .dynamic())
        .isEqualTo(new Routing.Dynamic("0.0.0.0", null, 40000, 100, true));
    assertThat(routing(with("--dynamic-sequential-max-ports=0")).dynamic()).isNotNull();
    assertThat(routing(with("--dynamic-listeners-disable")).dynamic()).isNull();
    assertThat(routing(with("--dynamic-listeners-disable=false")).dynamic()).isNotNull();
  }

  @Test
  void setsTimesAndSizes() {
    AppSettings settings =
        with(
            "--proxy-listener-keep-alive=0",
            "--proxy-listener-read-buffer-size=1024",
            "--proxy-listener-write-buffer-size=2048",
            "--kafka-keep-alive=1m30s",
            "--kafka-connection-read-buffer-size=4096",
            "--kafka-connection-write-buffer-size=8192",
            "--kafka-dial-timeout=3s",
            "--kafka-write-timeout=4s",
            "--kafka-max-open-requests=3",
            "--kafka-client-id=me");
    var sockets = settings.gateway().traffic().sockets();
    assertThat(sockets.client().keepAlive()).isZero();
    assertThat(sockets.client().receiveBuffer()).isEqualTo(1024);
    assertThat(sockets.client().sendBuffer()).isEqualTo(2048);
    assertThat(sockets.broker().keepAlive()).isEqualTo(Duration.ofSeconds(90));
    assertThat(sockets.broker().receiveBuffer()).isEqualTo(4096);
    assertThat(sockets.broker().sendBuffer()).isEqualTo(8192);
    assertThat(settings.gateway().traffic().timeouts().connect()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.gateway().traffic().timeouts().request()).isEqualTo(Duration.ofSeconds(4));
    // Values below 16 are raised to 16, as kafka-proxy does.
    assertThat(settings.gateway().traffic().limits().inFlightRequests()).isEqualTo(16);
    assertThat(settings.gateway().upstream().clientId()).isEqualTo("me");
    assertThat(with("--kafka-write-timeout=0").gateway().traffic().timeouts().request())
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(
            with("--kafka-max-open-requests=300").gateway().traffic().limits().inFlightRequests())
        .isEqualTo(300);
  }

  @Test
  void forbidsApis() {
    var rules =
        with(
                "--forbidden-api-keys=20,19",
                "--forbidden-api-keys",
                "37",
                "--producer-acks-0-disabled")
            .gateway()
            .traffic()
            .rules();
    assertThat(rules.forbidden()).containsExactlyInAnyOrder(20, 19, 37);
    assertThat(rules.acksZeroForbidden()).isTrue();
  }

  @Test
  void setsHttp() {
    HttpSettings http =
        http(
            "--http-listen-address=127.0.0.1:9999",
            "--http-metrics-path=/m",
            "--http-health-path=/up");
    assertThat(http.listen().host()).isEqualTo("127.0.0.1");
    assertThat(http.listen().port()).isEqualTo(9999);
    assertThat(http.listen().setting()).isEqualTo("--http-listen-address");
    assertThat(http().listen().setting()).isEqualTo("--http-listen-address");
    assertThat(http.surface())
        .isEqualTo(new HttpSettings.Surface(HttpSettings.Style.KAFKA_PROXY, "/up", "/m"));
    assertThat(http("--http-listen-address=:9999").listen().host()).isEqualTo("0.0.0.0");
    assertThat(with("--http-disable").http()).isNull();
    assertThat(with("--http-disable=false").http()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "trace, TRACE",
    "debug, DEBUG",
    "info, INFO",
    "warning, WARN",
    "error, ERROR",
    "fatal, ERROR",
    "panic, ERROR",
    "INFO, INFO",
    "loud, INFO"
  })
  void setsTheLogLevel(String flag, Level level) {
    assertThat(with("--log-level=" + flag).log().level()).isEqualTo(level);
  }

  @Test
  void setsTheLogFormat() {
    AppSettings.Log log =
        with(
                "--log-format=json",
                "--log-level-fieldname=l",
                "--log-time-fieldname=t",
                "--log-msg-fieldname=m")
            .log();
    assertThat(log.format()).isEqualTo(AppSettings.Log.Format.JSON);
    assertThat(log.fields()).isEqualTo(new AppSettings.Log.Fields("l", "t", "m"));
  }

  @Test
  void warnsOfWhatHasNoEffect() {
    SettingsBinder.Result result =
        bind(Map.of(), MAPPING, "--proxy-request-buffer-size=8192", "--log-level=loud");
    assertThat(result.problems().notices())
        .containsExactly(
            "--proxy-request-buffer-size has no effect: requests are not copied through a buffer"
                + " of this kind",
            "--log-level: 'loud' is not a level; using info");
  }

  @Test
  void listsTheSupportedKindsOfForwardProxies() {
    Flag flag =
        KafkaProxyFlags.all().stream()
            .filter(each -> each.name().equals("forward-proxy"))
            .findAny()
            .orElseThrow();
    for (String kind : List.of("socks5://", "http://", "https://")) {
      assertThat(problems(MAPPING, flag.dashed() + "=" + kind + "proxy.example:3128")).isEmpty();
      assertThat(flag.help()).contains(kind);
    }
  }

  static List<Flag> idleFlags() {
    return KafkaProxyFlags.all().stream().filter(f -> f.support() != Support.YES).toList();
  }

  @ParameterizedTest
  @MethodSource("idleFlags")
  void refusesOnlyWhatAsksForSomethingMissing(Flag flag) {
    String nothing = flag.dashed() + "=" + flag.fallback();
    assertThat(problems(MAPPING, nothing)).isEmpty();
    assertThat(bind(Map.of(), MAPPING, nothing).problems().notices())
        .singleElement()
        .asString()
        .startsWith(flag.dashed() + " has no effect: ");
    String asking =
        switch (flag.kind()) {
          case BOOL -> "true";
          case INT -> "7";
          case DURATION -> "7s";
          default -> "something";
        };
    SettingsBinder.Result result = bind(Map.of(), MAPPING, flag.dashed() + "=" + asking);
    if (flag.support() == Support.NO_EFFECT) {
      assertThat(result.problems().lines()).isEmpty();
      assertThat(result.problems().notices())
          .containsExactly(flag.dashed() + " has no effect: " + flag.help());
    } else {
      assertThat(result.problems().lines()).containsExactly(flag.dashed() + ": " + flag.help());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY_LISTENER_KEY_PASSWORD",
        "TLS_CLIENT_KEY_PASSWORD",
        "SASL_PASSWORD",
        "GSSAPI_PASSWORD",
        "KAFKA_BOOTSTRAP_SERVERS",
        "GATEWAY_NONSENSE"
      })
  void doesNotMindVariablesThatOtherFlagsOrCommandsRead(String variable) {
    assertThat(bind(Map.of(variable, "x"), MAPPING).problems().lines()).isEmpty();
  }

  @Test
  void overridesNativeVariables() {
    Map<String, String> variables =
        Map.of("GATEHOUSE_LIMITS_FRAME", "1MiB", "GATEHOUSE_UPSTREAM_CLIENT_ID", "variable");
    AppSettings settings = settings(variables, MAPPING, "--kafka-client-id=flag");
    assertThat(settings.gateway().upstream().clientId()).isEqualTo("flag");
    assertThat(settings.gateway().traffic().limits().frameBytes()).isEqualTo(1 << 20);
    assertThat(settings(variables, MAPPING).gateway().upstream().clientId()).isEqualTo("variable");
  }
}
