package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GatewayHealthTest {

  @Test
  void aBlockedEventLoopIsNotLive() {
    assertThat(GatewayHealth.loops(Duration.ofSeconds(10)))
        .isEqualTo(Check.up("loops", Concern.LIVE));
    assertThat(GatewayHealth.loops(Duration.ofMillis(11_500)))
        .isEqualTo(Check.down("loops", Concern.LIVE, "an event loop has been blocked for 11 s"));
  }
}
