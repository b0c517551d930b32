package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.Loop;

/** Cuts a client's requests, whose arrival may take a limited time and a limited memory. */
abstract class RequestArrival extends DecidedFrames {

  /** Collected frames above this size are charged to a shared budget. */
  private static final int UNCHARGED_BYTES = 32 << 10;

  private final Session session;
  private final Loop loop;
  private final FrameClock clock;
  private final MemoryLease lease = new MemoryLease();

  RequestArrival(Session session) {
    super(session.allocator());
    this.session = session;
    this.loop = session.loop();
    this.clock = new FrameClock(session.services());
  }

  /** Bytes of memory held that are not charged to a budget yet. */
  long heldBytes() {
    return (long) queuedBytes() + (lease.isHeld() ? 0 : collectedCapacity());
  }

  @Override
  void close() {
    super.close();
    lease.release();
  }

  @Override
  void onHolding() {
    session.memory().markHeld();
  }

  @Override
  void onEnd() {
    lease.release();
  }

  /** Returns what was reserved for the request at the cursor. */
  void releaseMemory() {
    lease.release();
  }

  /** Maximum size of a request that is buffered whole to be looked at. */
  int mostWhole() {
    return session.services().limits().mostWhole();
  }

  /** Starts to measure the time that a new request takes to arrive. */
  void beginClock() {
    if (isNewFrame()) {
      clock.begin(loop.now());
    }
  }

  boolean mayAnnounce(int length) {
    Budget incomplete = session.services().shared().incomplete();
    return lease.tryAcquire(incomplete, length, loop.now()) || pauseFor(PauseReason.MEMORY_BUDGET);
  }

  boolean pauseFor(PauseReason reason) {
    pause(reason);
    return false;
  }

  void collect(int bytes, Budget budget) {
    if (bytes > UNCHARGED_BYTES
        && !lease.isHeld()
        && !lease.tryAcquire(budget, bytes, loop.now())) {
      pause(PauseReason.MEMORY_BUDGET);
    } else {
      need(bytes);
    }
  }

  @Override
  void need(int bytes) {
    beginClock();
    super.need(bytes);
  }

  /** Whether an incomplete request arrives too slowly. */
  boolean isOverdue(long now) {
    return hasIncompleteFrame() && clock.isOverdue(now, receivedBytes(), lease.isContended(now));
  }

  /** The same, if other connections wait for the memory it uses. */
  boolean isOverdueAndContended(long now) {
    return lease.isContended(now) && isOverdue(now);
  }

  void onReading(boolean reading) {
    clock.onReading(reading, loop.now());
  }

  /** How much of the incomplete request has arrived, for a log line. */
  String progress() {
    return receivedBytes()
        + " bytes arrived"
        + (isInFrame() ? ", " + remaining() + " missing" : "");
  }
}
