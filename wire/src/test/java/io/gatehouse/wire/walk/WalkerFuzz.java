package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.FuzzInput;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Drive.Cut;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are walked or refused with a {@link MalformedMessage}. The walker finds the same
 * however they are split, stays within the frame, and Kafka interprets what it accepts in the same
 * way.
 */
@Tag("fuzz")
class WalkerFuzz {

  private static final int ZERO = 8;

  @MethodSource("io.gatehouse.wire.FuzzInput#seeds")
  @FuzzTest(maxDuration = "2m")
  void anyBytes(byte[] bytes) {
    FuzzInput input = FuzzInput.of(bytes);
    Set<FieldKind> interest =
        switch (input.choice() & 3) {
          case 0 -> EnumSet.allOf(FieldKind.class);
          case 1 -> EnumSet.copyOf(WalkerAndTreeAgreeTest.NAMES);
          case 2 -> EnumSet.of(FieldKind.HOST, FieldKind.PORT, FieldKind.NODE_ID);
          default -> EnumSet.of(FieldKind.RECORDS, FieldKind.ERROR_CODE, FieldKind.TOPIC_ID);
        };
    Program program = Program.compile(input.layout(), interest);

    Outcome whole = outcome(program, input.message(), false, Cut.whole());

    SplittableRandom random = new SplittableRandom(input.choice());
    assertThat(outcome(program, input.message(), false, Cut.random(random, 9))).isEqualTo(whole);
    // An error message that is split becomes blanks, so there the splits show.
    interest.remove(FieldKind.ERROR_MESSAGE);
    neutralise(Program.compile(input.layout(), interest), input, random);
    if (!whole.refused) {
      WalkerAndTreeAgreeTest.check(input.layout(), input.message());
    }
  }

  private static void neutralise(Program program, FuzzInput input, SplittableRandom random) {
    byte[] wiped = input.message().clone();
    Outcome one = outcome(program, wiped, true, Cut.whole());
    byte[] again = input.message().clone();
    Outcome other = outcome(program, again, true, Cut.random(random, 9));
    if (!one.refused && !other.refused) {
      assertThat(again).isEqualTo(wiped);
      assertThat(other).isEqualTo(one);
    }
  }

  /** The result of a walk, without the fields of a refused message. */
  private record Outcome(boolean refused, List<String> fields, int position) {}

  private static Outcome outcome(Program program, byte[] message, boolean neutralise, Cut cut) {
    Walker walker = new Walker();
    int end = ZERO + message.length;
    if (neutralise) {
      walker.startNeutralising(program, ZERO, end);
    } else {
      walker.start(program, ZERO, end);
    }
    List<String> fields = new ArrayList<>();
    try {
      Drive.walk(
          walker,
          message,
          cut,
          w -> {
            assertThat(w.start()).isBetween(ZERO, end);
            assertThat(w.stop()).isBetween(w.start(), end);
            fields.add(w.kind() + " " + w.start() + " " + w.stop());
          });
    } catch (MalformedMessage e) {
      assertThat(e.position()).isBetween(ZERO, end);
      return new Outcome(true, List.of(), 0);
    }
    return new Outcome(false, fields, walker.position());
  }

  /** An edited message is valid again, however its bytes are split. */
  @MethodSource("io.gatehouse.wire.FuzzInput#seeds")
  @FuzzTest(maxDuration = "1m")
  void anyBytesEdited(byte[] bytes) {
    FuzzInput input = FuzzInput.of(bytes);
    byte[] message = input.message();
    Program program =
        Program.compile(
            input.layout(), EnumSet.allOf(FieldKind.class), (path, field) -> field.array());
    SplittableRandom random = new SplittableRandom(input.choice());
    byte[] edited;
    try {
      edited = edited(program, message, input.choice(), Cut.whole());
    } catch (MalformedMessage e) {
      return;
    }
    assertThat(edited(program, message, input.choice(), Cut.random(random, 9))).isEqualTo(edited);
    Walker again = new Walker();
    again.start(program, 0, edited.length);
    Drive.steps(again, edited, Cut.random(random, 9), (step, w) -> {});
  }

  /** Elements are dropped and doubled in turn, and some fields replaced. */
  private static byte[] edited(Program program, byte[] message, int choice, Cut cut) {
    SplittableRandom random = new SplittableRandom(choice);
    Edits edits = new Edits();
    Walker walker = new Walker();
    walker.start(program, 0, message.length);
    Drive.steps(
        walker,
        message.clone(),
        cut,
        (step, w) -> {
          byte[] same = Arrays.copyOfRange(message, w.start(), w.stop());
          switch (random.nextInt(6)) {
            case 0 -> {
              if (step == Walker.Step.ELEMENT_END) {
                edits.dropElement(w);
              }
            }
            case 1 -> {
              if (step == Walker.Step.ELEMENT_END) {
                edits.insertElement(w, same);
              }
            }
            case 2 -> {
              if (step != Walker.Step.ARRAY_END) {
                edits.replace(w, w.start(), w.stop(), same);
              }
            }
            default -> {}
          }
        });
    ByteBuf target = Unpooled.buffer();
    edits.write(Unpooled.wrappedBuffer(message), 0, 0, message.length, target);
    assertThat(target.readableBytes()).isEqualTo(message.length + edits.growth());
    return ByteBufUtil.getBytes(target);
  }

  /** Nothing is allocated for content that a message only declares. */
  @MethodSource("io.gatehouse.wire.FuzzInput#seeds")
  @FuzzTest(maxDuration = "1m")
  void anyBytesAllocateLittle(byte[] bytes) {
    FuzzInput input = FuzzInput.of(bytes);
    byte[] message = input.message();
    Walker walker = new Walker();
    Program program = Program.compile(input.layout(), EnumSet.allOf(FieldKind.class));
    ByteBuf chunk = Unpooled.wrappedBuffer(message);
    Allocation.check("walk", message.length, () -> walkBytewise(walker, program, chunk));
  }

  private static void walkBytewise(Walker walker, Program program, ByteBuf message) {
    walker.start(program, 0, message.readableBytes());
    Walker.Step step = Walker.Step.MORE;
    for (int at = 0; at < message.readableBytes() && step != Walker.Step.FINISHED; at++) {
      walker.feed(message, at, at + 1);
      do {
        step = walker.next();
      } while (step == Walker.Step.FIELD);
    }
  }
}
