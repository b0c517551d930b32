package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.walk.Walker.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Feeds a walker in pieces, as a socket would. */
final class Drive {

  private Drive() {}

  /** The length of the next piece, given what is left. */
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
   * Walks the message from the walker's current position; what the walker writes into the pieces is
   * copied to {@code message}.
   *
   * @return how many bytes were fed before the walker finished
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

  /** Like the other {@code walk}, for a program with an outline. */
  static int steps(Walker walker, byte[] message, Cut cut, BiConsumer<Step, Walker> atStep) {
    int zero = walker.position();
    int fed = 0;
    while (true) {
      int length = cut.next(message.length - fed);
      // The piece is in the middle of a larger buffer, like a slice of a socket read.
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
