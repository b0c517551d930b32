package io.gatehouse.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ChildEnvironmentTest {

  private static final Map<String, String> ALL =
      Map.ofEntries(
          Map.entry("PATH", "/bin"),
          Map.entry("HOME", "/root"),
          Map.entry("LC_ALL", "C"),
          Map.entry("TZ", "UTC"),
          Map.entry("https_proxy", "http://proxy"),
          Map.entry("NO_PROXY", "localhost"),
          Map.entry("GATEHOUSE_PASSWORD", "hidden"),
          Map.entry("GATEWAY_USER_POOL_SECRET_KEY", "hidden"),
          Map.entry("PATHS", "hidden"),
          Map.entry("MY_PATH", "hidden"),
          Map.entry("AWS_REGION", "eu-west-1"),
          Map.entry("AWSOME", "hidden"));

  @Test
  void onlyCommonVariablesArePassedOn() {
    assertThat(ChildEnvironment.DEFAULT.filter(ALL))
        .containsOnlyKeys("PATH", "HOME", "LC_ALL", "TZ", "https_proxy", "NO_PROXY");
  }

  @Test
  void additionalNamesArePassedOn() {
    assertThat(ChildEnvironment.DEFAULT.with("AWS_*", "PATHS").filter(ALL))
        .containsKeys("AWS_REGION", "PATHS", "PATH")
        .doesNotContainKeys("AWSOME", "MY_PATH", "GATEHOUSE_PASSWORD");
  }

  @Test
  void invalidNamesAreRefusedWithoutBeingShown() {
    for (String wrong : new String[] {"", "A=hidden", "*", "1A", "A*B", "A B"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ChildEnvironment.DEFAULT.with(wrong))
          .withMessageNotContaining("hidden");
    }
  }
}
