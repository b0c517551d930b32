package io.gatehouse.gateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.settings.ApiRules;
import org.junit.jupiter.api.Test;

class PlansTest {

  private static final Plan.Scope SCOPE = new Plan.Scope(Plan.Sasl.TERMINATED, true, null);

  /** Steps that depend on the tenant alone. */
  private record OfTenant(String name) implements Steps {
    @Override
    public Steps of(Caller caller) {
      return new OfTenant(String.valueOf(caller.user().tenant()));
    }
  }

  private final Plans plans = new Plans(ApiRules.NONE, 1 << 20, new OfTenant(""));

  private Plan plan(User user) {
    return plans.of(SCOPE, new Caller(user, "PLAIN", "default"));
  }

  @Test
  void callersWithEqualStepsShareAPlan() {
    assertThat(plan(new User("a", "alice"))).isSameAs(plan(new User("a", "bob")));
    assertThat(plan(new User("a", "alice"))).isNotSameAs(plan(new User("b", "alice")));
    assertThat(plan(new User("a", "alice"))).isNotSameAs(plan(User.named("alice")));
  }

  @Test
  void renewedPlansAreThoseOfTheSameScope() {
    Plan before = plan(new User("a", "alice"));
    Plans renewed = plans.renewed();

    assertThat(renewed).isNotEqualTo(plans);
    assertThat(renewed.of(SCOPE, new Caller(new User("a", "bob"), "PLAIN", "default")))
        .isSameAs(before);
  }

  @Test
  void routesAreKeptOncePerApiAndVersion() {
    Plan plan = plan(User.named("alice"));
    for (int apiKey = 0; apiKey < 100; apiKey++) {
      int highest = plan.highestVersion(apiKey);
      for (int version = 0; version <= highest; version++) {
        Route route = plan.route(apiKey, version);
        assertThat(route.apiKey()).isEqualTo(apiKey);
        assertThat(route.version()).isEqualTo(version);
        assertThat(plan.route(apiKey, version)).isSameAs(route);
      }
      assertThat(plan.route(apiKey, highest + 1)).isEqualTo(plan.route(apiKey, highest + 1));
    }
  }
}
