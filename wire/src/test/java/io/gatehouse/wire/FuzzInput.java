package io.gatehouse.wire;

import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A fuzzer's bytes as a message: the first three choose the layout, the fourth is free for the
 * test, the rest is the message.
 */
public final class FuzzInput {

  private static final int HEAD = 4;

  private static final List<String> NAMES = Messages.live().toList();

  private final Layout layout;
  private final int choice;
  private final byte[] message;

  private FuzzInput(Layout layout, int choice, byte[] message) {
    this.layout = layout;
    this.choice = choice;
    this.message = message;
  }

  public Layout layout() {
    return layout;
  }

  /** 0 to 255, for the test's own choices. */
  public int choice() {
    return choice;
  }

  public byte[] message() {
    return message;
  }

  public static FuzzInput of(byte[] bytes) {
    byte[] whole = Arrays.copyOf(bytes, Math.max(HEAD, bytes.length));
    String name = NAMES.get(((whole[0] & 0xff) << 8 | (whole[1] & 0xff)) % NAMES.size());
    List<Layout> layouts = Messages.layouts(name).toList();
    Layout layout = layouts.get((whole[2] & 0xff) % layouts.size());
    return new FuzzInput(layout, whole[3] & 0xff, Arrays.copyOfRange(whole, HEAD, whole.length));
  }

  /** Initial inputs for a fuzzer: a valid message of each kind in its first and last version. */
  public static Stream<byte[]> seeds() {
    RandomGenerator random = new SplittableRandom(1);
    return IntStream.range(0, NAMES.size())
        .boxed()
        .flatMap(index -> {
          int last = (int) Messages.layouts(NAMES.get(index)).count() - 1;
          return IntStream.of(0, last).distinct().mapToObj(version -> seed(index, version, random));
        });
  }

  private static byte[] seed(int index, int version, RandomGenerator random) {
    Layout layout = Messages.layouts(NAMES.get(index)).toList().get(version);
    Struct tree = RandomTree.of(layout, random);
    ByteBuf out = Unpooled.buffer();
    out.writeShort(index).writeByte(version).writeByte(random.nextInt());
    TreeWriter.write(tree, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }
}
