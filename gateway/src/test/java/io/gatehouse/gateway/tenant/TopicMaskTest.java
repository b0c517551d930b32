package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicMaskTest {

  private static final String LEGAL =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void namesAreRestoredFromTheirMarks() {
    Set<String> marked = new HashSet<>();
    for (int first = 0; first < LEGAL.length(); first++) {
      for (int second = 0; second < LEGAL.length(); second++) {
        String name = "" + LEGAL.charAt(first) + LEGAL.charAt(second);
        ByteBuf in = bytes("x" + name + "y");
        boolean possible = TopicMask.mask(in, 1, 2);
        assertThat(possible).as(name).isEqualTo(!name.matches("[.-]*"));
        if (possible) {
          String mark = in.toString(1, 2, StandardCharsets.US_ASCII);
          assertThat(mark).doesNotMatch("[a-zA-Z0-9._-]*");
          marked.add(mark);
          assertThat(TopicMask.isMasked(in, 1, 2)).isTrue();
          assertThat(TopicMask.unmask(in, 1, 2)).isTrue();
        }
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("x" + name + "y");
        assertThat(TopicMask.unmask(in, 1, 2)).isFalse();
      }
    }
    assertThat(marked).hasSize(LEGAL.length() * LEGAL.length() - 4);
  }

  @Test
  void idsAreRestoredFromTheirMarks() {
    UUID id = UUID.randomUUID();
    long high = id.getMostSignificantBits();
    assertThat(TopicMask.isMasked(high)).isFalse();
    assertThat(TopicMask.isMasked(Names.masked(high))).isFalse();
    assertThat(Names.isMasked(TopicMask.masked(high))).isFalse();
    assertThat(TopicMask.isMasked(TopicMask.masked(high))).isTrue();
    assertThat(TopicMask.unmasked(TopicMask.masked(high))).isEqualTo(high);
  }
}
