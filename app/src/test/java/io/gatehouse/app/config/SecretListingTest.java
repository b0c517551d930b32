package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretListingTest {

  @Test
  void isListedWithItsOriginOnly() {
    Problems problems = new Problems();
    BindingContext context =
        new BindingContext(
            new NativeVariables(Map.of("GATEHOUSE_PASSWORD", "hunter2")), problems, new Listing());
    Section root = Section.root(context, new Node.Mapping(new LinkedHashMap<>(), Origin.DEFAULT));
    assertThat(root.secret("password")).isEqualTo(new Secret("hunter2"));
    assertThat(root.secret("other")).isNull();
    assertThat(context.listing().yaml())
        .contains("password: \"***\"")
        .contains("# GATEHOUSE_PASSWORD")
        .doesNotContain("hunter2");
  }
}
