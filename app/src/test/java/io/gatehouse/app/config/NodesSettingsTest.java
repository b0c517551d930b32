package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.conduktor.GatewayEnvironment;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of a node among others. */
class NodesSettingsTest {

  private static final String UPSTREAM = "upstream: {bootstrapServers: k:1}\n";

  private static AppSettings.Nodes nodes(String yaml) {
    return BoundYaml.settings(UPSTREAM + yaml).running().nodes();
  }

  @Test
  void everyKeyIsRead() {
    assertThat(nodes("")).isEqualTo(new AppSettings.Nodes(null, null, null, true));
    assertThat(nodes("nodes: {id: gw-1, rack: a, group: gateways, loadBalancing: false}"))
        .isEqualTo(new AppSettings.Nodes("gw-1", "a", "gateways", false));
  }

  @Test
  void conduktorsVariablesAreRead() {
    Map<String, String> variables =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS", "k:1",
            "GATEWAY_RACK_ID", "a",
            "GATEWAY_GROUP_ID", "gateways",
            "GATEWAY_FEATURE_FLAGS_INTERNAL_LOAD_BALANCING", "false");
    Problems problems = new Problems();
    Node.Mapping tree = GatewayEnvironment.translate(variables, false, problems);
    SettingsBinder.Result result = SettingsBinder.bind(tree, variables, problems, BoundYaml.ADVICE);
    assertThat(problems.lines()).isEmpty();
    assertThat(requireNonNull(result.settings()).running().nodes())
        .isEqualTo(new AppSettings.Nodes(null, "a", "gateways", false));
  }

  @ParameterizedTest
  @CsvSource({
    "id: a/b, nodes.id",
    "loadBalancing: maybe, nodes.loadBalancing",
    "racks: a, nodes.racks"
  })
  void invalidValuesAreReported(String entry, String where) {
    assertThat(BoundYaml.problems(UPSTREAM + "nodes: {" + entry + "}"))
        .singleElement()
        .asString()
        .contains(where);
  }
}
