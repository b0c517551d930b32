package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretTest {

  @Test
  void showsNothing() {
    Secret secret = new Secret("hunter2");
    assertThat(secret).hasToString("***");
    assertThat(String.valueOf(Map.of("password", secret))).doesNotContain("hunter2");
    assertThat(secret.reveal()).isEqualTo("hunter2");
    assertThat(secret).isEqualTo(new Secret("hunter2")).isNotEqualTo(new Secret("hunter3"));
  }

  @Test
  void isListedWithItsOriginOnly() {
    Problems problems = new Problems();
    Reading reading =
        new Reading(
            new NativeVariables(Map.of("GATEHOUSE_PASSWORD", "hunter2")), problems, new Listing());
    Section root = Section.root(reading, new Node.Mapping(new LinkedHashMap<>(), Origin.DEFAULT));
    assertThat(root.secret("password")).isEqualTo(new Secret("hunter2"));
    assertThat(root.secret("other")).isNull();
    assertThat(reading.listing().yaml())
        .contains("password: \"***\"")
        .contains("# GATEHOUSE_PASSWORD")
        .doesNotContain("hunter2");
  }
}
