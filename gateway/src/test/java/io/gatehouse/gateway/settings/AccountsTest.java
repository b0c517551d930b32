package io.gatehouse.gateway.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.identity.Principal;
import io.gatehouse.identity.Secret;
import io.gatehouse.identity.login.Login;
import io.gatehouse.identity.login.kafka.Logins;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose account is whose. */
class AccountsTest {

  private static final Login OWN = login("gateway");
  private static final Login ALICES = login("alice");
  private static final Login TENANTS = login("b-alice");
  private static final Login SERVICES = login("service");

  private static Login login(String user) {
    return Logins.password("PLAIN", user, new Secret("secret"));
  }

  private static Accounts accounts(boolean ownForOthers) {
    return new Accounts(
        OWN, Map.of("alice", ALICES, "B/alice", TENANTS, "kafka/host", SERVICES), ownForOthers);
  }

  private static Principal client(@Nullable String vcluster, String name) {
    return new Principal(name, "PLAIN", vcluster == null ? Map.of() : Map.of("vcluster", vcluster));
  }

  @Test
  void aNameAloneIsNobodysOfATenant() {
    Accounts accounts = accounts(false);
    assertThat(accounts.of(client(null, "alice"))).isSameAs(ALICES);
    assertThat(accounts.of(client("B", "alice"))).isSameAs(TENANTS);
    assertThat(accounts.of(client("C", "alice"))).isNull();
    assertThat(accounts.admits(client("B", "alice"))).isTrue();
    assertThat(accounts.admits(client("C", "alice"))).isFalse();
    assertThat(accounts.admits(client("", "alice"))).isFalse();
    assertThat(accounts(true).of(client("C", "alice"))).isSameAs(OWN);
  }

  @Test
  void aSlashBelongsToTheNameOfWhoIsNoTenants() {
    Accounts accounts = accounts(false);
    assertThat(accounts.of(client(null, "kafka/host"))).isSameAs(SERVICES);
    assertThat(accounts.of(client("kafka", "host"))).isSameAs(SERVICES);
    assertThat(accounts.of(client("B", "kafka/host"))).isNull();
  }

  @Test
  void aTenantWhoseNameHoldsASlashPassesForNoOther() {
    Accounts accounts = new Accounts(OWN, Map.of("B/C/alice", TENANTS), false);
    assertThat(accounts.of(client("B/C", "alice"))).isNull();
    assertThat(accounts.of(client("B", "C/alice"))).isSameAs(TENANTS);
  }
}
