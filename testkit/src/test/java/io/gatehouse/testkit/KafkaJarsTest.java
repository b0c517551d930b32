package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaJarsTest {

  @TempDir Path folder;

  @Test
  void checkoutIsFoundFromAnywhereInIt() throws IOException {
    Path deep = Files.createDirectories(folder.resolve("gateway/src/test"));
    assertThatThrownBy(() -> KafkaJars.root(null, deep))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("gatehouse.root");
    Files.createDirectories(folder.resolve("testkit/kafka"));
    assertThat(KafkaJars.root(null, deep)).isEqualTo(folder);
    assertThat(KafkaJars.root(folder.toString(), Path.of("/"))).isEqualTo(folder);
  }

  @Test
  void versionsAreKnownByName() {
    assertThat(KafkaVersion.of("3.9")).isEqualTo(KafkaVersion.V3_9);
    assertThatThrownBy(() -> KafkaVersion.of("9.9"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4.4, 3.9, 2.8");
  }
}
