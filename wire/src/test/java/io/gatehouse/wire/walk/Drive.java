package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.walk.Walker.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Feeds a walker as a socket would: in pieces. */
final class Drive {

  private Drive() {}

  /** How long the next piece is, given what is left. */
  interface Cut {
    int next(int left);

    static Cut whole() {
      return left -> left;
    }

    static Cut bytewise() {
      return left -> Math.min(1, left);
    }

    static Cut random(RandomGenerator random, int longest) {
      return left -> random.nextInt(Math.min(left, longest) + 1);
    }
  }

  /**
   * Walks the message, whose first byte has the walker's present position; what the walker writes
   * into its pieces ends up in {@code message}.
   *
   * @return how many bytes were fed before the walker was finished
   */
  static int walk(Walker walker, byte[] message, Cut cut, Consumer<Walker> atField) {
    return steps(
        walker,
        message,
        cut,
        (step, w) -> {
          assertThat(step).isEqualTo(Step.FIELD);
          atField.accept(w);
        });
  }

  /** The same for a walk that tells of more than fields. */
  static int steps(Walker walker, byte[] message, Cut cut, BiConsumer<Step, Walker> atStep) {
    int zero = walker.position();
    int fed = 0;
    while (true) {
      int length = cut.next(message.length - fed);
      // The piece stands somewhere within a larger buffer, as a slice of a socket read does.
      ByteBuf piece = Unpooled.buffer(length + 7).writeZero(3).writeBytes(message, fed, length);
      walker.feed(piece, 3, 3 + length);
      Step step = walker.next();
      while (step != Step.MORE && step != Step.FINISHED) {
        atStep.accept(step, walker);
        step = walker.next();
      }
      piece.getBytes(3, message, fed, length);
      assertThat(walker.position() - zero).isBetween(fed, fed + length);
      fed += length;
      if (step == Step.FINISHED) {
        return fed;
      }
      assertThat(walker.position() - zero).as("walked of what was fed").isEqualTo(fed);
    }
  }
}
