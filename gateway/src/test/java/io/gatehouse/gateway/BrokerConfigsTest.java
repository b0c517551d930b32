package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.Frames.DESCRIBE_CONFIGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.wire.tree.Struct;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * DescribeConfigs responses for brokers contain addresses, which must be rewritten as in Metadata.
 */
class BrokerConfigsTest {

  private static final byte BROKER = 4;
  private static final byte TOPIC = 2;

  private static final String HOST = Canaries.HOST_PREFIX + ".internal";

  /** Broker values, and the rewritten values with {@code @} for the gateway's address. */
  private static final Map<String, String> VALUES =
      Map.of(
          "listeners=PLAINTEXT://" + HOST + ":9092,CONTROLLER://" + HOST + ":9093",
          "PLAINTEXT://@,CONTROLLER://@",
          "advertised.listeners=EXTERNAL-TLS://" + HOST + ":9094,IN://[fe80::" + "1]:9095",
          "EXTERNAL-TLS://@,IN://@",
          "controller.quorum.voters=1@" + HOST + ":9093,2@" + HOST + ":9093",
          "1@@,2@@",
          "controller.quorum.bootstrap.servers=" + HOST + ":9093," + HOST + ":9094",
          "@,@",
          "zookeeper.connect=" + HOST + ":2181," + HOST + ":2182/kafka",
          "@,@/kafka",
          "log.dirs=/data/9092",
          "/data/9092",
          "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,TLS:SSL",
          "PLAINTEXT:PLAINTEXT,TLS:SSL",
          "ssl.keystore.location=/etc/tls.p12",
          "/etc/tls.p12");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void valuesAndSynonymsAreRewritten(int version) throws Exception {
    try (Rig rig = Rig.start()) {
      Struct body = Frames.newResponse(DESCRIBE_CONFIGS, version);
      describe(body, BROKER, "1");

      Struct came = answer(rig, version, body);

      assertThat(came.toString()).doesNotContain(Canaries.HOST_PREFIX);
      Struct result = came.getStructs("Results").getFirst();
      String gateway = rig.address().toString();
      Map<String, String> seen = new LinkedHashMap<>();
      for (Struct config : result.getStructs("Configs")) {
        seen.put(config.getString("Name"), config.getString("Value"));
        Struct synonym = config.getStructs("Synonyms").getFirst();
        assertThat(synonym.getString("Value")).isEqualTo(config.getString("Value"));
      }
      VALUES.forEach((line, expected) -> {
        String name = line.substring(0, line.indexOf('='));
        String due =
            name.endsWith("voters")
                ? "1@" + gateway + ",2@" + gateway
                : expected.replace("@", gateway);
        assertThat(seen).containsEntry(name, due);
      });
    }
  }

  @Test
  void anUnknownBrokerAndTheClusterWideDefaultsAreRewrittenToo() throws Exception {
    try (Rig rig = Rig.start()) {
      Struct body = Frames.newResponse(DESCRIBE_CONFIGS, 4);
      describe(body, BROKER, "77");
      describe(body, BROKER, "");

      Struct came = answer(rig, 4, body);

      assertThat(came.getStructs("Results")).hasSize(2);
      for (Struct result : came.getStructs("Results")) {
        for (Struct config : result.getStructs("Configs")) {
          assertThat(config.getString("Value")).doesNotContain(Canaries.HOST_PREFIX);
        }
      }
    }
  }

  @Test
  void valuesOfOtherResourcesAreNotChanged() throws Exception {
    try (Rig rig = Rig.start()) {
      Struct body = Frames.newResponse(DESCRIBE_CONFIGS, 4);
      describe(body, TOPIC, "t");
      body.addStruct("Results").set("ErrorCode", 29).set("ResourceType", BROKER);

      assertThat(answer(rig, 4, body)).isEqualTo(body);
    }
  }

  @Test
  void nullValuesStayNull() throws Exception {
    try (Rig rig = Rig.start()) {
      Struct body = Frames.newResponse(DESCRIBE_CONFIGS, 4);
      Struct result =
          body.addStruct("Results").set("ResourceType", BROKER).set("ResourceName", "1");
      result.addStruct("Configs").set("Name", "listeners").set("Value", null);
      result.addStruct("Configs").set("Name", "advertised.listeners").set("Value", "");

      assertThat(answer(rig, 4, body)).isEqualTo(body);
    }
  }

  /** A response larger than the buffer for edits: many topics with long values. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aResponseOfAnyLengthIsForwarded(int version) throws Exception {
    try (Rig rig = Rig.start()) {
      assertThat(answer(rig, version, large(version))).isEqualTo(large(version));
    }
  }

  @Test
  void addressesInALargeResponseAreBlanked() throws Exception {
    try (Rig rig = Rig.start()) {
      Struct body = large(4);
      describe(body, BROKER, "1");
      describe(body, TOPIC, "t");

      Struct came = answer(rig, 4, body);

      List<Struct> results = came.getStructs("Results");
      int topics = body.getStructs("Results").size() - 2;
      assertThat(results.get(topics).toString()).doesNotContain(Canaries.HOST_PREFIX);
      for (Struct config : results.get(topics).getStructs("Configs")) {
        String name = config.getString("Name");
        String value =
            VALUES.keySet().stream()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .findAny()
                .orElseThrow();
        boolean kept = value.equals(VALUES.get(name + "=" + value));
        String due = kept ? value : " ".repeat(value.length());
        assertThat(config.getString("Value")).isEqualTo(due);
        assertThat(config.getStructs("Synonyms").getFirst().getString("Value")).isEqualTo(due);
      }
      // Nothing else was changed.
      results.remove(topics);
      body.getStructs("Results").remove(topics);
      assertThat(came).isEqualTo(body);
    }
  }

  private static Struct large(int version) {
    Struct body = Frames.newResponse(DESCRIBE_CONFIGS, version);
    String text = "d".repeat(30_000);
    for (int i = 0; i < 900; i++) {
      Struct topic =
          body.addStruct("Results").set("ResourceType", TOPIC).set("ResourceName", "t" + i);
      topic
          .addStruct("Configs")
          .set("Name", "listeners")
          .set("Value", i % 3 == 0 ? null : text)
          .setIfPresent("Documentation", "to be read");
    }
    return body;
  }

  private static void describe(Struct body, byte type, String name) {
    Struct result = body.addStruct("Results").set("ResourceType", type).set("ResourceName", name);
    for (String line : VALUES.keySet()) {
      int equals = line.indexOf('=');
      Struct config =
          result
              .addStruct("Configs")
              .set("Name", line.substring(0, equals))
              .set("Value", line.substring(equals + 1));
      if (config.has("Synonyms")) {
        config
            .addStruct("Synonyms")
            .set("Name", config.getString("Name"))
            .set("Value", config.getString("Value"));
      }
    }
  }

  private static Struct answer(Rig rig, int version, Struct body) throws Exception {
    Rig.Pair pair = rig.open();
    pair.client().sendFrame(Frames.request(DESCRIBE_CONFIGS, version, 9, new byte[3]));
    var _ = pair.link().readFrame(Rig.LIMIT);
    Task<Boolean> answering =
        Task.start(
            () -> pair.link().sendFrame(Frames.response(DESCRIBE_CONFIGS, version, 9, body)));
    byte[] came = Objects.requireNonNull(pair.client().readFrame(Rig.LIMIT));
    var _ = answering.join();
    return Frames.readResponse(DESCRIBE_CONFIGS, version, came);
  }
}
