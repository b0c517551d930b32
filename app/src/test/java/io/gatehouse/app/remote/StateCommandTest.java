package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.control.doc.Value;
import io.gatehouse.control.folder.ResourceFiles;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateCommandTest {

  private static final int MAX_BODY = 1 << 20;

  private static ResourceFiles state(int accounts) {
    StringBuilder yaml =
        new StringBuilder(
            """
            kind: GatewayGroup
            apiVersion: gateway/v2
            metadata: {name: g}
            spec: {members: [{name: user-0}]}
            """);
    for (int i = 0; i < accounts; i++) {
      yaml.append(
          """
          ---
          kind: GatewayServiceAccount
          apiVersion: gateway/v2
          metadata: {name: user-%d}
          spec: {type: LOCAL}
          """
              .formatted(i));
    }
    ResourceFiles files = new ResourceFiles();
    files.read(new ByteArrayInputStream(yaml.toString().getBytes(UTF_8)), "state.yaml");
    return files;
  }

  @Test
  void aLargeStateIsImportedInPartsWithReferencesLast() {
    assertThat(StateCommand.parts(state(10))).hasSize(1);
    List<List<Value>> parts = StateCommand.parts(state(20_000));
    assertThat(parts)
        .hasSizeGreaterThan(2)
        .allSatisfy(part -> assertThat(Output.yaml(part).length()).isLessThan(MAX_BODY));
    assertThat(parts.stream().mapToInt(List::size).sum()).isEqualTo(20_001);
    assertThat(parts.getFirst())
        .allSatisfy(one -> assertThat(Output.text(one, "kind")).isEqualTo("GatewayServiceAccount"));
    assertThat(Output.text(parts.getLast().getLast(), "kind")).isEqualTo("GatewayGroup");
  }
}
