package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;

/**
 * The producer id of a record batch of magic 2, in the batch's header. It can be replaced before
 * the records have arrived: the header alone tells how the batch's checksum changes.
 */
public final class ProducerIdField {

  /** Size of the header of a batch of magic 2, in bytes. */
  public static final int HEADER_BYTES = BatchCursor.RECORDS;

  /** Number of bytes from the start of a batch that tell its size and its magic. */
  public static final int PREFIX_BYTES = BatchCursor.MAGIC + 1;

  /** The polynomial of CRC-32C in reversed bit order (RFC 3720, appendix B.4). */
  private static final int POLYNOMIAL = 0x82f63b78;

  /** x to the power of 0 in reversed bit order. */
  private static final int ONE = 1 << 31;

  /** At index n: x to the power of 8 * 2^n, modulo the polynomial. */
  private static final int[] POWERS = powers();

  private ProducerIdField() {}

  /** Size of the whole batch in bytes; less than {@link #PREFIX_BYTES} if it is malformed. */
  public static long batchBytes(ByteBuf in, int start) {
    return (long) BatchCursor.BEHIND_SIZE + in.getInt(start + BatchCursor.SIZE);
  }

  /** Whether a batch can have a producer id: those of older formats cannot. */
  public static boolean exists(ByteBuf in, int start) {
    return in.getByte(start + BatchCursor.MAGIC) == BatchCursor.MAGIC_2;
  }

  /**
   * The producer id of a batch that is not part of a transaction.
   *
   * @return negative for none
   */
  public static long ofIdempotent(ByteBuf in, int start) {
    boolean transactional =
        (in.getShort(start + BatchCursor.ATTRIBUTES) & BatchCursor.TRANSACTIONAL) != 0;
    return transactional ? BatchCursor.NONE : in.getLong(start + BatchCursor.PRODUCER_ID);
  }

  /**
   * Replaces the producer id and corrects the checksum, which stays wrong if it was wrong before.
   *
   * @param start index of the batch, whose header must be in the buffer
   */
  public static void replace(ByteBuf in, int start, long id) {
    long difference = in.getLong(start + BatchCursor.PRODUCER_ID) ^ id;
    in.setLong(start + BatchCursor.PRODUCER_ID, id);
    long after = batchBytes(in, start) - BatchCursor.PRODUCER_ID - Long.BYTES;
    int crc = in.getInt(start + BatchCursor.CRC);
    in.setInt(start + BatchCursor.CRC, crc ^ multiply(remainder(difference), power(after)));
  }

  /** The CRC without inversions of eight bytes: what differing bytes add to a CRC. */
  private static int remainder(long bytes) {
    int crc = 0;
    for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      crc ^= (int) (bytes >>> shift) & 0xff;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL);
      }
    }
    return crc;
  }

  /** The factor by which a CRC changes with so many bytes of zeros after it. */
  private static int power(long bytes) {
    int product = ONE;
    for (int n = 0; n < POWERS.length; n++) {
      if ((bytes >>> n & 1) != 0) {
        product = multiply(product, POWERS[n]);
      }
    }
    return product;
  }

  /** The product of two polynomials over GF(2), modulo the polynomial of CRC-32C. */
  private static int multiply(int a, int b) {
    int product = 0;
    int factor = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= factor;
      }
      factor = (factor >>> 1) ^ ((factor & 1) == 0 ? 0 : POLYNOMIAL);
    }
    return product;
  }

  private static int[] powers() {
    int[] powers = new int[Integer.SIZE];
    powers[0] = ONE >>> Byte.SIZE;
    for (int n = 1; n < powers.length; n++) {
      powers[n] = multiply(powers[n - 1], powers[n - 1]);
    }
    return powers;
  }
}
