package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.BrokerHosts;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.HostRule;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.PortPlan.Pair;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.LoggerLevels.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The native configuration: the effect of each key, and the messages for invalid values. */
class SettingsBinderTest {

  private static final String BROKERS = "upstream: {bootstrapServers: k1:9092}\n";

  private static Routing routing(String listener) {
    return BoundYaml.settings(BROKERS + "listeners: [" + listener + "]")
        .gateway()
        .listeners()
        .getFirst()
        .routing();
  }

  @Test
  void hasDefaultsForAllButTheBrokers() {
    AppSettings settings = BoundYaml.settings(BROKERS);
    assertThat(settings.tlsRefresh()).isEqualTo(Duration.ofSeconds(5));
    GatewaySettings gateway = settings.gateway();
    assertThat(gateway.upstream())
        .isEqualTo(UpstreamSettings.of(List.of(new HostPort("k1", 9092))));
    assertThat(gateway.listeners())
        .containsExactly(
            new ListenerSettings(
                "main", "0.0.0.0", null, new Routing.ByNodeId(null, PortPlan.from(6969), 0)));
    assertThat(gateway.traffic()).isEqualTo(GatewaySettings.Traffic.DEFAULT);
    assertThat(gateway.drain()).isEqualTo(DrainSettings.DEFAULT);
    HttpSettings http = requireNonNull(settings.http());
    assertThat(http.listen().host()).isEqualTo("127.0.0.1");
    assertThat(http.listen().port()).isEqualTo(8888);
    assertThat(http.surface()).isEqualTo(HttpSettings.Surface.GATEHOUSE);
    assertThat(settings.log()).isEqualTo(AppSettings.Log.DEFAULT);
  }

  @Test
  void readsEveryKey() {
    AppSettings settings =
        BoundYaml.settings(
            """
            upstream:
              bootstrapServers: [k1:9092, "[::1]:9093"]
              dial: {k1:9092: 10.0.0.1:19092}
              clientId: me
              refresh: 1m
            limits:
              frame: 1MiB
              connections: 7
              connectionsPerAddress: 3
              inFlightRequests: 5
              buffered: 2MiB
              incomplete: 4MiB
            timeouts: {connect: 1s, firstRequest: 2s, request: 3s, requestRate: 1KiB, response: 4s, idle: 0s}
            sockets:
              client: {keepAlive: 0s, receiveBuffer: 64KiB, sendBuffer: 128KiB}
              broker: {keepAlive: 5s, receiveBuffer: 1KiB, sendBuffer: 2KiB}
              backlog: 16
              eventLoops: 2
            rules: {forbiddenApis: [20, CreateTopics, DELETE_GROUPS], acksZeroForbidden: true,
                    unknownApis: relay, credentialAdmins: [admin]}
            tls: {refresh: 2m}
            drain: 3s
            http: {host: 127.0.0.1, port: 0, healthPath: /up, metricsPath: /m, style: kafka-proxy}
            log:
              format: json
              level: debug
              levels: {io.netty: warn, io.gatehouse.http: trace}
              fields: {level: l, time: t, message: m}
            """);
    assertThat(settings.tlsRefresh()).isEqualTo(Duration.ofMinutes(2));
    GatewaySettings gateway = settings.gateway();
    assertThat(gateway.upstream().bootstrapServers())
        .containsExactly(new HostPort("k1", 9092), new HostPort("::1", 9093));
    assertThat(gateway.upstream().dial())
        .containsExactly(Map.entry(new HostPort("k1", 9092), new HostPort("10.0.0.1", 19092)));
    assertThat(gateway.upstream().clientId()).isEqualTo("me");
    assertThat(gateway.upstream().refresh()).isEqualTo(Duration.ofMinutes(1));
    var limits = gateway.traffic().limits();
    assertThat(
            List.of(
                limits.frameBytes(),
                limits.connections(),
                limits.connectionsPerAddress(),
                limits.inFlightRequests()))
        .containsExactly(1 << 20, 7, 3, 5);
    assertThat(List.of(limits.bufferedBytes(), limits.incompleteBytes()))
        .containsExactly(2L << 20, 4L << 20);
    var timeouts = gateway.traffic().timeouts();
    assertThat(
            List.of(
                timeouts.connect(),
                timeouts.firstRequest(),
                timeouts.request(),
                timeouts.response(),
                timeouts.idle()))
        .containsExactly(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            Duration.ZERO);
    assertThat(timeouts.requestRate()).isEqualTo(1024);
    var sockets = gateway.traffic().sockets();
    assertThat(sockets.client().keepAlive()).isZero();
    assertThat(
            List.of(
                sockets.client().receiveBuffer(),
                sockets.client().sendBuffer(),
                sockets.broker().receiveBuffer(),
                sockets.broker().sendBuffer(),
                sockets.backlog(),
                sockets.eventLoops()))
        .containsExactly(64 << 10, 128 << 10, 1024, 2048, 16, 2);
    assertThat(sockets.broker().keepAlive()).isEqualTo(Duration.ofSeconds(5));
    assertThat(gateway.traffic().rules().forbidden()).containsExactlyInAnyOrder(20, 19, 42);
    assertThat(gateway.traffic().rules().acksZeroForbidden()).isTrue();
    assertThat(gateway.drain()).isEqualTo(DrainSettings.within(Duration.ofSeconds(3)));
    assertThat(gateway.traffic().rules().unknown()).isEqualTo(ApiRules.Unknown.RELAY);
    assertThat(gateway.traffic().rules().credentialAdmins()).containsExactly("admin");
    HttpSettings http = requireNonNull(settings.http());
    assertThat(http.listen().host()).isEqualTo("127.0.0.1");
    assertThat(http.listen().port()).isZero();
    assertThat(http.surface())
        .isEqualTo(new HttpSettings.Surface(HttpSettings.Style.KAFKA_PROXY, "/up", "/m"));
    assertThat(settings.log())
        .isEqualTo(
            new AppSettings.Log(
                AppSettings.Log.Format.JSON,
                Level.DEBUG,
                Map.of("io.netty", Level.WARN, "io.gatehouse.http", Level.TRACE),
                new AppSettings.Log.Fields("l", "t", "m")));
  }

