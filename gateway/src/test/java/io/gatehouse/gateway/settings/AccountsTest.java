package io.gatehouse.gateway.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.pool.Source;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which account belongs to which client. */
class AccountsTest {

  private static final Source<Login> OWN = login("gateway");
  private static final Source<Login> ALICES = login("alice");
  private static final Source<Login> TENANTS = login("b-alice");
  private static final Source<Login> SERVICES = login("service");

  private static Source<Login> login(String user) {
    return Logins.password("PLAIN", user, new Secret("secret"));
  }

  private static Accounts accounts(boolean ownForOthers) {
    return new Accounts(
        OWN,
        Map.of(
            User.named("alice"),
            ALICES,
            new User("B", "alice"),
            TENANTS,
            User.named("kafka/host"),
            SERVICES),
        ownForOthers);
  }

  private static Principal client(@Nullable String tenant, String name) {
    return new Principal(new User(tenant, name), "PLAIN", Map.of());
  }

  @Test
  void aNameWithoutTenantDoesNotMatchATenantsUser() {
    Accounts accounts = accounts(false);
    assertThat(accounts.of(client(null, "alice"))).isSameAs(ALICES);
    assertThat(accounts.of(client("B", "alice"))).isSameAs(TENANTS);
    assertThat(accounts.of(client("C", "alice"))).isNull();
    assertThat(accounts.admits(client("B", "alice"))).isTrue();
    assertThat(accounts.admits(client("C", "alice"))).isFalse();
    assertThat(accounts(true).of(client("C", "alice"))).isSameAs(OWN);
  }

  @Test
  void aNameWithASlashDoesNotMatchATenantsUser() {
    Accounts accounts = accounts(false);
    assertThat(accounts.of(client(null, "B/alice"))).isNull();
    assertThat(accounts.of(client(null, "kafka/host"))).isSameAs(SERVICES);
    assertThat(accounts.of(client("kafka", "host"))).isNull();
  }

  @Test
  void onlyTheUserDecidesTheAccount() {
    Principal claiming = new Principal("alice", "OAUTHBEARER", Map.of("vcluster", "B"));
    assertThat(accounts(false).of(claiming)).isSameAs(ALICES);
  }
}
