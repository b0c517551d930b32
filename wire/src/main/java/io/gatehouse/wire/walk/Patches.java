package io.gatehouse.wire.walk;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What shall stand in a message instead of some of its bytes. Replacements are added in the order
 * of the walk; the sizes of the tagged fields around them are mended. Not thread-safe; reusable.
 */
public final class Patches {

  private int count;
  private int[] from = new int[8];
  private int[] to = new int[8];
  private byte[] @Nullable [] replacement = new byte[8][];

  // For an entry that is the size of a tagged field: its old size, what is added, who encloses it.
  private int[] size = new int[8];
  private int[] added = new int[8];
  private int[] parent = new int[8];

  /** The entries of the tagged fields that enclose the walker's last field, outermost first. */
  private int[] open = new int[4];

  private int opened;
  private boolean settled;

  public void clear() {
    Arrays.fill(replacement, 0, count, null);
    count = 0;
    opened = 0;
    settled = false;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /** Puts {@code bytes} in place of {@code [start, stop)} of the message that is being walked. */
  public void replace(Walker walker, int start, int stop, byte[] bytes) {
    if (settled) {
      throw new IllegalStateException("the patches were already read");
    }
    int depth = enter(walker);
    int entry = add(start, stop);
    replacement[entry] = bytes;
    if (depth > 0) {
      added[open[depth - 1]] += bytes.length - (stop - start);
    }
  }

  /** Bytes the message grows by, negative if it shrinks. */
  public int growth() {
    settle();
    int growth = 0;
    for (int i = 0; i < count; i++) {
      growth += bytes(i).length - (to[i] - from[i]);
    }
    return growth;
  }

  /** Takes the pieces of a patched message, in order. */
  public interface Pieces {

    /** Bytes {@code [from, to)} of the message as it came. */
    void kept(int from, int to);

    void replaced(byte[] bytes);
  }

  /** Walks through the pieces of {@code [from, to)} with the patches applied. */
  public void apply(int start, int stop, Pieces pieces) {
    settle();
    int at = start;
    for (int i = 0; i < count; i++) {
      if (from[i] > at) {
        pieces.kept(at, from[i]);
      }
      pieces.replaced(bytes(i));
      at = to[i];
    }
    if (stop > at) {
      pieces.kept(at, stop);
    }
  }

  /**
   * Writes the message with its patches.
   *
   * @param source holds the message's position 0 at {@code zero}
   */
  public void write(ByteBuf source, int zero, int start, int stop, ByteBuf target) {
    apply(
        start,
        stop,
        new Pieces() {
          @Override
          public void kept(int keptFrom, int keptTo) {
            target.writeBytes(source, zero + keptFrom, keptTo - keptFrom);
          }

          @Override
          public void replaced(byte[] bytes) {
            target.writeBytes(bytes);
          }
        });
  }

  /** Makes sure each tagged field around the walker's field has an entry; gives their number. */
  private int enter(Walker walker) {
    TagStack tags = walker.tags();
    int depth = tags.depth;
    int same = 0;
    while (same < Math.min(depth, opened)
        && tags.size[same] >= 0
        && from[open[same]] == tags.sizeAt[same]) {
      same++;
    }
    opened = same;
    for (int level = same; level < depth && tags.size[level] >= 0; level++) {
      int entry = add(tags.sizeAt[level], tags.sizeStop[level]);
      size[entry] = tags.size[level];
      parent[entry] = level == 0 ? -1 : open[level - 1];
      if (open.length == opened) {
        open = Arrays.copyOf(open, 2 * opened);
      }
      open[opened++] = entry;
    }
    return opened;
  }

  private int add(int start, int stop) {
    if (count == from.length) {
      int more = 2 * count;
      from = Arrays.copyOf(from, more);
      to = Arrays.copyOf(to, more);
      replacement = Arrays.copyOf(replacement, more);
      size = Arrays.copyOf(size, more);
      added = Arrays.copyOf(added, more);
      parent = Arrays.copyOf(parent, more);
    }
    from[count] = start;
    to[count] = stop;
    size[count] = -1;
    added[count] = 0;
    parent[count] = -1;
    return count++;
  }

  /**
   * Computes the new sizes, innermost first: a size that needs more bytes makes its parent grow.
   */
  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    for (int i = count - 1; i >= 0; i--) {
      if (size[i] < 0) {
        continue;
      }
      byte[] varint = varint(size[i] + added[i]);
      replacement[i] = varint;
      if (parent[i] >= 0) {
        added[parent[i]] += added[i] + varint.length - (to[i] - from[i]);
      }
    }
  }

  private byte[] bytes(int entry) {
    byte[] bytes = replacement[entry];
    if (bytes == null) {
      throw new IllegalStateException("patch " + entry + " has no bytes");
    }
    return bytes;
  }

  /** The unsigned varint of KIP-482. */
  public static byte[] varint(int value) {
    int length = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
    byte[] bytes = new byte[length];
    int rest = value;
    for (int i = 0; i < length - 1; i++) {
      bytes[i] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[length - 1] = (byte) rest;
    return bytes;
  }
}
