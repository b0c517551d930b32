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
 * Re-authenticates the gateway on a broker connection that a client uses (KIP-368). The client's
 * requests wait at a frame boundary meanwhile; requests in flight are answered as usual.
 */
final class BrokerLogin implements RequestSender {

  /**
   * The fraction of the broker's session lifetime after which to re-authenticate; random per
   * connection, so that connections do not all do it at once.
   */
  private static final double MIN_FRACTION = 0.80;

  private static final double MAX_FRACTION = 0.92;

  /** Minimum remaining lifetime, unless that is more than half of it. */
  private static final long MIN_REMAINING_MILLIS = 1_000;

  /** Minimum time between logins; brokers refuse a re-authentication within a second. */
  private static final long MIN_INTERVAL_MILLIS = 1_100;

  /** Interval of the timeout check. */
  private static final long CHECK_INTERVAL_MILLIS = 500;

  private final Session session;
  private final BrokerLink link;
  private final Login login;
  private boolean due;
  private boolean running;
  private boolean closed;
  private @Nullable GatewayRequest pendingRequest;
  private @Nullable Promise<Struct> pendingResponse;
  private @Nullable ScheduledFuture<?> next;
  private @Nullable ScheduledFuture<?> timeoutCheck;

  /** When the broker accepts a re-authentication, in {@link System#nanoTime}. */
  private long earliestAt;

  /** Since when only the login has been waited for, in {@link System#nanoTime}. */
  private long waitingSince;

  BrokerLogin(Session session, BrokerLink link, Login login) {
    this.session = session;
    this.link = link;
    this.login = login;
  }

  /**
   * Schedules the next re-authentication.
   *
   * @param sessionMillis session lifetime that the broker reported, in milliseconds; 0 for no limit
   */
  void schedule(long sessionMillis) {
    if (sessionMillis > 0) {
      double part = ThreadLocalRandom.current().nextDouble(MIN_FRACTION, MAX_FRACTION);
      long wait =
          Math.max(
              sessionMillis / 2,
              Math.min((long) (sessionMillis * part), sessionMillis - MIN_REMAINING_MILLIS));
      earliestAt = session.loop().readClock() + TimeUnit.MILLISECONDS.toNanos(MIN_INTERVAL_MILLIS);
      next = session.loop().eventLoop().schedule(this::onDue, wait, TimeUnit.MILLISECONDS);
    }
  }

  /** Cancels the timer, which may run for an hour. */
  void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
    stopTimeoutCheck();
    Promise<Struct> waiting = pendingResponse;
    if (waiting != null) {
      pendingResponse = null;
      waiting.tryFailure(new IOException("the connection was closed"));
    }
  }

  private void stopTimeoutCheck() {
    if (timeoutCheck != null) {
      timeoutCheck.cancel(false);
      timeoutCheck = null;
    }
  }

  /** Whether the client's requests must wait. */
  boolean holdsRequests() {
    return !closed && (due || running);
  }

  private void onDue() {
    if (session.state() == Session.State.OPEN) {
      due = true;
      long early = earliestAt - session.loop().readClock();
      if (early > 0) { // requests wait until a very short session may be renewed
        next = session.loop().eventLoop().schedule(this::resume, early, TimeUnit.NANOSECONDS);
      }
      session.onEventEnd();
    }
  }

  private void resume() {
    session.loop().readClock();
    session.onEventEnd();
  }

  /**
   * Starts the re-authentication if it is due, no request is partly sent, and none waits for the
   * gateway's own response.
   */
  void beginIfDue() {
    if (!due
        || closed
        || session.loop().now() - earliestAt < 0
        || session.requests().isInFrame()
        || session.requests().pauseReason() == PauseReason.LOCAL_RESPONSE) {
      return;
    }
    due = false;
    running = true;
    waitingSince = session.loop().now();
    timeoutCheck =
        session
            .loop()
            .eventLoop()
            .scheduleAtFixedRate(
                this::checkTimeout,
                CHECK_INTERVAL_MILLIS,
                CHECK_INTERVAL_MILLIS,
                TimeUnit.MILLISECONDS);
    SaslInitiation.begin(login, link.broker().host(), this, session.loop())
        .addListener((Future<Long> done) -> {
          stopTimeoutCheck();
          running = false;
          if (closed) {
            return;
          }
          if (done.isSuccess()) {
            schedule(done.getNow());
            session.requests().resumeFrom(PauseReason.GATEWAY_LOGIN);
            session.onEventEnd();
          } else {
            session.close(CloseReason.BROKER_LOGIN_FAILED, ": " + done.cause().getMessage());
          }
        });
  }

  /**
   * Closes the session if the login takes longer than the connect timeout. Time in which the broker
   * answers earlier requests of the client does not count: a Fetch or JoinGroup may take minutes.
   */
  private void checkTimeout() {
    long now = session.loop().readClock();
    InFlight inFlight = session.inFlight();
    if (pendingResponse != null
        && !(inFlight.nextLink() == link && inFlight.route().equals(Route.GATEWAY_REQUEST))) {
      waitingSince = now;
    } else if (now - waitingSince > session.services().timeouts().connect().toNanos()) {
      session.close(CloseReason.BROKER_LOGIN_FAILED, ": no response in time");
    }
  }

  @Override
  public Future<Struct> send(GatewayRequest request) {
    Promise<Struct> promise = session.loop().eventLoop().newPromise();
    if (closed) {
      return promise.setFailure(new IOException("the connection was closed"));
    }
    pendingRequest = request;
    pendingResponse = promise;
    session.inFlight().push(Route.GATEWAY_REQUEST, 0, link);
    link.write(request.frame(0, session.clientContext().clientId(), session.allocator()));
    session.onEventEnd();
    return promise;
  }

  /**
   * Handles the broker's response.
   *
   * @param frame from the correlation id on; valid during the call only
   */
  void onResponse(ByteBuf frame) {
    if (closed) {
      return; // too late
    }
    Promise<Struct> waiting = pendingResponse;
    GatewayRequest request = pendingRequest;
    pendingResponse = null;
    if (waiting == null || request == null) {
      throw new MalformedMessage("a response without a request of the gateway", 0);
    }
    waiting.trySuccess(request.response(frame));
  }
}
