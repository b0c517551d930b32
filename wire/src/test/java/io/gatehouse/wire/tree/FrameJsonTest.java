package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FrameJsonTest {

  private static final JsonMapper MAPPER = new JsonMapper();

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void everyMessageAtEveryLimitIsJsonWithinTheLimit(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          RandomGenerator random = Seed.random("json", name, layout.version());
          Struct struct = RandomTree.of(layout, random);
          int whole = FrameJson.render(struct, Integer.MAX_VALUE).length();
          for (int i = 0; i < 20; i++) {
            int limit = FrameJson.SHORTEST + random.nextInt(whole + 50);

            String json = FrameJson.render(struct, limit);

            String what = name + " v" + layout.version() + ", " + Seed.replay();
            assertThat(json.length()).as(what).isLessThanOrEqualTo(limit);
            assertThat(MAPPER.readTree(json).isObject()).as(what).isTrue();
          }
        });
  }

  @Test
  void aFrameShowsItsHeaderAndItsBody() {
    Struct header = Headers.request(3, 12, 42, "console");
    Struct body = struct("MetadataRequest", 12);
    body.addStruct("Topics")
        .set("Name", "orders")
        .set("TopicId", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
    body.setUnknownTag(77, new byte[3]);

    assertThat(FrameJson.render(header, body, 1000))
        .isEqualTo(
            "{\"header\":{\"RequestApiKey\":3,\"RequestApiVersion\":12,\"CorrelationId\":42,"
                + "\"ClientId\":\"console\"},"
                + "\"body\":{\"Topics\":[{\"TopicId\":\"ABEiM0RVZneImaq7zN3u_w\","
                + "\"Name\":\"orders\"}],\"AllowAutoTopicCreation\":true,"
                + "\"IncludeTopicAuthorizedOperations\":false,\"_tags\":{\"77\":\"<3 bytes>\"}}}");
  }

  @Test
  void missingContentIsMarked() {
    Struct body = struct("MetadataRequest", 12);
    for (int i = 0; i < 100; i++) {
      body.addStruct("Topics").set("Name", "topic-" + i);
    }

    String json = FrameJson.render(body, 200);

    JsonNode topics = MAPPER.readTree(json).get("Topics");
    assertThat(json).hasSizeLessThanOrEqualTo(200);
    assertThat(topics.get(0).get("Name").stringValue()).isEqualTo("topic-0");
    assertThat(json).contains("…");
    assertThat(MAPPER.readTree(FrameJson.render(body, 100_000)).get("Topics")).hasSize(100);
  }

  @Test
  void aLongTextIsCut() {
    Struct body = struct("SaslHandshakeRequest", 1).set("Mechanism", "😀".repeat(500));

    String json = FrameJson.render(body, 100);

    assertThat(MAPPER.readTree(json).get("Mechanism").stringValue())
        .startsWith("😀😀😀")
        .endsWith("😀…");
  }

  @Test
  void textIsEscaped() {
    String text = "\"\\\n\r\t\b\u0000\u001b[31m\u007f\u0085\u2028\u202e\ud800 ä😀";
    Struct body = struct("SaslHandshakeRequest", 1).set("Mechanism", text);

    String json = FrameJson.render(body, 1000);

    assertThat(json)
        .isEqualTo(
            "{\"Mechanism\":\"\\\"\\\\\\n\\r\\t\\u0008\\u0000\\u001b[31m\\u007f\\u0085\\u2028"
                + "\\u202e\\ud800 ä😀\"}");
    assertThat(MAPPER.readTree(json).get("Mechanism").stringValue()).isEqualTo(text);
  }

  @Test
  void numbersThatJsonCannotSayAreTexts() {
    Struct op = struct("AlterClientQuotasRequest", 1).addStruct("Entries").addStruct("Ops");

    assertThat(FrameJson.render(op.set("Value", Double.NaN), 1000)).contains("\"Value\":\"NaN\"");
    assertThat(FrameJson.render(op.set("Value", 0.5), 1000)).contains("\"Value\":0.5");
  }

  @Test
  void recordsAreCountedNotShown() {
    Struct produce = struct("ProduceRequest", 9);
    produce.addStruct("TopicData").addStruct("PartitionData").set("Records", new byte[1]);

    assertThat(FrameJson.render(produce, 1000)).contains("\"Records\":\"<1 byte>\"");
  }

  @Test
  void batchesAreShownByTheirHeaders() {
    byte[] batch = new byte[61 + 20];
    ByteBuffer.wrap(batch)
        .putLong(0, 7)
        .putInt(8, batch.length - 12)
        .put(16, (byte) 2)
        .putInt(23, 1)
        .putLong(35, 99)
        .putLong(43, -1)
        .putInt(53, -1)
        .putInt(57, 2);
    Struct produce = struct("ProduceRequest", 9);
    produce.addStruct("TopicData").addStruct("PartitionData").set("Records", batch);

    assertThat(FrameJson.render(produce, 1000))
        .contains(
            "\"Records\":{\"bytes\":81,\"batches\":[{\"magic\":2,\"bytes\":81,\"baseOffset\":7,"
                + "\"lastOffset\":8,\"records\":2,\"codec\":\"none\",\"maxTimestamp\":99}]}");
  }

  @Test
  void aTextAloneIsQuotedAndCut() {
    assertThat(FrameJson.text("a\"\n\u202e", 64)).isEqualTo("\"a\\\"\\n\\u202e\"");
    assertThat(FrameJson.text("x".repeat(100), 64)).endsWith("x…\"").hasSizeLessThanOrEqualTo(64);
  }

  @Test
  void secretsAreHiddenIncludingTheirLength() {
    Struct sasl =
        struct("SaslAuthenticateRequest", 2).set("AuthBytes", new byte[] {0, 117, 0, 112});
    Struct token = struct("CreateDelegationTokenResponse", 3).set("Hmac", new byte[64]);
    Struct scram = struct("AlterUserScramCredentialsRequest", 0);
    scram.addStruct("Upsertions").set("SaltedPassword", new byte[] {1});

    assertThat(FrameJson.render(sasl, 1000)).isEqualTo("{\"AuthBytes\":\"<hidden>\"}");
    assertThat(FrameJson.render(token, 1000)).contains("\"Hmac\":\"<hidden>\"");
    assertThat(FrameJson.render(scram, 1000))
        .contains("\"Salt\":\"<hidden>\",\"SaltedPassword\":\"<hidden>\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ssl.keystore.password",
        "ssl.truststore.password",
        "ssl.key.password",
        "ssl.keystore.key",
        "ssl.keystore.certificate.chain",
        "listener.name.external.ssl.keystore.key",
        "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config",
        "SASL.JAAS.CONFIG",
        "delegation.token.secret.key",
        "password.encoder.secret",
        "confluent.license.api.key",
        "my.token",
      })
  void theValueOfASensitiveConfigIsHidden(String name) {
    for (Struct config : configs()) {
      config.set("Name", name).set("Value", "CANARY");

      assertThat(FrameJson.render(config, 1000))
          .contains(name)
          .contains("\"Value\":\"<hidden>\"")
          .doesNotContain("CANARY");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"retention.ms", "cleanup.policy", "compression.type", "segment.bytes", "monkey"})
  void theValueOfAnyOtherConfigIsShown(String name) {
    for (Struct config : configs()) {
      config.set("Name", name).set("Value", "visible");

      assertThat(FrameJson.render(config, 1000)).contains("\"Value\":\"visible\"");
    }
  }

  @Test
  void aValueThatCarriesAPasswordIsHiddenUnderAnyName() {
    for (Struct config : configs()) {
      config
          .set("Name", "harmless")
          .set("Value", "x.PlainLoginModule required username=\"CANARY\"");

      assertThat(FrameJson.render(config, 1000)).doesNotContain("CANARY");
    }
  }

  @Test
  void sensitiveConfigsAreHiddenWithTheirSynonyms() {
    Struct config = struct("DescribeConfigsResponse", 4).addStruct("Results").addStruct("Configs");
    config.set("Name", "harmless").set("IsSensitive", true).set("Value", "CANARY");
    config.addStruct("Synonyms").set("Name", "alias").set("Value", "CANARY");

    assertThat(FrameJson.render(config, 1000)).contains("alias").doesNotContain("CANARY");
    config.set("IsSensitive", false);
    assertThat(FrameJson.render(config, 1000)).contains("\"Value\":\"CANARY\"");
  }

  @Test
  void aTreeInALogShowsNoSecret() {
    Struct sasl = struct("SaslAuthenticateRequest", 2).set("AuthBytes", new byte[] {1, 2});

    assertThat(sasl).hasToString("{\"AuthBytes\":\"<hidden>\"}");
  }

  @Test
  void aLimitTooShortIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameJson.render(struct("ListGroupsRequest", 0), 63))
        .withMessageContaining("the shortest is 64");
  }

  /** A configuration in each of the messages that set one. */
  private static Iterable<Struct> configs() {
    return List.of(
        struct("CreateTopicsRequest", 7).addStruct("Topics").addStruct("Configs"),
        struct("AlterConfigsRequest", 2).addStruct("Resources").addStruct("Configs"),
        struct("IncrementalAlterConfigsRequest", 1).addStruct("Resources").addStruct("Configs"),
        struct("CreateTopicsResponse", 7).addStruct("Topics").addStruct("Configs"),
        struct("DescribeConfigsResponse", 4).addStruct("Results").addStruct("Configs"));
  }

  private static Struct struct(String name, int version) {
    return Struct.of(Messages.schema(name).layout(version));
  }
}