  @Test
  void canTurnHttpOff() {
    assertThat(BoundYaml.settings(BROKERS + "http: {enabled: false}").http()).isNull();
  }

  @Test
  void opensPortsByBrokerId() {
    assertThat(routing("{ports: {bootstrap: 9092, brokers: 9093}}"))
        .isEqualTo(new Routing.ByNodeId(new Pair(9092, 9092), PortPlan.from(9093), 0));
    assertThat(routing("{ports: {brokers: 9093, count: 3, lowestBrokerId: 100}}"))
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(9093).limited(3), 100));
    assertThat(routing("{ports: {bootstrap: 443:9092, brokers: '29093-29094:9093-9094'}}"))
        .isEqualTo(
            new Routing.ByNodeId(
                new Pair(443, 9092),
                new PortPlan(List.of(new Pair(29093, 9093), new Pair(29094, 9094)), false),
                0));
    assertThat(routing("{ports: {brokers: '29093:9093', count: 2}}"))
        .isEqualTo(
            new Routing.ByNodeId(
                null,
                new PortPlan(List.of(new Pair(29093, 9093), new Pair(29094, 9094)), false),
                0));
    assertThat(routing("{ports: {brokers: '29093:9093'}}"))
        .isEqualTo(
            new Routing.ByNodeId(null, new PortPlan(List.of(new Pair(29093, 9093)), true), 0));
  }

  @Test
  void mapsByAddress() {
    AppSettings settings =
        BoundYaml.settings(
            """
            listeners:
              - host: 10.0.0.5
                mapping:
                  - {broker: k1:9092, listen: 0.0.0.0:32400, advertised: gw:32400}
                  - {broker: k2:9092, listen: 127.0.0.1:32401}
                  - {broker: k3:9092, listen: 0.0.0.0:32402}
                external: {k4:9092: other:32403}
                dynamic: {lowestPort: 40000, ports: 10, byBrokerId: true, advertised: "b{{ .brokerID }}.gw"}
            """);
    assertThat(settings.gateway().listeners().getFirst().routing())
        .isEqualTo(
            new Routing.ByAddress(
                List.of(
                    mapping("k1:9092", "0.0.0.0:32400", "gw:32400"),
                    mapping("k2:9092", "127.0.0.1:32401", "127.0.0.1:32401"),
                    new Routing.Mapping(
                        HostPort.parse("k3:9092"), HostPort.parse("0.0.0.0:32402"), null)),
                Map.of(HostPort.parse("k4:9092"), HostPort.parse("other:32403")),
                new Routing.Dynamic("10.0.0.5", "b{{.brokerId}}.gw", 40000, 10, true)));
    assertThat(settings.gateway().upstream().bootstrapServers())
        .containsExactly(
            HostPort.parse("k1:9092"), HostPort.parse("k2:9092"), HostPort.parse("k3:9092"));
  }

  private static Routing.Mapping mapping(String broker, String listen, String advertised) {
    return new Routing.Mapping(
        HostPort.parse(broker), HostPort.parse(listen), HostPort.parse(advertised));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          {mapping: [{broker: k:1, listen: 'a:2'}], dynamic: {}}                              | -
          {host: 10.0.0.5, mapping: [{broker: k:1, listen: 'a:2'}], dynamic: {}}              | 10.0.0.5
          {advertisedHost: gw, mapping: [{broker: k:1, listen: 'a:2'}], dynamic: {}}          | gw
          {advertisedHost: gw, mapping: [{broker: k:1, listen: 'a:2'}], dynamic: {advertised: 'x:9'}} | x:9
          """)
  void advertisesDynamicListenersAsNearAsItKnows(String listener, String advertised) {
    Routing.ByAddress routing = (Routing.ByAddress) routing(listener);
    assertThat(requireNonNull(routing.dynamic()).advertised()).isEqualTo(advertised);
  }

  @Test
  void advertisesTheListenersHostForItsMappings() {
    Routing.ByAddress routing =
        (Routing.ByAddress)
            routing("{advertisedHost: gw, mapping: [{broker: k:1, listen: '0.0.0.0:2'}]}");
    assertThat(routing.servers().getFirst().advertised()).isEqualTo(HostPort.parse("gw:2"));
    assertThat(routing.dynamic()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          upstream: {bootstrapServers: k1}             | test.yaml:2: upstream.bootstrapServers: 'k1' is not host:port
          upstream: {bootstrapServers: 'k1:0'}         | test.yaml:2: upstream.bootstrapServers: 'k1:0': port 0 cannot be connected to
          upstream: {bootstrapServers: {a: b}}         | test.yaml:2: upstream.bootstrapServers: expected a list, not a mapping
          upstream: {dial: 'k1:9092'}                  | test.yaml:2: upstream.dial: 'k1:9092' is not key=value
          upstream: {dial: {'k1:9092': nowhere}}       | test.yaml:2: upstream.dial.k1:9092: 'nowhere' is not host:port
          upstream: {dial: {'k1:9092': [a]}}           | test.yaml:2: upstream.dial.k1:9092: expected a single value, not a list
          upstream: {clientId: [a]}                    | test.yaml:2: upstream.clientId: expected a single value, not a list
          upstream: {refresh: 30}                      | test.yaml:2: upstream.refresh: '30' is not a duration such as 10s, 1m30s or 500ms
          upstream: text                               | test.yaml:2: upstream: expected a mapping, not 'text'
          upstream: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxyy | test.yaml:2: upstream: expected a mapping, not 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
          upstream: {bootstrapServer: 'k1:9092'}       | test.yaml:2: there is no key upstream.bootstrapServer, did you mean bootstrapServers?
          listeners: {a: b}                            | test.yaml:2: listeners: expected a list, not a mapping
          listeners: [a]                               | test.yaml:2: listeners[0]: expected a mapping, not 'a'
          listeners: [{name: 9a}]                      | test.yaml:2: listeners[0].name: '9a' is not a valid name
          listeners: [{host: 'a:1'}]                   | test.yaml:2: listeners[0].host: 'a:1' must be a host without a port
          listeners: [{advertisedHost: 0.0.0.0}]       | test.yaml:2: listeners[0].advertisedHost: clients cannot connect to the advertised host 0.0.0.0: set a host
          listeners: [{advertisedHost: '::'}]          | test.yaml:2: listeners[0].advertisedHost: clients cannot connect to the advertised host ::
          listeners: [{prots: {}}]                     | test.yaml:2: there is no key listeners[0].prots, did you mean ports?
          listeners: [{ports: {brokers: x}}]           | test.yaml:2: listeners[0].ports.brokers: 'x' is not a port
          listeners: [{ports: {count: 0}}]             | test.yaml:2: listeners[0].ports.count: 0 is not from 1 to 65535
          listeners: [{ports: {brokers: 65530, count: 9}}] | test.yaml:2: listeners[0].ports: 9 ports from 65530 on exceed port 65535
          listeners: [{ports: {brokers: 1-3, count: 2}}]   | test.yaml:2: listeners[0].ports: count is 2, but brokers lists 3 ports
          listeners: [{ports: {brokers: '1,1'}}]       | test.yaml:2: listeners[0].ports: a local port is given twice
          listeners: [{ports: {bootstrap: 9, brokers: 9-11}}] | test.yaml:2: listeners[0].ports: the bootstrap port 9 is also a broker port
          listeners: [{ports: {bootstrap: 8-9}}]       | test.yaml:2: listeners[0].ports.bootstrap: '8-9' is more than one port
          listeners: [{ports: {}, mapping: [{broker: 'k:1', listen: 'a:2'}]}] | test.yaml:2: listeners[0].ports: a listener has either ports by broker id or a mapping by address, not both
          listeners: [{dynamic: {}}]                   | test.yaml:2: listeners[0].mapping: no broker is mapped to a listen address
          listeners: [{mapping: [{broker: 'k:1'}]}]    | test.yaml:2: listeners[0].mapping[0]: the key listen is missing
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2', advertised: '0.0.0.0:2'}]}] | test.yaml:2: listeners[0].mapping[0].advertised: clients cannot connect to the advertised address 0.0.0.0:2
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}, {broker: 'k:1', listen: 'a:3'}]}] | test.yaml:2: listeners[0].mapping[1]: the broker k:1 is mapped twice
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], external: {'k:1': 'b:2'}}] | test.yaml:2: listeners[0].external: the broker k:1 is also mapped as a:2
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], dynamic: {ports: 3}}] | test.yaml:2: listeners[0].dynamic.ports: ports needs lowestPort
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], dynamic: {byBrokerId: true}}] | test.yaml:2: listeners[0].dynamic: ports by broker id need a lowest port to count from
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], dynamic: {lowestPort: 65000, ports: 999}}] | test.yaml:2: listeners[0].dynamic: 999 ports from 65000 on do not fit below 65536
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], dynamic: {advertised: 'b{{.brokrId}}'}}] | test.yaml:2: listeners[0].dynamic.advertised: '{{.brokrId}}' is not known; the only variable is {{.brokerId}}
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], dynamic: {advertised: 'b{{.brokerId'}}] | test.yaml:2: listeners[0].dynamic.advertised: 'b{{.brokerId' has unbalanced {{ and }}
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}], dynamic: {advertised: '0.0.0.0:9'}}] | test.yaml:2: listeners[0].dynamic.advertised: clients cannot connect to the advertised address 0.0.0.0:9
          listeners: [{name: a}, {name: a, ports: {brokers: 7}}] | test.yaml:2: listeners[1].name: two listeners have the name 'a'
          listeners: [{ports: {brokers: 7-9}}, {ports: {brokers: 9}}] | port 9 is used by listener 'main' and by listener 'listener2'
          listeners: [{mapping: [{broker: 'k:1', listen: 'a:2'}, {broker: 'k:2', listen: 'a:2'}]}] | port 2 is used by listener 'main' twice
          http: {port: 6969}                           | port 6969 is used by the HTTP server and by listener 'main'
          http: {port: 65536}                          | test.yaml:2: http.port: 65536 is not from 0 to 65535
          http: {enabled: yes}                         | test.yaml:2: http.enabled: 'yes' is not true or false
          http: {metricsPath: /health}                 | test.yaml:2: http: HTTP metrics path /health is also the path of the health check
          http: {style: nice}                          | test.yaml:2: http.style: 'nice' is not one of gatehouse, kafka-proxy
          limits: {frame: 10}                          | test.yaml:2: limits.frame: 10 is not between 1KiB and
          limits: {inFlightRequests: 0}                | test.yaml:2: limits.inFlightRequests: 0 is not of 1 or more
          limits: {frame: 200MiB, incomplete: 100MiB}  | test.yaml:2: limits: the bytes of incomplete requests is 104857600, and must be 209715200 or more
          timeouts: {connect: 0s}                      | test.yaml:2: timeouts.connect: '0s' must be longer than zero
          timeouts: {idle: -1s}                        | test.yaml:2: timeouts.idle: '-1s' must be zero or more
          sockets: {eventLoops: many}                  | test.yaml:2: sockets.eventLoops: 'many' is not a whole number from 0 to 1024
          sockets: {client: {sendBufer: 1}}            | test.yaml:2: there is no key sockets.client.sendBufer, did you mean sendBuffer?
          rules: {forbiddenApis: [DeleteTopic]}        | test.yaml:2: rules.forbiddenApis: 'DeleteTopic' is not an API key or name, did you mean DeleteTopics?
          rules: {credentialAdmins: [a, ""]}           | test.yaml:2: rules.credentialAdmins: the name of a service account is empty or unreadable
          rules: {forbiddenApis: 18}                   | test.yaml:2: rules: api key 18 (ApiVersions) cannot be forbidden
          drain: soon                                  | test.yaml:2: drain.time: 'soon' is not a duration
          log: {level: loud}                           | test.yaml:2: log.level: 'loud' is not one of off, error, warn, info, debug, trace
          log: {fields: {level: x, time: x}}           | test.yaml:2: log.fields: two fields have the same name
          upstraem: {}                                 | test.yaml:2: there is no key upstraem, did you mean upstream?
          metrics: {}                                  | test.yaml:2: there is no key metrics, valid are: upstream, upstreams, admin,
          """)
  void reportsInvalidValues(String yaml, String problem) {
    String brokers = yaml.startsWith("upstream") ? "# nothing\n" : BROKERS;
    assertThat(BoundYaml.problems(brokers + yaml)).anySatisfy(p -> assertThat(p).contains(problem));
  }

  @Test
  void reportsAProblemOnce() {
    assertThat(BoundYaml.problems(BROKERS + "limits: {frame: 10}")).hasSize(1);
    assertThat(BoundYaml.problems(BROKERS + "listeners: [{ports: {brokers: x}}]")).hasSize(1);
    assertThat(BoundYaml.problems(BROKERS + "listeners: [{advertisedHost: 0.0.0.0}]")).hasSize(1);
  }

  @Test
  void reportsAllProblemsTogether() {
    assertThat(
            BoundYaml.problems(
                """
                upstream:
                  bootstrapServers: k1
                  tls: {}
                listeners:
                  - advertisedHost: 0.0.0.0
                    sni: {}
                http:
                  prot: 80
                drain: soon
                interceptors: []
                """,
                Map.of("GATEHOUSE_LOG_LEVEL", "loud", "GATEHOUSE_HTTP_PROT", "1")))
        .containsExactlyInAnyOrder(
            "test.yaml:2: upstream.bootstrapServers: 'k1' is not host:port",
            "test.yaml:5: listeners[0].advertisedHost: clients cannot connect to the advertised"
                + " host 0.0.0.0: set a host that reaches this machine, or omit it to advertise the"
                + " address each client connected to",
            "test.yaml:8: there is no key http.prot, did you mean port?",
            "test.yaml:9: drain.time: 'soon' is not a duration such as 10s, 1m30s or 500ms",
            "GATEHOUSE_LOG_LEVEL: 'loud' is not one of off, error, warn, info, debug, trace",
            "GATEHOUSE_HTTP_PROT: there is no such setting, did you mean GATEHOUSE_HTTP_PORT?",
            "test.yaml:6: listeners[0].sni: the key brokerHost is missing, for example"
                + " broker-{{nodeId}}.kafka.example.com",
            "not yet supported: interceptors (test.yaml:10)");
  }

  @Test
  void virtualClustersCanHaveHostNames() {
    String names = "{name: %1$s, brokerHost: 'b{{nodeId}}.%2$s', bootstrapHost: %2$s}";
    String yaml =
        """
        upstream: {bootstrapServers: "k1:9092"}
        listeners:
          - name: clients
            virtualCluster: other
            tls: {certificate: /c, key: /k}
            sni:
              port: 443:9443
              brokerHost: b{{nodeId}}.kafka.example
              bootstrapHost: kafka.example
              virtualClusters: [%s]
        """;
    GatewaySettings gateway =
        BoundYaml.settings(yaml.formatted(names.formatted("sales", "sales.example"))).gateway();
    ListenerSettings own = gateway.listeners().getFirst();
    ListenerSettings sales = gateway.listeners().getLast();
    assertThat(gateway.listeners()).containsExactly(own, sales);
    assertThat(own.routing())
        .isEqualTo(
            new Routing.BySni(
                new PortPlan.Pair(443, 9443),
                HostPattern.parse("b{{nodeId}}.kafka.example"),
                "kafka.example"));
    assertThat(sales.routing())
        .isEqualTo(
            new Routing.BySni(
                new PortPlan.Pair(443, 9443),
                HostPattern.parse("b{{nodeId}}.sales.example"),
                "sales.example"));
    assertThat(sales.entry()).isEqualTo(own.entry());
    assertThat(gateway.tenancy().byListener())
        .isEqualTo(Map.of("clients", "other", "clients-sales", "sales"));

    assertThat(
            BoundYaml.problems(
                yaml.formatted(
                    names.formatted("a", "a.example")
                        + ", "
                        + names.formatted("a", "b.example")
                        + ", {brokerHost: 'b{{nodeId}}.c', bootstrapHost: c}, {name: d}")))
        .containsExactlyInAnyOrder(
            "test.yaml:10: listeners[0].sni.virtualClusters[1].name: the virtual cluster 'a' has"
                + " names already",
            "test.yaml:10: listeners[0].sni.virtualClusters[2]: the key name is missing: that of a"
                + " virtual cluster",
            "test.yaml:10: listeners[0].sni.virtualClusters[3]: the key brokerHost is missing, for"
                + " example broker-{{nodeId}}.kafka.example.com");
    assertThat(BoundYaml.problems(yaml.formatted(names.formatted("sales", "kafka.example"))))
        .singleElement()
        .asString()
        .contains("listeners clients and clients-sales share", "kafka.example belongs to both");
  }

  @Test
  void readsTheHostsOfBrokersWithMappedBootstrapServers() {
    UpstreamSettings upstream =
        BoundYaml.settings(
                """
                upstream: {hosts: ["*.kafka.example.com", 10.0.0.0/8]}
                listeners: [{mapping: [{broker: k1:9092, listen: 127.0.0.1:9092}]}]
                """)
            .gateway()
            .upstream();

    assertThat(upstream.bootstrapServers()).containsExactly(new HostPort("k1", 9092));
    assertThat(upstream.hosts())
        .isEqualTo(
            BrokerHosts.of(
                List.of(HostRule.parse("*.kafka.example.com"), HostRule.parse("10.0.0.0/8"))));
    assertThat(BoundYaml.problems("upstream: {bootstrapServers: k1:9092, hosts: [a b]}"))
        .containsExactly(
            "test.yaml:1: upstream.hosts: 'a b' is neither a host name such as"
                + " *.kafka.example.com nor a network such as 10.0.0.0/8");
  }

  @Test
  void reportsMissingBootstrapServers() {
    assertThat(BoundYaml.problems("")).containsExactly(BoundYaml.MISSING);
  }

  /** A plain duration sets {@code drain.time}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "drain: 3s                       |              | PT3S  | false | PT0S",
        "drain: {time: 3s}               |              | PT3S  | false | PT0S",
        "drain: {time: 3s, spread: true} |              | PT3S  | true  | PT0S",
        "drain: {delay: 5s}              |              | PT10S | true  | PT5S",
        "drain: {delay: 5s}              | DRAIN=4s     | PT4S  | true  | PT5S",
        "drain: {delay: 5s, time: 3s}    | DRAIN=4s     | PT4S  | true  | PT5S",
        "drain: 3s                       | DRAIN_TIME=4s | PT4S | false | PT0S",
        "drain: {delay: 5s, spread: false} |            | PT10S | false | PT5S",
      })
  void drainIsADurationOrMore(
      String yaml, @Nullable String variable, Duration time, boolean spread, Duration delay) {
    Map<String, String> environment =
        variable == null
            ? Map.of()
            : Map.of("GATEHOUSE_" + variable.split("=", 2)[0], variable.split("=", 2)[1]);
    SettingsBinder.Result result =
        BoundYaml.bind("upstream: {bootstrapServers: k:1}\n" + yaml, environment);
    assertThat(result.problems().lines()).isEmpty();
    assertThat(requireNonNull(result.settings()).gateway().drain())
        .isEqualTo(new DrainSettings(time, spread, delay));
  }
}
