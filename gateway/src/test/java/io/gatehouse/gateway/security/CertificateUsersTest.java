package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.flow.Audit;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.tenant.Tenants;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.PrincipalRules;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients with certificates whose names are those of accounts, or of nobody. */
class CertificateUsersTest {

  private static final String X = "x";

  private final Echo echo = new Echo();
  private final LogLines audit = LogLines.of(Audit.LOGGER);
  private final Authority ca = Authority.create("CA");
  private final AtomicBoolean changed = new AtomicBoolean();

  /** Alice has an account, and others belong nowhere. */
  private final Tenants tenants =
      new Tenants() {
        @Override
        public Place of(User user, String listener) {
          return user.name().equals("billing")
              ? Place.PASSTHROUGH
              : new Place.Nowhere("it is " + user.name());
        }

        @Override
        public Known known(User external) {
          return external.name().equals("alice")
              ? new Known(new User("passthrough", "billing"), new Check())
              : new Known(external, null);
        }
      };

  private final class Check implements CredentialCheck {
    @Override
    public boolean isOutdated() {
      return changed.get();
    }

    @Override
    public @Nullable String recheck() {
      return "the account has changed";
    }
  }

  @AfterEach
  void stop() {
    audit.close();
    echo.close();
  }

  private SecuredGateway start() throws Exception {
    Credentials shown = ca.server();
    ServerTls tls =
        new ServerTls(
            new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null),
            ServerTls.Clients.of(ClientAuth.REQUIRED, new TrustSource.Text(ca.pem())),
            Ciphers.DEFAULT);
    Entry entry =
        Entry.OPEN
            .with(tls)
            .with(new Authentication.Open(new PrincipalRules("RULE:^CN=([a-z]+).*$/$1/")));
    return SecuredGateway.of(echo.asked())
        .setup(new Setup().tenants(tenants))
        .listener(X, entry)
        .start();
  }

  private RawClient connect(SecuredGateway secured, String name) throws IOException {
    return RawTls.to("127.0.0.1", secured.port(X))
        .sni("localhost")
        .trust(ca)
        .identity(ca.client(name))
        .connect();
  }

  @Test
  void theNameOfACertificateBecomesThatOfAnAccount() throws Exception {
    try (SecuredGateway secured = start();
        RawClient client = connect(secured, "alice")) {
      SecuredGateway.exchange(client);
      assertThat(audit.lines())
          .singleElement()
          .asString()
          .contains(" mechanism=SSL ")
          .contains("billing")
          .endsWith(" result=success");
      SecuredGateway.exchange(client);
      changed.set(true);
      assertThatThrownBy(() -> SecuredGateway.exchange(client)).isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.ACCESS_REVOKED, 1);
    }
  }

  @Test
  void usersWhoBelongNowhereAreRefusedWhenTheyConnect() throws Exception {
    try (SecuredGateway secured = start()) {
      assertThatThrownBy(
              () -> {
                try (RawClient client = connect(secured, "bob")) {
                  SecuredGateway.exchange(client);
                }
              })
          .isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.AUTHENTICATION_FAILED, 1);
      assertThat(audit.lines()).singleElement().asString().contains("it is bob");
      assertThat(echo.connections()).isZero();
    }
  }
}
