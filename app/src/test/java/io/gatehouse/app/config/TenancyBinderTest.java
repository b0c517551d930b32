package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.Tenancy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TenancyBinderTest {

  private static final String BROKERS = "upstream: {bootstrapServers: k1:9092}\n";

  private static Tenancy tenancy(String yaml) {
    return BoundYaml.settings(BROKERS + yaml).gateway().tenancy();
  }

  private static List<String> problems(String yaml) {
    return BoundYaml.problems(BROKERS + yaml);
  }

  @Test
  void clientsNeedNoVirtualCluster() {
    assertThat(tenancy("")).isEqualTo(Tenancy.OPTIONAL);
    assertThat(tenancy("virtualClusters: {separator: '-'}"))
        .isEqualTo(new Tenancy(false, "-", Map.of()));
  }

  @Test
  void clientsWhoAuthenticateCanNeedAVirtualCluster() {
    assertThat(
            tenancy(
                """
                virtualClusters: {required: true}
                listeners:
                  - authentication: {mechanisms: [{user: u, password: p}]}
                  - {name: open, ports: {brokers: 7000}, virtualCluster: team-a}
                  - name: forwarded
                    ports: {brokers: 8000}
                    virtualCluster: passthrough
                    authentication: {type: forwarded}
                """))
        .isEqualTo(new Tenancy(true, "", Map.of("open", "team-a", "forwarded", "passthrough")));
  }

  @Test
  void listenersWhoseClientsCannotBelongToAVirtualClusterAreProblems() {
    String advice =
        ". Let the gateway authenticate them, or name a virtualCluster for the listener";
    assertThat(
            problems(
                """
                virtualClusters: {required: true}
                listeners:
                  - {name: open}
                  - {name: forwarded, ports: {brokers: 7000}, authentication: {type: forwarded}}
                """))
        .containsExactly(
            "no client can use listener 'open': each client must belong to a virtual cluster, and"
                + " here clients do not authenticate"
                + advice,
            "no client can use listener 'forwarded': each client must belong to a virtual cluster,"
                + " and here the brokers authenticate clients, which then belong to none"
                + advice);
  }

  /** After a token that the brokers read, the gateway could take a request for another token. */
  @Test
  void clientsThatTheBrokersAuthenticateBelongToNoVirtualCluster() {
    assertThat(
            problems(
                """
                listeners:
                  - {virtualCluster: team-a}
                  - name: forwarded
                    ports: {brokers: 7000}
                    virtualCluster: team-a
                    authentication: {type: forwarded}
                """))
        .containsExactly(
            "listener 'forwarded' cannot be for a virtual cluster: the brokers authenticate its"
                + " clients, and brokers know no virtual clusters. Let the gateway authenticate"
                + " them");
  }

  @Test
  void clientsWithoutAVirtualClusterCanNeedRules() {
    assertThat(
            tenancy(
                    """
                    virtualClusters:
                      passthrough: {aclEnabled: true, superUsers: ["User:alice", bob, "CN=User:x,O=y"]}
                    """)
                .passthrough())
        .isEqualTo(new Tenancy.PassthroughAccess(true, Set.of("alice", "bob", "CN=User:x,O=y")));
    assertThat(problems("virtualClusters: {passthrough: {superUsers: ['User:'], enabled: true}}"))
        .containsExactly(
            "test.yaml:2: virtualClusters.passthrough.superUsers: the name of a service account is"
                + " empty or unreadable",
            "test.yaml:2: there is no key virtualClusters.passthrough.enabled, valid are:"
                + " aclEnabled, superUsers");
  }

  @Test
  void theGatewayDoesNotKnowClientsThatTheBrokersAuthenticate() {
    String on = "virtualClusters: {passthrough: {aclEnabled: true}}\n";
    assertThat(problems(on + "listeners: [{name: in, authentication: {type: forwarded}}]"))
        .containsExactly(
            "listener 'in' cannot limit clients by access rules"
                + " (virtualClusters.passthrough.aclEnabled): the brokers authenticate them, so the"
                + " gateway does not know who they are. Let the gateway authenticate them, or use"
                + " the ACLs of the brokers");
    assertThat(tenancy(on + "listeners: [{name: open}]").passthrough().aclEnabled()).isTrue();
  }

  @Test
  void namesAreThoseOfTopics() {
    assertThat(problems("virtualClusters: {separator: '/'}"))
        .containsExactly(
            "test.yaml:2: virtualClusters.separator: '/' cannot stand in names of topics: it may"
                + " have up to 20 letters, digits, dots, dashes and underscores");
    assertThat(problems("listeners: [{virtualCluster: team a}]"))
        .containsExactly(
            "test.yaml:2: listeners[0].virtualCluster: 'team a' is no name of a virtual cluster: it"
                + " has up to 100 letters, digits, dots, dashes and underscores");
  }
}
