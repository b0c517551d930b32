package io.gatehouse.gateway.plan;

/**
 * The ids of idempotent producers at clusters whose clients are switched. Both clusters number
 * producers from 0, and each remembers the last sequence number of a producer. So ids are marked
 * with the number of switches at the time when they were issued, and producers that were switched
 * since then get an id that is new to their cluster, at which it accepts any sequence number. The
 * mapping depends on nothing else, so all gateway nodes have the same.
 *
 * <p>An id has 40 bits from the broker, 11 bits for when it was issued, and 11 bits for when it is
 * used, which only brokers see. Ids of transactional producers are not changed: those must begin
 * anew after a switch.
 *
 * @param switches how often clients had been switched when they came to their present cluster
 */
public record ProducerIds(int switches) {

  private static final int ISSUED_SHIFT = 40;
  private static final int MARK_BITS = 11;
  private static final int MARKS = (1 << MARK_BITS) - 1;
  private static final int USED_SHIFT = ISSUED_SHIFT + MARK_BITS;

  /** The id that a client gets for a new one from its broker; negative ones mean none. */
  public long toClient(long issued) {
    return issued < 0 || issued >>> ISSUED_SHIFT != 0 ? issued : issued | mark() << ISSUED_SHIFT;
  }

  /** The id that a broker gets for that of a client. */
  public long toBroker(long id) {
    boolean known = id >= 0 && id >>> USED_SHIFT == 0;
    return !known || id >>> ISSUED_SHIFT == mark() ? id : id | mark() << USED_SHIFT;
  }

  /** Not 0 after the first switch. After 2,047 switches, marks are used again. */
  private long mark() {
    return switches == 0 ? 0 : (switches - 1) % MARKS + 1;
  }
}
