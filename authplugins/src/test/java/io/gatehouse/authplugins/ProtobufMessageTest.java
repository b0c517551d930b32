package io.gatehouse.authplugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares with bytes written by protoc's code. */
final class ProtobufMessageTest {

  @Test
  void writesAsProtobufDoes() {
    byte[] bytes =
        new ProtobufMessage.Writer().text(1, "bob").text(2, "\u00fc".repeat(100)).bytes();
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("0a03626f62" + "12c801" + "c3bc".repeat(100));
    assertThat(new ProtobufMessage.Writer().text(1, "").number(2, 0).bytes()).isEmpty();
  }

  @Test
  void readsKnownFieldsAndSkipsOthers() throws Exception {
    ProtobufMessage message =
        ProtobufMessage.read(
            HexFormat.of()
                .parseHex(
                    "0801"
                        // status = -7, in protobuf's encoding of negative numbers
                        + "10f9ffffffffffffffff01"
                        + "1a026869"
                        // fields 100 to 103, of all wire types
                        + "a0060a"
                        + "a906"
                        + "00".repeat(8)
                        + "b2060101"
                        + "bd06"
                        + "00".repeat(4)
                        // the last occurrence counts
                        + "1a03796f75"));
    assertThat(message.bool(1)).isTrue();
    assertThat(message.number(2)).isEqualTo(-7);
    assertThat(message.text(3)).isEqualTo("you");
    assertThat(message.bool(4)).isFalse();
    assertThat(message.number(4)).isZero();
    assertThat(message.text(4)).isEmpty();
  }

  @Test
  void refusesInvalidInput() {
    for (String hex :
        new String[] {
          "08", "0a", "0a05", "0affffffffffffffffff01", "0bffff", "08" + "ff".repeat(11), "0d000000"
        }) {
      assertThatThrownBy(() -> ProtobufMessage.read(HexFormat.of().parseHex(hex)))
          .as(hex)
          .isInstanceOf(PluginFailure.class)
          .hasMessageContaining("no message");
    }
  }

  @Test
  void randomBytesAreReadOrRefused() throws Exception {
    Random random = new Random(42);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      try {
        ProtobufMessage message = ProtobufMessage.read(bytes);
        read++;
        message.bool(1);
        message.text(2);
      } catch (PluginFailure e) {
        assertThat(e.status()).isEqualTo(GrpcStatus.INTERNAL);
      }
    }
    assertThat(read).isPositive();
    assertThat(ProtobufMessage.read(ByteBuffer.allocate(0).array()).bool(1)).isFalse();
  }
}
