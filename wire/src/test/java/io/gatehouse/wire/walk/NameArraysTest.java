package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.walk.Drive.Cut;
import io.gatehouse.wire.walk.Walker.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names that are elements of an array of strings are found, replaced and dropped. */
class NameArraysTest {

  /** More than fit in a count of one byte, and long enough for a length of two bytes. */
  private static final List<String> NAMES = names(130);

  private final Edits edits = new Edits();
  private final Walker walker = new Walker();

  @ParameterizedTest
  @CsvSource({
    "ConsumerGroupHeartbeatRequest, SubscribedTopicNames, TOPIC_NAME",
    "ConsumerGroupDescribeRequest, GroupIds, GROUP_ID",
    "DeleteGroupsRequest, GroupsNames, GROUP_ID",
    "DeleteTopicsRequest, TopicNames, TOPIC_NAME",
    "DescribeGroupsRequest, Groups, GROUP_ID",
    "DescribeTransactionsRequest, TransactionalIds, TRANSACTIONAL_ID",
    "FindCoordinatorRequest, CoordinatorKeys, COORDINATOR_KEY",
    "ShareGroupHeartbeatRequest, SubscribedTopicNames, TOPIC_NAME"
  })
  void elementsAreReplacedAndDropped(String message, String array, FieldKind kind) {
    int[] versions = {0};
    Messages.layouts(message)
        .filter(layout -> Struct.of(layout).has(array))
        .forEach(layout -> {
          versions[0]++;
          check(layout, array, kind, Cut.whole());
          check(layout, array, kind, Cut.bytewise());
        });
    assertThat(versions[0]).isPositive();
  }

  private void check(Layout layout, String array, FieldKind kind, Cut cut) {
    Struct tree = Struct.of(layout).set(array, NAMES);
    byte[] message = WalkerTest.bytes(tree);
    Program program = Program.compile(layout, EnumSet.of(kind), Outline.of(array));
    boolean compact = compact(layout, array);
    List<String> seen = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    edits.clear();
    walker.start(program, 0, message.length);
    Drive.steps(
        walker,
        message.clone(),
        cut,
        (step, w) -> {
          if (step == Step.FIELD) {
            assertThat(w.kind()).isEqualTo(kind);
            assertThat(w.path()).isEqualTo(array);
            seen.add(w.text());
            String name = "tenant-" + w.text();
            edits.replace(w, w.start(), w.stop(), encoded(name, compact));
            kept.add(name);
          } else if (step == Step.ELEMENT_END && seen.size() % 3 != 0) {
            edits.dropElement(w);
            kept.removeLast();
          }
        });
    assertThat(seen).isEqualTo(NAMES);
    ByteBuf edited = Unpooled.buffer();
    edits.write(Unpooled.wrappedBuffer(message), 0, 0, message.length, edited);
    tree.set(array, kept);
    assertThat(ByteBufUtil.hexDump(edited))
        .as("%s v%s", layout.message().name(), layout.version())
        .isEqualTo(ByteBufUtil.hexDump(WalkerTest.bytes(tree)));
  }

  private static boolean compact(Layout layout, String array) {
    return layout.root().fields().stream()
        .filter(field -> field.name().equals(array))
        .findFirst()
        .orElseThrow()
        .compact();
  }

  private static byte[] encoded(String name, boolean compact) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    ByteBuf out = Unpooled.buffer();
    if (compact) {
      out.writeBytes(Edits.varint(bytes.length + 1));
    } else {
      out.writeShort(bytes.length);
    }
    return ByteBufUtil.getBytes(out.writeBytes(bytes));
  }

  private static List<String> names(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("n".repeat(1 + i) + i);
    }
    return List.copyOf(names);
  }
}
