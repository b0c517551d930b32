package io.gatehouse.control.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What nodes tell each other survives the way, and anything else is ignored. */
class NodeInfoTest {

  private static final NodeInfo NODE =
      new NodeInfo(
          "gw-1",
          Instant.ofEpochMilli(1_700_000_000_000L),
          "rack-a",
          "0.1",
          Map.of("main", "0-2=gw-1:9093", "tls", "b{{nodeId}}.example:443"));

  private static final NodeInfo PLAIN =
      new NodeInfo("gw-2", Instant.ofEpochMilli(5), null, "", Map.of());

  @Test
  void aNodeIsReadAsItWasWritten() {
    assertThat(NodeInfo.decode(NODE.encode())).isEqualTo(NODE);
    assertThat(NodeInfo.decode(PLAIN.encode())).isEqualTo(PLAIN);
    assertThat(NodeInfo.decodeAll(NodeInfo.encodeAll(List.of(NODE.encode(), PLAIN.encode()))))
        .containsExactly(NODE, PLAIN);
  }

  @Test
  void fieldsOfLaterFormatsAreIgnored() {
    byte[] later = Arrays.copyOf(NODE.encode(), NODE.encode().length + 10);
    later[1] = 2; // the format
    later[later.length - 1] = 7;
    assertThat(NodeInfo.decode(later)).isEqualTo(NODE);
  }

  @Test
  void garbageIsNoNode() {
    Random random = new Random(1);
    byte[] good = NODE.encode();
    byte[] list = NodeInfo.encodeAll(List.of(good, PLAIN.encode())).array();
    for (int round = 0; round < 2_000; round++) {
      byte[] noise = new byte[random.nextInt(100)];
      random.nextBytes(noise);
      var _ = NodeInfo.decode(noise);
      var _ = NodeInfo.decodeAll(ByteBuffer.wrap(noise));
      byte[] changed = (round % 2 == 0 ? good : list).clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      var _ = NodeInfo.decode(changed);
      var _ = NodeInfo.decodeAll(ByteBuffer.wrap(changed));
    }
    assertThat(NodeInfo.decode(new byte[0])).isNull();
    assertThat(NodeInfo.decode(Arrays.copyOf(good, good.length - 1))).isNull();
    assertThat(NodeInfo.decodeAll(null)).isNull();
    assertThat(NodeInfo.decodeAll(ByteBuffer.allocate(0))).isNull();
    byte[] bad = {9, 9};
    assertThat(NodeInfo.decodeAll(NodeInfo.encodeAll(List.of(bad, good)))).containsExactly(NODE);
  }

  @Test
  void anotherNodeCannotMakeThisOneUseMuchMemory() {
    byte[] zeros = new byte[NodeInfo.MAX_NODE_BYTES];
    List<byte[]> many = java.util.Collections.nCopies(1_000, zeros);
    assertThat(NodeInfo.decodeAll(NodeInfo.encodeAll(many))).as("32 MB, compressed").isNull();
    NodeInfo large = new NodeInfo("a", Instant.EPOCH, null, "", Map.of("main", "x".repeat(40_000)));
    assertThatIllegalArgumentException().isThrownBy(large::encode);
  }
}
