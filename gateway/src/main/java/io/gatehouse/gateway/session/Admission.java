package io.gatehouse.gateway.session;

import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.plan.RequestRule;
import io.netty.buffer.ByteBuf;

/** Whether a client's next request may go on now; sets the reason to wait otherwise. */
final class Admission {

  /** A broker reserves what a head announces, so larger requests share a budget. */
  static final int LARGE = 256 << 10;

  /** Of a frame that must be here whole, more than this comes out of a budget. */
  private static final int FREE = 32 << 10;

  private static final int LENGTH = 4;

  private final Session session;
  private final PendingInput pending;
  private final MemoryLease lease;
  private final SaslTraffic sasl;

  Admission(Session session, PendingInput pending, MemoryLease lease, SaslTraffic sasl) {
    this.session = session;
    this.pending = pending;
    this.lease = lease;
    this.sasl = sasl;
  }

  /** Whether the frame at {@code at} may be set aside until {@code needed} bytes of it are here. */
  boolean toCollect(ByteBuf in, int at, int needed, RequestRule rule) {
    if (needed <= FREE || lease.isTaken() || needed < LENGTH + in.getInt(at)) {
      return true;
    }
    var shared = session.services().shared();
    Budget budget = rule instanceof RequestRule.Refuse ? shared.memory() : shared.gate().tokens();
    if (!lease.take(budget, needed, session.loop().now())) {
      pending.pause(PauseReason.BUDGET);
    }
    return !pending.isPaused();
  }

  /** Whether the gateway may answer a request itself. */
  boolean toBeAnsweredHere() {
    if (session.inFlight().isFull()) {
      pending.pause(PauseReason.ROOM);
    } else if (!session.client().isWritable()) {
      pending.pause(PauseReason.READER);
    } else if (session.isLoginRenewed()) {
      pending.pause(PauseReason.LOGIN); // each login's answers go to what stands last in flight
    }
    return !pending.isPaused();
  }

  /** Whether the frame at {@code at} may start. */
  boolean toBegin(ByteBuf in, int at, RequestRule rule) {
    int length = in.getInt(at);
    boolean refused = rule instanceof RequestRule.Refuse;
    if (session.state() == Session.State.DRAINING) {
      pending.pause(PauseReason.DRAIN);
    } else if (session.inFlight().isFull()) {
      pending.pause(PauseReason.ROOM);
    } else if (refused && !session.client().isWritable()) {
      pending.pause(PauseReason.READER);
    } else if (session.isLoginRenewed()) {
      pending.pause(PauseReason.LOGIN);
    } else if (sasl.mustWait(in, at)) {
      pending.pause(PauseReason.PROOF);
    } else if (session.clientContext().isRechecked()) {
      pending.pause(PauseReason.RECHECK);
    } else if (!session.clientContext().isLetIn()) {
      return false;
    } else if (!session.isConnected()) {
      pending.pause(PauseReason.CONNECTION);
      session.clientContext().information().hearClientId(in, at);
      session.toDialling();
    } else if (length > LARGE
        && !refused
        && !lease.take(session.services().shared().incomplete(), length, session.loop().now())) {
      pending.pause(PauseReason.BUDGET);
    }
    return !pending.isPaused();
  }
}
