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
  private final Held held;
  private final Share share;
  private final SaslTraffic sasl;

  Admission(Session session, Held held, Share share, SaslTraffic sasl) {
    this.session = session;
    this.held = held;
    this.share = share;
    this.sasl = sasl;
  }

  /** Whether the frame at {@code at} may be set aside until {@code needed} bytes of it are here. */
  boolean toCollect(ByteBuf in, int at, int needed, RequestRule rule) {
    if (needed <= FREE || share.isTaken() || needed < LENGTH + in.getInt(at)) {
      return true;
    }
    var shared = session.services().shared();
    Budget budget = rule instanceof RequestRule.Refuse ? shared.memory() : shared.gate().tokens();
    if (!share.take(budget, needed, session.loop().now())) {
      held.pause(Pause.BUDGET);
    }
    return !held.isPaused();
  }

  /** Whether the gateway may answer a request itself. */
  boolean toBeAnsweredHere() {
    if (session.inFlight().isFull()) {
      held.pause(Pause.ROOM);
    } else if (!session.client().isWritable()) {
      held.pause(Pause.READER);
    } else if (session.isLoginRenewed()) {
      held.pause(Pause.LOGIN); // each login's answers go to what stands last in flight
    }
    return !held.isPaused();
  }

  /** Whether the frame at {@code at} may start. */
  boolean toBegin(ByteBuf in, int at, RequestRule rule) {
    int length = in.getInt(at);
    boolean refused = rule instanceof RequestRule.Refuse;
    if (session.state() == Session.State.DRAINING) {
      held.pause(Pause.DRAIN);
    } else if (session.inFlight().isFull()) {
      held.pause(Pause.ROOM);
    } else if (refused && !session.client().isWritable()) {
      held.pause(Pause.READER);
    } else if (session.isLoginRenewed()) {
      held.pause(Pause.LOGIN);
    } else if (sasl.mustWait(in, at)) {
      held.pause(Pause.PROOF);
    } else if (session.visitor().isRechecked()) {
      held.pause(Pause.RECHECK);
    } else if (!session.visitor().isLetIn()) {
      return false;
    } else if (!session.isConnected()) {
      held.pause(Pause.CONNECTION);
      session.visitor().information().hearClientId(in, at);
      session.toDialling();
    } else if (length > LARGE
        && !refused
        && !share.take(session.services().shared().incomplete(), length, session.loop().now())) {
      held.pause(Pause.BUDGET);
    }
    return !held.isPaused();
  }
}
