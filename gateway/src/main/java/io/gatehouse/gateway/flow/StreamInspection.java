package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;

/**
 * Walks a frame while it is forwarded. What must be seen whole before a part of it is sent is held
 * back: a name, or a number, whose end has not arrived. One instance per direction of a session,
 * for one frame at a time.
 */
abstract class StreamInspection {

  /** So many bytes are waited for at least, so that a long name is not gathered byte by byte. */
  private static final int MIN_WANTED_BYTES = 64;

  final Walker walker = new Walker();
  private final FrameCutter cutter;

  /** Bytes that were walked, and are held back. */
  private int heldBack;

  /** Where the bytes that are walked now begin: their index, and their position in the frame. */
  private int fedIndex;

  private int fedPosition;

  StreamInspection(FrameCutter cutter) {
    this.cutter = cutter;
  }

  /** Begins a frame: nothing is held back yet. */
  final void begin() {
    heldBack = 0;
  }

  /**
   * Inspects the next bytes before they are forwarded.
   *
   * @return false if nothing of interest follows
   * @throws io.gatehouse.wire.MalformedMessage if they are not part of such a frame
   */
  boolean onBytes(ByteBuf in, int from, int to) {
    fedIndex = from + heldBack;
    fedPosition = walker.position();
    heldBack = 0;
    walker.feed(in, fedIndex, to);
    onFed(in, from, to);
    Walker.Step step = walker.next();
    while (step != Walker.Step.MORE && step != Walker.Step.FINISHED) {
      if (step == Walker.Step.FIELD) {
        onField(in, to);
      }
      step = walker.next();
    }
    int partial = walker.partialBytes();
    if (step == Walker.Step.MORE && heldBack == 0 && partial > 0) {
      int left = cutter.remaining() - (to - from) + partial;
      holdBack(partial, Math.min(left, Math.max(2 * partial, MIN_WANTED_BYTES)));
    }
    return step == Walker.Step.MORE;
  }

  /** Called with the next bytes, before they are walked. */
  void onFed(ByteBuf in, int from, int to) {}

  /** Called for each field of interest; {@code to} is the end of the bytes that have arrived. */
  abstract void onField(ByteBuf in, int to);

  /** The index of the walker's position. */
  final int index() {
    return fedIndex + walker.position() - fedPosition;
  }

  final void holdBack(int bytes, int wanted) {
    heldBack = bytes;
    cutter.holdBack(bytes, wanted);
  }

  /** Translates the name that the walker has reported last. */
  final void rename(StreamedNames names) {
    if (!names.isTranslating()) {
      return;
    }
    splice(names, names.replacement(walker));
  }

  /** Replaces the name that the walker has reported last. */
  final void splice(StreamedNames names, byte[] replacement) {
    int start = index() - (walker.position() - walker.start());
    cutter.splice(start, start + names.replacedBytes(walker), replacement);
  }
}
