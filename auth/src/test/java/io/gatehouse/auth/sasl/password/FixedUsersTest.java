package io.gatehouse.auth.sasl.password;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.auth.Secret;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FixedUsersTest {

  @Test
  void refusesSettingsThatLetNobodyOrAnybodyIn() {
    assertThatIllegalArgumentException().isThrownBy(() -> new FixedUsers(Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FixedUsers(Map.of("alice", new Secret(""))))
        .withMessageContaining("alice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FixedUsers(Map.of("", new Secret("secret"))));
  }
}
