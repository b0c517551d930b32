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

  /** The account of a client that is in its own virtual cluster, or in none. */
  private static @Nullable Source<Login> of(
      Accounts accounts, @Nullable String tenant, String name) {
    return accounts.of(client(tenant, name), tenant == null ? Tenancy.PASSTHROUGH : tenant);
  }

  @Test
  void clientsWithoutOneOfTheirOwnHaveThatOfTheirVirtualCluster() {
    Accounts accounts =
        new Accounts(
            OWN,
            Map.of(User.named("alice"), ALICES, new User("B", "alice"), TENANTS),
            Map.of("B", SERVICES),
            false);
    assertThat(of(accounts, "B", "bob")).isSameAs(SERVICES);
    assertThat(of(accounts, "B", "alice")).isSameAs(TENANTS);
    Principal bob = client(null, "bob");
    assertThat(accounts.of(bob, "B")).as("placed by its listener").isSameAs(SERVICES);
    assertThat(accounts.of(client(null, "alice"), "B")).isSameAs(TENANTS);
    assertThat(accounts.of(bob, Tenancy.PASSTHROUGH)).isNull();
    assertThat(accounts.admits(bob, () -> "B")).isTrue();
    assertThat(accounts.admits(bob, () -> Tenancy.PASSTHROUGH)).isFalse();
    assertThat(accounts.admits(bob, () -> null)).isFalse();
    assertThat(accounts.ofClients()).containsExactlyInAnyOrder(ALICES, TENANTS, SERVICES);
  }

  @Test
  void aNameWithoutTenantDoesNotMatchATenantsUser() {
    Accounts accounts = accounts(false);
    assertThat(of(accounts, null, "alice")).isSameAs(ALICES);
    assertThat(of(accounts, "B", "alice")).isSameAs(TENANTS);
    assertThat(of(accounts, "C", "alice")).isNull();
    assertThat(accounts.admits(client("B", "alice"), () -> "B")).isTrue();
    assertThat(accounts.admits(client("C", "alice"), () -> "C")).isFalse();
    assertThat(of(accounts(true), "C", "alice")).isSameAs(OWN);
  }

  @Test
  void aNameWithASlashDoesNotMatchATenantsUser() {
    Accounts accounts = accounts(false);
    assertThat(of(accounts, null, "B/alice")).isNull();
    assertThat(of(accounts, null, "kafka/host")).isSameAs(SERVICES);
    assertThat(of(accounts, "kafka", "host")).isNull();
  }

  @Test
  void onlyTheUserDecidesTheAccount() {
    Principal claiming = new Principal("alice", "OAUTHBEARER", Map.of("vcluster", "B"));
    assertThat(accounts(false).of(claiming, Tenancy.PASSTHROUGH)).isSameAs(ALICES);
  }
}
