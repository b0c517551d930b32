package io.gatehouse.gateway.flow;

import io.gatehouse.auth.login.Login;
import io.gatehouse.gateway.cluster.GatewayRequest;
import io.gatehouse.gateway.cluster.RequestSender;
import io.gatehouse.gateway.cluster.SaslInitiation;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Renews the gateway's login on a connection that a client uses (KIP-368). The client's requests
 * wait between two frames while it goes on; what is in flight is answered as always.
 */
final class BrokerLogin implements RequestSender {

  /** Which part of the broker's session time may pass, chosen anew for each connection. */
  private static final double EARLIEST = 0.80;

  private static final double LATEST = 0.92;

  /** What must be left of it, unless that is more than half. */
  private static final long LEAST_LEFT_MILLIS = 1_000;

  /** Brokers take no new login within a second of the last one. */
  private static final long LEAST_APART_MILLIS = 1_100;

  /** How often is looked whether the broker takes too long. */
  private static final long LOOK_MILLIS = 500;

  private final Session session;
  private final BrokerLink link;
  private final Login login;
  private boolean wanted;
  private boolean running;
  private boolean closed;
  private @Nullable GatewayRequest asked;
  private @Nullable Promise<Struct> answer;
  private @Nullable ScheduledFuture<?> next;

  /** When the broker takes a new login, in {@link System#nanoTime}. */
  private long takenFrom;

  /** Since when nothing but the login itself takes its time, in {@link System#nanoTime}. */
  private long ownTimeSince;

  BrokerLogin(Session session, BrokerLink link, Login login) {
    this.session = session;
    this.link = link;
    this.login = login;
  }

  /**
   * @param sessionMillis what the broker allows, 0 for no end
   */
  void schedule(long sessionMillis) {
    if (sessionMillis > 0) {
      double part = ThreadLocalRandom.current().nextDouble(EARLIEST, LATEST);
      long wait =
          Math.max(
              sessionMillis / 2,
              Math.min((long) (sessionMillis * part), sessionMillis - LEAST_LEFT_MILLIS));
      takenFrom = session.loop().readClock() + TimeUnit.MILLISECONDS.toNanos(LEAST_APART_MILLIS);
      next = session.loop().eventLoop().schedule(this::due, wait, TimeUnit.MILLISECONDS);
    }
  }

  /** Lets go of the connection, which is over: the broker's time may be an hour. */
  void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
    Promise<Struct> waiting = answer;
    if (waiting != null) {
      answer = null;
      waiting.tryFailure(new IOException("the connection was closed"));
    }
  }

  /** Whether the client's next request has to wait. */
  boolean holdsRequests() {
    return !closed && (wanted || running);
  }

  private void due() {
    if (session.state() == Session.State.OPEN) {
      wanted = true;
      long early = takenFrom - session.loop().readClock();
      if (early > 0) { // the session is so short that the client's requests wait meanwhile
        next = session.loop().eventLoop().schedule(this::goOn, early, TimeUnit.NANOSECONDS);
      }
      session.onEventEnd();
    }
  }

  private void goOn() {
    session.loop().readClock();
    session.onEventEnd();
  }

  /** Begins when it is due, no request is half sent and none waits for the gateway's answer. */
  void beginIfDue() {
    if (!wanted
        || closed
        || session.loop().now() - takenFrom < 0
        || session.requests().isInFrame()
        || session.requests().why() == PauseReason.ANSWER) {
      return;
    }
    wanted = false;
    running = true;
    ownTimeSince = session.loop().now();
    var watch =
        session
            .loop()
            .eventLoop()
            .scheduleAtFixedRate(this::watch, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    SaslInitiation.begin(login, link.broker().host(), this, session.loop())
        .addListener((Future<Long> done) -> {
          watch.cancel(false);
          running = false;
          if (closed) {
            return;
          }
          if (done.isSuccess()) {
            schedule(done.getNow());
            session.requests().resumeFrom(PauseReason.LOGIN);
            session.onEventEnd();
          } else {
            session.close(CloseReason.BROKER_LOGIN_FAILED, ": " + done.cause().getMessage());
          }
        });
  }

  /**
   * Ends the session if the login takes longer than one at connecting may. Time does not count in
   * which requests of the client stand before the gateway's own: the broker answers those first,
   * and a Fetch or JoinGroup may take minutes.
   */
  private void watch() {
    long now = session.loop().readClock();
    InFlight inFlight = session.inFlight();
    if (answer != null
        && !(inFlight.due() == link && inFlight.route().equals(Route.GATEWAY_REQUEST))) {
      ownTimeSince = now;
    } else if (now - ownTimeSince > session.services().timeouts().connect().toNanos()) {
      session.close(CloseReason.BROKER_LOGIN_FAILED, ": no answer in time");
    }
  }

  @Override
  public Future<Struct> send(GatewayRequest request) {
    Promise<Struct> promise = session.loop().eventLoop().newPromise();
    if (closed) {
      return promise.setFailure(new IOException("the connection was closed"));
    }
    asked = request;
    answer = promise;
    session.inFlight().push(Route.GATEWAY_REQUEST, 0, link);
    link.write(request.frame(0, session.clientContext().clientId(), session.allocator()));
    session.onEventEnd();
    return promise;
  }

  /**
   * @param frame from the correlation id on
   */
  void onAnswer(ByteBuf frame) {
    if (closed) {
      return; // it came too late
    }
    Promise<Struct> waiting = answer;
    GatewayRequest request = asked;
    answer = null;
    if (waiting == null || request == null) {
      throw new MalformedMessage("an answer to no question of the gateway", 0);
    }
    waiting.trySuccess(request.response(frame));
  }
}
