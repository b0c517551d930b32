package io.gatehouse.control.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwitchRecordTest {

  @Test
  void aRecordIsReadAsItWasWritten() {
    SwitchRecord record = new SwitchRecord(7, 0, "two", Map.of(1, 101, 2, 102));
    assertThat(SwitchRecord.read(record.bytes())).isEqualTo(record);
  }

  /** After the highest number no switch would be possible any more. */
  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "0", "1.5", "9223372036854775807", "99999999999999999999", "\"1\"", "null"})
  void aGenerationThatNoSwitchHasIsRefused(String generation) {
    String text = "{\"format\":1,\"generation\":%s,\"assignment\":0,\"to\":\"two\",\"nodeIds\":{}}";
    assertThat(SwitchRecord.read(text.formatted("3").getBytes(UTF_8))).isNotNull();
    assertThat(SwitchRecord.read(text.formatted(generation).getBytes(UTF_8))).isNull();
  }

  @Test
  void garbageIsRefused() {
    for (String text : new String[] {"", "x", "[]", "{}", "{\"format\":2}", "\u0000"}) {
      assertThat(SwitchRecord.read(text.getBytes(UTF_8))).as(text).isNull();
    }
  }

  @Test
  void ofOneGenerationAllNodesChooseTheSame() {
    SwitchRecord one = new SwitchRecord(7, 0, "one", Map.of());
    SwitchRecord two = new SwitchRecord(7, 0, "two", Map.of());
    assertThat(one.beats(two)).isNotEqualTo(two.beats(one));
    assertThat(new SwitchRecord(8, 0, "one", Map.of()).beats(two)).isTrue();
    assertThat(one.beats(one)).isFalse();
    SwitchRecord ids = new SwitchRecord(7, 5, "two", Map.of(1, 101));
    assertThat(ids.beats(two)).isTrue();
    assertThat(new SwitchRecord(8, 0, "one", Map.of()).beats(ids)).isTrue();
    SwitchRecord other = new SwitchRecord(7, 0, "two", Map.of(1, 101));
    assertThat(other.beats(two)).isNotEqualTo(two.beats(other));
  }
}
