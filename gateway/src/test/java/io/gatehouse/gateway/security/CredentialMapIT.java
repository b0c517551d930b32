package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.Stubborn;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.PrincipalRules;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The gateway logs in at brokers with the account configured for each client's principal. */
class CredentialMapIT {

  private static final int SASL_AUTHENTICATION_FAILED = 58;

  private static Accounts accounts(boolean ownForOthers) {
    return new Accounts(
        Logins.password("SCRAM-SHA-256", "carl", new Secret("carl-secret")),
        Map.of(
            User.named("alice"),
            Logins.password("PLAIN", "dora", new Secret("dora-secret")),
            User.named("bert"),
            Logins.password("PLAIN", "bob", new Secret("bob-secret")),
            new User("team-b", "alice"),
            Logins.password("PLAIN", "bob", new Secret("bob-secret"))),
        ownForOthers);
  }

  private static Entry passwords() {
    return Entry.OPEN.with(
        FixedSource.sasl(
            List.of(
                new PlainMechanism(
                    new FixedUsers(
                        Map.of(
                            "alice", new Secret("a"),
                            "bert", new Secret("b"),
                            "zoe", new Secret("z"))))),
            Duration.ZERO));
  }

  private static final ServiceAccountTokens TOKENS =
      new ServiceAccountTokens(new Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));

  private static Entry tokens() {
    return Entry.OPEN.with(FixedSource.sasl(List.of(new PlainMechanism(TOKENS)), Duration.ZERO));
  }

  private static Entry certificates() {
    ServerTls server = Secured.listenerTls();
    return Entry.OPEN
        .with(
            new ServerTls(
                server.key(),
                ServerTls.Clients.of(ClientAuth.OPTIONAL, new TrustSource.Text(Secured.CA.pem())),
                Ciphers.DEFAULT))
        .with(new Authentication.Open(new PrincipalRules("RULE:^CN=([a-z]+).*$/$1/")));
  }

  private static SecuredGateway secured(boolean ownForOthers) throws Exception {
    return SecuredGateway.of(Secured.cluster().bootstrapServers("SASL"))
        .access(Access.PLAINTEXT.with(accounts(ownForOthers)))
        .listener("passwords", passwords())
        .listener("certificates", certificates())
        .listener("tokens", tokens())
        .start();
  }

  private static void seenAs(String account) {
    assertThat(Secured.cluster().principalsSeen("SASL"))
        .contains("User:" + account)
        .isSubsetOf("User:" + account, "User:carl"); // carl is the gateway's own account
    Secured.cluster().forgetPrincipals();
  }

  @Test
  void everyClientUsesItsAccount() throws Exception {
    String topic = Secured.topic("accounts");
    try (SecuredGateway secured = secured(false)) {
      Secured.cluster().forgetPrincipals();
      ForwardedIT.produce(withPassword(secured, "alice", "a"), topic, "1");
      seenAs("dora");
      ForwardedIT.produce(withPassword(secured, "bert", "b"), topic, "2");
      seenAs("bob");
      ForwardedIT.produce(withCertificate(secured, "alice"), topic, "3");
      seenAs("dora");
    }
  }

  private static Map<String, Object> withPassword(
      SecuredGateway secured, String user, String password) {
    return Secured.client(
        secured.bootstrap("passwords"),
        "SASL_PLAINTEXT",
        AuthenticationProperties.plain(user, password));
  }

  private static Map<String, Object> withCertificate(SecuredGateway secured, String name) {
    return Secured.client(
        secured.bootstrap("certificates"),
        "SSL",
        AuthenticationProperties.certificate(Secured.CA.client(name)));
  }

  @Test
  void aTenantsClientUsesTheAccountOfItsTenant() throws Exception {
    String topic = Secured.topic("accounts");
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured = secured(false)) {
      Secured.cluster().forgetPrincipals();
      ForwardedIT.produce(withToken(secured, null), topic, "1");
      seenAs("dora");
      ForwardedIT.produce(withToken(secured, "team-b"), topic, "2");
      seenAs("bob");
      try (RawClient stranger = RawClient.connect("127.0.0.1", secured.port("tokens"))) {
        String token = TOKENS.issue("alice", "team-c", Duration.ofMinutes(5)).token().reveal();
        assertThat(RawSasl.plain(stranger, "alice", token)).isEqualTo(SASL_AUTHENTICATION_FAILED);
      }
      log.await("Tenant:team-c User:alice has no account at the brokers");
    }
  }

  private static Map<String, Object> withToken(SecuredGateway secured, @Nullable String vcluster) {
    String token = TOKENS.issue("alice", vcluster, Duration.ofMinutes(5)).token().reveal();
    return Secured.client(
        secured.bootstrap("tokens"),
        "SASL_PLAINTEXT",
        AuthenticationProperties.plain("alice", token));
  }

  @Test
  void clientsOfAVirtualClusterUseItsAccountHoweverTheyGotIntoIt() throws Exception {
    Accounts accounts =
        new Accounts(
            Logins.password("SCRAM-SHA-256", "carl", new Secret("carl-secret")),
            Map.of(),
            Map.of("team-d", Logins.password("PLAIN", "bob", new Secret("bob-secret"))),
            /* ownForOthers= */ false);
    Tenants tenants =
        (user, listener) ->
            "team-d".equals(user.tenant()) || listener.equals("passwords")
                ? new Place.Within(new Tenant("team-d", "team-d."))
                : Place.PASSTHROUGH;
    try (SecuredGateway secured =
        SecuredGateway.of(Secured.cluster().bootstrapServers("SASL"))
            .access(Access.PLAINTEXT.with(accounts))
            .listener("passwords", passwords())
            .listener("tokens", tokens())
            .setup(new Setup().tenants(tenants))
            .start()) {
      for (Map<String, Object> client :
          List.of(withToken(secured, "team-d"), withPassword(secured, "zoe", "z"))) {
        Secured.cluster().forgetPrincipals();
        try (Admin admin = Admin.create(client)) {
          assertThat(admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS))
              .startsWith("team-d@");
        }
        seenAs("bob");
      }
      try (Admin admin = Admin.create(withToken(secured, null))) {
        assertThatThrownBy(() -> admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS))
            .hasCauseInstanceOf(SaslAuthenticationException.class);
      }
    }
  }

  @Test
  void aClientWithoutAnAccountIsRefused() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured = secured(false);
        Admin zoe = Admin.create(withPassword(secured, "zoe", "z"))) {
      assertThatThrownBy(() -> zoe.describeCluster().clusterId().get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
      log.await("User:zoe has no account at the brokers");
      assertThat(secured.authentications("passwords", "PLAIN", "not_for_us")).isPositive();
      zoe.close(Duration.ZERO);

      log.clear();
      try (RawClient client =
          Stubborn.connect(secured.port("certificates"), Secured.CA.client("zoe"))) {
        assertThatThrownBy(() -> SecuredGateway.exchange(client)).isInstanceOf(IOException.class);
      }
      log.await("User:zoe has no account at the brokers");
    }
  }

  @Test
  void otherClientsUseTheGatewaysOwnAccountIfAllowed() throws Exception {
    String topic = Secured.topic("accounts");
    try (SecuredGateway secured = secured(true)) {
      Secured.cluster().forgetPrincipals();
      ForwardedIT.produce(withPassword(secured, "zoe", "z"), topic, "1");
      assertThat(Secured.cluster().principalsSeen("SASL")).containsExactly("User:carl");
      ForwardedIT.produce(withCertificate(secured, "alice"), topic, "2");
      seenAs("dora");
    }
  }
}
