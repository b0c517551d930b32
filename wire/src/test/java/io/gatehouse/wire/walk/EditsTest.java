package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.Messages;
import io.gatehouse.wire.RandomLayout;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.walk.Drive.Cut;
import io.gatehouse.wire.walk.TreeEdits.Change;
import io.gatehouse.wire.walk.TreeEdits.Event;
import io.gatehouse.wire.walk.Walker.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An edited message equals the encoding of the changed tree, byte by byte. */
class EditsTest {

  private static final int ROUNDS = 8;

  private static final Set<FieldKind> EVERYTHING = EnumSet.allOf(FieldKind.class);

  private static final Outline ALL = (path, field) -> true;

  /** Reused for each message. */
  private final Edits edits = new Edits();

  private final Walker walker = new Walker();

  /** Values to set after the walk. */
  private final List<Runnable> atEnd = new ArrayList<>();

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void everythingOfEveryMessage(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            RandomGenerator random = Seed.random("all", name, layout.version(), round);
            check(layout, EVERYTHING, ALL, random);
            checkDropping(layout, random);
          }
        });
  }

  /** A walk that reports a part only corrects the counts and sizes around that part. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void aPartOfEveryMessage(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            checkPart(layout, Seed.random("part", name, layout.version(), round));
          }
        });
  }

  @RepeatedTest(400)
  void messagesOfNoReleaseYet(RepetitionInfo repetition) {
    RandomGenerator random = Seed.random("edits", repetition.getCurrentRepetition());
    Layout layout = RandomLayout.of(random);
    for (int round = 0; round < ROUNDS; round++) {
      check(layout, EVERYTHING, ALL, random);
      checkPart(layout, random);
      checkDropping(layout, random);
    }
  }

  private void checkPart(Layout layout, RandomGenerator random) {
    Set<FieldKind> kinds = EnumSet.noneOf(FieldKind.class);
    for (FieldKind kind : FieldKind.values()) {
      if (random.nextInt(3) == 0) {
        kinds.add(kind);
      }
    }
    int salt = random.nextInt();
    Outline some =
        random.nextInt(3) == 0
            ? (path, field) -> field.array() && ProgramCompiler.holds(field, kinds)
            : (path, field) -> Math.floorMod(path.hashCode() ^ salt, 3) == 0;
    check(layout, kinds, some, random);
  }

  private void check(Layout layout, Set<FieldKind> kinds, Outline outline, RandomGenerator random) {
    check(layout, kinds, outline, new TreeEdits(kinds, outline, random), random);
  }

  private void checkDropping(Layout layout, RandomGenerator random) {
    TreeEdits dropping = new TreeEdits(EVERYTHING, ALL, random).dropping();
    check(layout, EVERYTHING, ALL, dropping, random);
  }

  private void check(
      Layout layout,
      Set<FieldKind> kinds,
      Outline outline,
      TreeEdits changed,
      RandomGenerator random) {
    int zero = random.nextInt(20);
    byte[] message = WalkerTest.bytes(layout, random);
    Struct tree = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(message));
    changed.change(tree);
    byte[] expected = WalkerTest.bytes(tree);
    String what = layout.message().name() + " v" + layout.version() + ", " + Seed.replay();
    Program program = Program.compile(layout, kinds, outline);

    for (Cut cut : List.of(Cut.random(random, 60), Cut.bytewise())) {
      Iterator<Event> events = changed.events().iterator();
      edits.clear();
      atEnd.clear();
      walker.start(program, zero, zero + message.length);
      Drive.steps(walker, message.clone(), cut, (step, w) -> take(step, w, events.next(), what));

      atEnd.forEach(Runnable::run);
      assertThat(edits.isEmpty() && !Arrays.equals(expected, message)).as(what).isFalse();
      assertThat(events.hasNext()).as("%s: a step is missing", what).isFalse();
      assertThat(hex(edited(message, zero))).as(what).isEqualTo(hex(expected));
      assertThat(edits.growth()).as(what).isEqualTo(expected.length - message.length);
    }
  }

  private void take(Step step, Walker w, Event event, String what) {
    assertThat(step).as("%s: %s", what, event.path()).isEqualTo(event.step());
    if (step != Step.FIELD) {
      assertThat(w.path()).as(what).isEqualTo(event.path());
      assertThat(w.stop()).as(what).isEqualTo(w.position());
    }
    for (Change change : event.changes()) {
      switch (change) {
        case Change.Replace replace ->
            edits.replace(w, w.start(), w.stop(), ByteBufUtil.getBytes(replace.bytes()));
        case Change.Text text -> {
          int edit = edits.defer(w, w.start(), w.stop());
          // Some values are known at once, others after their element may have been dropped.
          if (text.text().length() % 2 == 0) {
            edits.setText(edit, text.text(), text.compact());
          } else {
            atEnd.add(() -> edits.setText(edit, text.text(), text.compact()));
          }
        }
        case Change.Numeric number -> {
          int edit = edits.defer(w, w.start(), w.stop());
          atEnd.add(() -> edits.setNumber(edit, number.number()));
        }
        case Change.Drop _ -> edits.dropElement(w);
        case Change.Insert insert -> edits.insertElement(w, ByteBufUtil.getBytes(insert.bytes()));
      }
    }
  }

  /** The walked message with its edits. */
  private byte[] edited(byte[] message, int zero) {
    ByteBuf source = Unpooled.buffer().writeZero(5).writeBytes(message);
    ByteBuf target = Unpooled.buffer();
    edits.write(source, 5 - zero, zero, zero + message.length, target);
    byte[] bytes = new byte[target.readableBytes()];
    target.readBytes(bytes);
    return bytes;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The element count shrinks from two bytes to one, and so does the enclosing size. */
  @Test
  void numbersAndSizesThatTakeFewerBytes() {
    Layout layout = Messages.schema("BrokerHeartbeatRequest").layout(1);
    Struct tree = Struct.of(layout);
    for (int i = 0; i < 127; i++) {
      tree.getArray("OfflineLogDirs").add(new UUID(1, i));
    }
    byte[] message = WalkerTest.bytes(tree);
    walker.start(
        Program.compile(layout, Set.of(), Outline.of("OfflineLogDirs")), 0, message.length);
    int[] seen = {0};
    Drive.steps(
        walker,
        message.clone(),
        Cut.whole(),
        (step, w) -> {
          if (step == Step.ELEMENT_END && seen[0]++ > 0) {
            edits.dropElement(w);
          }
        });
    tree.getArray("OfflineLogDirs").subList(1, 127).clear();
    assertThat(hex(edited(message, 0))).isEqualTo(hex(WalkerTest.bytes(tree)));
    assertThat(edits.growth()).isEqualTo(-126 * 16 - 1 - 1);
  }

  /** Dropping an element discards the edits within it, and no others. */
  @Test
  void anElementIsDroppedWithItsEdits() {
    Layout layout = Messages.schema("MetadataRequest").layout(4);
    Struct tree = Struct.of(layout).set("Topics", List.of());
    for (String topic : List.of("one", "two", "three")) {
      tree.addStruct("Topics").set("Name", topic);
    }
    byte[] message = WalkerTest.bytes(tree);
    Program program =
        Program.compile(layout, EnumSet.of(FieldKind.TOPIC_NAME), Outline.of("Topics"));
    walker.start(program, 0, message.length);
    String[] topic = {""};
    Drive.steps(
        walker,
        message.clone(),
        Cut.whole(),
        (step, w) -> {
          if (step == Step.FIELD) {
            topic[0] = w.text();
            int edit = edits.defer(w, w.start(), w.stop());
            String name = "new-" + w.text();
            atEnd.add(() -> edits.setText(edit, name, false));
          } else if (step == Step.ELEMENT_END && topic[0].equals("two")) {
            edits.dropElement(w);
          }
        });
    assertThat(edits.isEmpty()).isFalse();
    atEnd.forEach(Runnable::run);
    tree.getStructs("Topics").remove(1);
    tree.getStructs("Topics").forEach(each -> each.set("Name", "new-" + each.getString("Name")));
    assertThat(hex(edited(message, 0))).isEqualTo(hex(WalkerTest.bytes(tree)));
  }

  @Test
  void editsAfterReadingAreRefused() {
    Layout layout = Messages.schema("MetadataRequest").layout(4);
    Struct tree = Struct.of(layout).set("Topics", List.of());
    tree.addStruct("Topics").set("Name", "one");
    byte[] message = WalkerTest.bytes(tree);
    walker.start(Program.compile(layout, Set.of(), Outline.of("Topics")), 0, message.length);
    Drive.steps(
        walker,
        message.clone(),
        Cut.whole(),
        (step, w) -> {
          if (step == Step.ELEMENT_END) {
            edits.insertElement(w, new byte[] {0, 1, 'x'});
            assertThatThrownBy(() -> edits.dropElement(w))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inserted behind it");
          } else if (step == Step.ARRAY_END) {
            assertThat(edits.growth()).isEqualTo(3);
            assertThatThrownBy(() -> edits.insertElement(w, new byte[] {0, 1, 'x'}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already read");
          }
        });
  }

  @Test
  void aHostAndItsPortAreEditedTogether() {
    Layout layout = Messages.schema("MetadataResponse").layout(9);
    Struct tree = Struct.of(layout);
    tree.addStruct("Brokers").set("NodeId", 1).set("Host", "one.internal").set("Port", 9092);
    byte[] message = WalkerTest.bytes(tree);
    Program program = Program.compile(layout, EnumSet.of(FieldKind.HOST, FieldKind.PORT));
    walker.start(program, 0, message.length);
    int[] host = {0};
    Drive.walk(
        walker,
        message.clone(),
        Cut.bytewise(),
        w -> {
          if (w.kind() == FieldKind.HOST) {
            host[0] = w.start();
          } else {
            int edit = edits.defer(w, host[0], w.stop());
            atEnd.add(() -> edits.setAddress(edit, "gate", true, 19_092, 4));
          }
        });
    atEnd.forEach(Runnable::run);
    tree.getStructs("Brokers").getFirst().set("Host", "gate").set("Port", 19_092);
    assertThat(hex(edited(message, 0))).isEqualTo(hex(WalkerTest.bytes(tree)));
  }

  /** A deferred edit without a value leaves the field and the enclosing sizes unchanged. */
  @Test
  void fieldsWithoutAValueStayUnchanged() {
    Layout layout = Messages.schema("MetadataRequest").layout(4);
    Struct tree = Struct.of(layout).set("Topics", List.of());
    tree.addStruct("Topics").set("Name", "one");
    byte[] message = WalkerTest.bytes(tree);
    walker.start(Program.compile(layout, EVERYTHING, ALL), 0, message.length);
    Drive.steps(
        walker,
        message.clone(),
        Cut.whole(),
        (step, w) -> {
          if (step == Step.FIELD) {
            edits.defer(w, w.start(), w.stop());
          }
        });
    assertThat(edits.isEmpty()).isTrue();
    assertThat(edits.growth()).isZero();
    assertThat(hex(edited(message, 0))).isEqualTo(hex(message));
  }

  /** Most topics of a large cluster are hidden; those that follow each other cost no memory. */
  @Test
  void manyDroppedElementsTakeTheMemoryOfFew() {
    Layout layout = Messages.schema("MetadataResponse").layout(12);
    long few = heldForHidden(layout, 20);
    assertThat(heldForHidden(layout, 10_000)).isEqualTo(few);
  }

  /** Keeps 10 of so many topics, after each topic and its partitions were changed. */
  private long heldForHidden(Layout layout, int topics) {
    Struct tree = Struct.of(layout);
    for (int i = 0; i < topics; i++) {
      Struct topic = tree.addStruct("Topics").set("Name", "topic-" + i);
      topic.addStruct("Partitions");
      topic.addStruct("Partitions");
    }
    byte[] message = WalkerTest.bytes(tree);
    Outline outline = Outline.of("Topics", "Topics.Partitions");
    Program program = Program.compile(layout, EnumSet.of(FieldKind.TOPIC_NAME), outline);
    int[] seen = {0};
    edits.clear();
    walker.start(program, 0, message.length);
    Drive.steps(
        walker,
        message.clone(),
        Cut.whole(),
        (step, w) -> {
          if (step == Step.FIELD) {
            edits.replace(w, w.start(), w.stop(), new byte[] {2, 'x'});
          } else if (step == Step.ELEMENT_END && w.path().equals("Topics.Partitions")) {
            edits.dropElement(w);
          } else if (step == Step.ELEMENT_END && seen[0]++ % (topics / 10) != 1) {
            edits.dropElement(w);
          }
        });
    List<Struct> kept = new ArrayList<>();
    for (int i = 1; i < topics; i += topics / 10) {
      Struct topic = tree.getStructs("Topics").get(i).set("Name", "x");
      kept.add(topic.set("Partitions", List.of()));
    }
    tree.set("Topics", kept);
    assertThat(hex(edited(message, 0))).isEqualTo(hex(WalkerTest.bytes(tree)));
    return edits.heldBytes();
  }

  /** An element that stays between two dropped ones, and one that is inserted there. */
  @Test
  void elementsBetweenDroppedOnesStay() {
    Layout layout = Messages.schema("MetadataRequest").layout(4);
    Struct tree = Struct.of(layout).set("Topics", List.of());
    for (String topic : List.of("one", "two", "three", "four", "five")) {
      tree.addStruct("Topics").set("Name", topic);
    }
    byte[] message = WalkerTest.bytes(tree);
    walker.start(Program.compile(layout, Set.of(), Outline.of("Topics")), 0, message.length);
    int[] seen = {0};
    Drive.steps(
        walker,
        message.clone(),
        Cut.whole(),
        (step, w) -> {
          if (step == Step.ELEMENT_END && seen[0]++ != 2) {
            edits.dropElement(w);
            if (seen[0] == 1) {
              edits.insertElement(w, new byte[] {0, 1, 'x'});
            }
          }
        });
    tree.set("Topics", List.of());
    tree.addStruct("Topics").set("Name", "x");
    tree.addStruct("Topics").set("Name", "three");
    assertThat(hex(edited(message, 0))).isEqualTo(hex(WalkerTest.bytes(tree)));
  }

  /** Edits are kept as numbers: repeating them allocates nothing. */
  @Test
  void editsAllocateNothing() {
    Layout layout = Messages.schema("MetadataResponse").layout(12);
    Struct tree = Struct.of(layout);
    for (int i = 0; i < 5; i++) {
      tree.addStruct("Topics").set("Name", "topic-" + i).addStruct("Partitions");
    }
    byte[] message = WalkerTest.bytes(tree);
    Program program = Program.compile(layout, EVERYTHING, ALL);
    byte[] bytes = {1};
    ByteBuf chunk = Unpooled.wrappedBuffer(message);
    Runnable edit =
        () -> {
          edits.clear();
          walker.start(program, 0, message.length);
          walker.feed(chunk, 0, message.length);
          Step step = walker.next();
          while (step != Step.MORE && step != Step.FINISHED) {
            if (step == Step.ELEMENT_END) {
              edits.dropElement(walker);
              edits.insertElement(walker, bytes);
            }
            step = walker.next();
          }
          edits.growth();
        };
    edit.run();
    assertThat(edits.isEmpty()).isFalse();
    Allocation.check(
        "edits of 1000 messages",
        0,
        () -> {
          for (int i = 0; i < 1000; i++) {
            edit.run();
          }
        });
  }

  @Test
  void varints() {
    assertThat(Edits.varint(0)).containsExactly(0);
    assertThat(Edits.varint(127)).containsExactly(127);
    assertThat(Edits.varint(128)).containsExactly(0x80, 1);
    assertThat(Edits.varint(16_383)).containsExactly(0xff, 0x7f);
    assertThat(Edits.varint(16_384)).containsExactly(0x80, 0x80, 1);
    assertThat(Edits.varint(Integer.MAX_VALUE)).containsExactly(0xff, 0xff, 0xff, 0xff, 7);
  }
}
