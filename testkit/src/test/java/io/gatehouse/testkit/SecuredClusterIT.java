package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecuredClusterIT {

  private static final Authority CA = Authority.create("Test CA");
  private static final Authority CLIENTS = Authority.create("Client CA");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final TokenServer IDP = TokenServer.start().client("service", "s€cret");
  private static KafkaCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        spec(KafkaVersion.V4_4)
            .with(Listener.sasl("OAUTH").oauth(IDP))
            .with(Listener.saslSsl("OAUTH_SSL", CA.server()).oauth(IDP))
            .withAuthorizer("User:admin")
            .start();
  }

  private static ClusterSpec spec(KafkaVersion version) {
    return KafkaCluster.of(version, 1)
        .with(Listener.ssl("TLS", CA.server()))
        .with(
            Listener.ssl("MTLS", CA.server())
                .requireClients(CLIENTS)
                .principalRules("RULE:^CN=([a-z]+),.*$/$1/L,DEFAULT"))
        .with(
            Listener.sasl("SASL")
                .plain("alice", "alice's \"secret\"")
                .plain("admin", "admin-secret")
                .scram("SCRAM-SHA-256", "bob", "bob-secret")
                .scram("SCRAM-SHA-512", "carol", "carol-secret"))
        .with(
            Listener.saslSsl("SASL_SSL", CA.server())
                .requestClients(CLIENTS)
                .plain("dora", "dora-secret")
                .scram("SCRAM-SHA-512", "carol", "carol-secret")
                .reauthentication(Duration.ofSeconds(2)));
  }

  @AfterAll
  static void stop() {
    cluster.close();
    IDP.close();
  }

  @BeforeEach
  void forget() {
    cluster.forgetPrincipals();
  }

  @Test
  void tlsClientIsAnonymous() throws Exception {
    comeIn(cluster, "TLS", AuthenticationProperties.none());
    assertThat(cluster.principalsSeen())
        .contains(new SeenPrincipal("TLS", "SSL", "-", "User:ANONYMOUS", "127.0.0.1"));
  }

  @Test
  void certificateIsMappedToName() throws Exception {
    Credentials alice =
        CLIENTS.issue("alice").subject("CN=Alice,OU=dev,O=Example").clientOnly().sign();
    Credentials mapped =
        CLIENTS.issue("alice").subject("CN=alice,OU=dev,O=Example").clientOnly().sign();
    comeIn(cluster, "MTLS", AuthenticationProperties.certificate(alice));
    assertThat(cluster.principalsSeen("MTLS")).containsExactly("User:CN=Alice,OU=dev,O=Example");
    comeIn(cluster, "MTLS", AuthenticationProperties.certificate(mapped));
    assertThat(cluster.principalsSeen("MTLS"))
        .containsExactly("User:CN=Alice,OU=dev,O=Example", "User:alice");
  }

  @Test
  void wrongOrMissingCertificateIsRefused() {
    for (Map<String, Object> login :
        List.of(
            AuthenticationProperties.none(),
            AuthenticationProperties.certificate(CA.client("alice")),
            AuthenticationProperties.certificate(CLIENTS.issue("alice").expired().sign()))) {
      assertThatThrownBy(() -> comeIn(cluster, "MTLS", login))
          .hasCauseInstanceOf(SslAuthenticationException.class);
    }
    assertThat(cluster.principalsSeen("MTLS")).isEmpty();
  }

  @Test
  void everyPasswordMechanismWorksAndIsSeen() throws Exception {
    comeIn(cluster, "SASL", AuthenticationProperties.plain("alice", "alice's \"secret\""));
    comeIn(cluster, "SASL", AuthenticationProperties.scram("SCRAM-SHA-256", "bob", "bob-secret"));
    comeIn(
        cluster, "SASL", AuthenticationProperties.scram("SCRAM-SHA-512", "carol", "carol-secret"));
    assertThat(cluster.principalsSeen("SASL"))
        .containsExactly("User:alice", "User:bob", "User:carol");
    comeIn(cluster, "SASL_SSL", AuthenticationProperties.plain("dora", "dora-secret"));
    assertThat(cluster.principalsSeen())
        .contains(new SeenPrincipal("SASL_SSL", "SASL_SSL", "PLAIN", "User:dora", "127.0.0.1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
  void wrongPasswordIsRefused(String mechanism) {
    Map<String, Object> login =
        mechanism.equals("PLAIN")
            ? AuthenticationProperties.plain("alice", "wrong")
            : AuthenticationProperties.scram(mechanism, "bob", "wrong");
    assertThatThrownBy(() -> comeIn(cluster, "SASL", login))
        .hasRootCauseInstanceOf(SaslAuthenticationException.class);
    assertThat(cluster.principalsSeen("SASL")).isEmpty();
  }

  @Test
  void tokensAreAccepted() throws Exception {
    comeIn(cluster, "OAUTH", AuthenticationProperties.token(IDP.token("erna").sign()));
    comeIn(
        cluster,
        "OAUTH",
        AuthenticationProperties.token(IDP.token("egon").audience("x", "kafka").signEs256()));
    comeIn(
        cluster, "OAUTH_SSL", AuthenticationProperties.clientCredentials(IDP, "service", "s€cret"));
    assertThat(cluster.principalsSeen("OAUTH")).containsExactly("User:erna", "User:egon");
    assertThat(cluster.principalsSeen("OAUTH_SSL")).containsExactly("User:service");
  }

  @Test
  void invalidTokensAreRefused() {
    for (String token :
        List.of(
            IDP.token("erna").expired().sign(),
            IDP.token("erna").notYetValid().sign(),
            IDP.token("erna").audience("other").sign(),
            IDP.token("erna").issuer("https://other.example").sign(),
            IDP.token("erna").without("sub").sign(),
            IDP.token("erna").unsigned(),
            IDP.token("erna").signByConfusion(),
            IDP.token("erna").signByStranger(),
            IDP.token("erna").signByUnknownKey())) {
      assertThatThrownBy(() -> comeIn(cluster, "OAUTH", AuthenticationProperties.token(token)))
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
    assertThat(cluster.principalsSeen("OAUTH")).isEmpty();
  }

  @Test
  void longSessionsLogInAgain() {
    try (Admin admin =
        Admin.create(
            cluster.clientProperties(
                "SASL_SSL", AuthenticationProperties.plain("dora", "dora-secret")))) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            admin.describeCluster().nodes().get();
            assertThat(cluster.principalsSeen()).hasSizeGreaterThanOrEqualTo(4);
          });
    }
    assertThat(cluster.principalsSeen("SASL_SSL")).isEqualTo(Set.of("User:dora"));
  }

  @Test
  void authorizerTellsSuperUsersFromOthers() throws Exception {
    try (Admin admin =
            Admin.create(
                cluster.clientProperties(
                    "SASL", AuthenticationProperties.plain("admin", "admin-secret")));
        Admin bob =
            Admin.create(
                cluster.clientProperties(
                    "SASL",
                    AuthenticationProperties.scram("SCRAM-SHA-256", "bob", "bob-secret")))) {
      admin.createTopics(List.of(new NewTopic("guarded", 1, (short) 1))).all().get();
      assertThatThrownBy(
              () -> bob.createTopics(List.of(new NewTopic("b", 1, (short) 1))).all().get())
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(() -> bob.describeAcls(AclBindingFilter.ANY).values().get())
          .hasCauseInstanceOf(ClusterAuthorizationException.class);
      admin
          .createAcls(
              List.of(
                  new AclBinding(
                      new ResourcePattern(ResourceType.TOPIC, "b", PatternType.LITERAL),
                      new AccessControlEntry(
                          "User:bob", "*", AclOperation.CREATE, AclPermissionType.ALLOW))))
          .all()
          .get();
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsMatching(e -> e.getCause() instanceof TopicAuthorizationException)
          .until(() -> {
            bob.createTopics(List.of(new NewTopic("b", 1, (short) 1))).all().get();
            return true;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V3_9", "V2_8"})
  void olderReleasesToo(KafkaVersion version) throws Exception {
    try (KafkaCluster older = spec(version).withAuthorizer("User:carol").start()) {
      comeIn(older, "MTLS", AuthenticationProperties.certificate(CLIENTS.client("alice")));
      comeIn(
          older,
          "SASL_SSL",
          AuthenticationProperties.scram("SCRAM-SHA-512", "carol", "carol-secret"));
      assertThat(older.principalsSeen("MTLS")).containsExactly("User:CN=alice");
      assertThat(older.principalsSeen("SASL_SSL")).containsExactly("User:carol");
    }
  }

  private static void comeIn(KafkaCluster cluster, String listener, Map<String, Object> login)
      throws Exception {
    Map<String, Object> properties = new HashMap<>(cluster.clientProperties(listener, login));
    properties.put("default.api.timeout.ms", 15_000);
    properties.put("request.timeout.ms", 10_000);
    try (Admin admin = Admin.create(properties)) {
      assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS))
          .hasSize(cluster.brokers().size())
          .allMatch(node -> node.host().equals("localhost"));
    }
  }
}
