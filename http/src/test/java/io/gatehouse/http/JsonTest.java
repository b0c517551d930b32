package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void documentsAreWrittenInTheirOrder() {
    var document =
        Json.object(
            "b",
            1,
            "a",
            List.of(true, "x", Health.Concern.LIVE),
            "none",
            null,
            "deep",
            Json.object("empty", Map.of(), "list", List.of(), "big", Long.MAX_VALUE));
    assertThat(new String(Json.bytes(document), UTF_8))
        .isEqualTo(
            "{\"b\":1,\"a\":[true,\"x\",\"LIVE\"],\"none\":null,"
                + "\"deep\":{\"empty\":{},\"list\":[],\"big\":9223372036854775807}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "\"quoted\" \\ back",
        "line\nend\r\ttab",
        "\u0000\u0001\u001f\u007f",
        "üß€",
        "\ud83d\ude00",
        "\u2028\u2029",
        "</script>"
      })
  void anyTextIsReadBackAsItWas(String text) {
    var bytes = Json.bytes(Json.object(text, text));
    var read = Running.JSON.readTree(bytes);
    assertThat(read.propertyNames()).containsExactly(text);
    assertThat(read.get(text).stringValue()).isEqualTo(text);
  }

  @Test
  void aLoneSurrogateIsWrittenAsAQuestionMark() {
    assertThat(new String(Json.bytes(Json.object("half", "a\ud83d b")), UTF_8))
        .isEqualTo("{\"half\":\"a? b\"}");
  }

  @Test
  void unsupportedTypesAreRefused() {
    assertThatThrownBy(() -> Json.bytes(new Object())).hasMessageContaining("java.lang.Object");
  }
}
