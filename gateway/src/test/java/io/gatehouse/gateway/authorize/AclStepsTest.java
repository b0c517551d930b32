package io.gatehouse.gateway.authorize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Steps;
import org.junit.jupiter.api.Test;

class AclStepsTest {

  private static final RequestStep REQUEST = (_, _) -> Decision.FORWARD;
  private static final ResponseStep RESPONSE = (_, _) -> Decision.FORWARD;

  private record Others() implements Steps {

    @Override
    public RequestStep request(int apiKey, int version) {
      return REQUEST;
    }

    @Override
    public ResponseStep response(int apiKey, int version) {
      return RESPONSE;
    }
  }

  @Test
  void onlyRequestsForRulesOfClientsWithRulesAreAnswered() {
    MemoryAclStore store = new MemoryAclStore();
    User alice = User.named("alice");
    Steps steps = new AclSteps(new Others());
    Steps restricted = steps.of(store.caller(alice));
    assertThat(restricted).isEqualTo(steps.of(store.caller(MemoryAclStore.ROOT)));
    Steps unrestricted = steps.of(new Caller(alice, "PLAIN", "test"));
    assertThat(unrestricted).isEqualTo(new Others());
    for (int api = -1; api < 100; api++) {
      boolean own = api == 29 || api == 30 || api == 31;
      assertThat(REQUEST.equals(restricted.request(api, 1))).as("api %d", api).isNotEqualTo(own);
      assertThat(unrestricted.request(api, 1)).isSameAs(REQUEST);
      assertThat(restricted.response(api, 1)).isSameAs(RESPONSE);
    }
  }
}
