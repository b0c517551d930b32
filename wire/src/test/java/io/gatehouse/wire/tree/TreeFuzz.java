package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.FuzzInput;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.apache.kafka.common.protocol.Message;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are a tree or a {@link MalformedMessage}, at a cost proportional to their number, and
 * Kafka reads the same from them.
 */
@Tag("fuzz")
class TreeFuzz {

  @MethodSource("io.gatehouse.wire.FuzzInput#seeds")
  @FuzzTest(maxDuration = "2m")
  void anyBytes(byte[] bytes) {
    FuzzInput input = FuzzInput.of(bytes);
    byte[] message = input.message();
    ByteBuf in = Unpooled.wrappedBuffer(message);
    Allocation.check("tree", message.length, () -> TreeReader.read(input.layout(), in.duplicate()));
    Struct tree;
    try {
      tree = TreeReader.read(input.layout(), in);
    } catch (MalformedMessage e) {
      assertThat(e.position()).isBetween(0, message.length);
      return;
    }
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(tree, out);
    assertThat(out.readableBytes()).isEqualTo(TreeWriter.size(tree));
    assertThat(TreeReader.readWhole(input.layout(), out)).isEqualTo(tree);
    assertThat(FrameJson.render(tree, 200).length()).isLessThanOrEqualTo(200);

    Message theirs;
    try {
      theirs = Oracle.readLeniently(input.layout(), message);
    } catch (RuntimeException e) {
      // A tag of another version, which a reader of this version cannot know.
      assertThat(e).hasMessageContaining("is not valid for version");
      return;
    }
    Oracle.assertSame(theirs, tree);
  }

  @FuzzTest(maxDuration = "1m")
  void anyRequestHeader(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    Struct header;
    try {
      header = Headers.readRequest(in);
    } catch (MalformedMessage e) {
      assertThat(e.position()).isBetween(0, bytes.length);
      return;
    }
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(header, out);
    assertThat(Headers.readRequest(out)).isEqualTo(header);
    assertThat(out.isReadable()).isFalse();
  }
}
