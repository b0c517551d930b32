package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.Connection;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a client's connection and its broker connections.
 *
 * <pre>
 *   WAITING ───first request header───► CONNECTING ──connected──► OPEN ──drain──► DRAINING
 *      │ authenticated by the gateway      ▲  │                    │ client's FIN    │ all answered
 *      ▼                                   │  │                    ▼                 ▼
 *   AUTHENTICATED ──next request header────┘  │               HALF_CLOSED        LINGERING
 *      └──────────────────────────────────────┴────► CLOSED ◄──────┴─────────────────┘
 * </pre>
 *
 * All methods run on the session's event loop.
 */
public final class Session implements Loop.TickListener {

  enum State {
    /** No request yet, and no broker connection. */
    WAITING,
    /** The gateway has authenticated the client. No broker connection yet. */
    AUTHENTICATED,
    /** The first request waits for the broker connection. */
    CONNECTING,
    OPEN,
    /** The client has closed its sending direction and waits for responses. */
    HALF_CLOSED,
    /** No further request is accepted; those in flight are answered. */
    DRAINING,
    /** All responses were sent and the sending direction is closed; input is dropped. */
    LINGERING,
    CLOSED
  }

  /** Maximum time to flush a broker's last bytes to the client after the broker has closed. */
  private static final long FLUSH_TIMEOUT_MILLIS = 500;

  private final Services services;
  private final Loop loop;
  private final ClientLink client;
  private final InFlight inFlight;
  private final RequestPath requests;
  private final LocalResponses localResponses;
  private final Deadlines deadlines;
  private final SessionMemory memory;
  private final ClientContext clientContext;
  private final BrokerLinks links;
  private State state = State.WAITING;
  private int tickIndex = -1;

  private boolean reading = true;
  private boolean turnScheduled;

  /** Whether the client closed its sending direction before the broker was connected. */
  private boolean halfClosed;

  /**
   * @param counted the address that the connection counts for; null for a load balancer's
   */
  Session(
      Services services,
      ListenerBinding binding,
      Loop loop,
      SocketChannel channel,
      @Nullable InetAddress counted) {
    this.services = services;
    this.loop = loop;
    this.memory = new SessionMemory(this);
    this.client = new ClientLink(channel, loop, memory);
    this.clientContext = new ClientContext(this, binding, channel.remoteAddress(), counted);
    this.inFlight = new InFlight(services.limits().inFlightRequests(), loop);
    this.links = new BrokerLinks(this);
    this.requests = new RequestPath(this);
    this.localResponses = new LocalResponses(this);
    this.deadlines = new Deadlines(services, channel, loop.readClock());
  }

  Services services() {
    return services;
  }

  ClientLink client() {
    return client;
  }

  ClientContext clientContext() {
    return clientContext;
  }

  /** How the client has connected. */
  public ListenerBinding binding() {
    return clientContext.binding();
  }

  Loop loop() {
    return loop;
  }

  InFlight inFlight() {
    return inFlight;
  }

  /** Whether requests can be forwarded at once. */
  boolean isForwarding() {
    return (state == State.OPEN || state == State.HALF_CLOSED)
        && !awaitsGatewayLogin()
        && !clientContext.mustWait(loop.now());
  }

  /**
   * Why the request at {@code at} must wait, or NONE. Starts to connect to the broker if necessary.
   * May close the session.
   */
  PauseReason reasonToWait(ByteBuf in, int at) {
    if (state == State.DRAINING) {
      return PauseReason.DRAIN;
    } else if (inFlight.isFull()) {
      return PauseReason.IN_FLIGHT_LIMIT;
    } else if (awaitsGatewayLogin()) {
      return PauseReason.GATEWAY_LOGIN;
    } else if (clientContext.isLoginPending()) {
      return PauseReason.CLIENT_LOGIN;
    } else if (clientContext.isRevalidating()) {
      return PauseReason.REVALIDATION;
    } else if (clientContext.checkAuthorized() && links.main() == null) {
      clientContext.information().readClientId(in, at);
      connect();
      return PauseReason.CONNECTION;
    }
    return PauseReason.NONE;
  }

  /** Whether requests must wait for the gateway's re-authentication at a broker. */
  boolean awaitsGatewayLogin() {
    return links.awaitsGatewayLogin();
  }

  SessionMemory memory() {
    return memory;
  }

  RequestPath requests() {
    return requests;
  }

  State state() {
    return state;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  ByteBufAllocator allocator() {
    return client.channel().alloc();
  }

  BrokerLinks links() {
    return links;
  }

  LocalResponses localResponses() {
    return localResponses;
  }

  void onAuthenticated() {
    if (state == State.WAITING) {
      enter(State.AUTHENTICATED);
    }
    clientContext.resetPlan();
  }

  // ---- the broker's connection ------------------------------------------------------------------

  /** Connects to the client's target broker for its first request. */
  private void connect() {
    if (isBeforeConnecting()) {
      enter(State.CONNECTING);
      links.connect(null);
    }
  }

  /**
   * Whether a connection to a broker is still needed.
   *
   * @param named the broker; null for the client's target
   */
  boolean needsBroker(@Nullable HostPort named) {
    return named == null
        ? state == State.CONNECTING
        : state == State.OPEN || state == State.HALF_CLOSED || state == State.DRAINING;
  }

  void onConnected(Connection connection) {
    links.add(connection);
    if (state == State.CONNECTING) {
      enter(State.OPEN);
    }
    requests.resumeFrom(PauseReason.CONNECTION);
    if (halfClosed && state == State.OPEN) {
      enter(State.HALF_CLOSED);
    }
    onEventEnd();
  }

  // ---- events of the client's connection --------------------------------------------------------

  void onClientBytes(ByteBuf bytes) {
    deadlines.onBytes(loop.readClock());
    if (state == State.CLOSED || state == State.LINGERING) {
      bytes.release();
      return;
    }
    requests.onBytes(bytes);
  }

  /** The client has closed its sending direction. It still gets the responses it waits for. */
  void onClientInputEnded() {
    loop.readClock();
    boolean responsesPending =
        inFlight.isResponseExpected(0) || requests.hasQueued() || client.hasUnsent();
    if (state == State.CONNECTING || (isBeforeConnecting() && responsesPending)) {
      halfClosed = true;
      onEventEnd();
    } else if (state == State.OPEN && responsesPending) {
      enter(State.HALF_CLOSED);
      onEventEnd();
    } else if (state != State.HALF_CLOSED && state != State.DRAINING) {
      close(state == State.LINGERING ? CloseReason.DRAINED : CloseReason.CLIENT_CLOSED, "");
    }
  }

  void onClientClosed(boolean reset) {
    loop.readClock();
    close(reset ? CloseReason.CLIENT_RESET : CloseReason.CLIENT_CLOSED, "");
  }

  // ---- events of the broker's connection --------------------------------------------------------

  void onBrokerBytes(BrokerLink from, ByteBuf bytes) {
    deadlines.onBytes(loop.readClock());
    if (state == State.CLOSED) {
      bytes.release();
      return;
    }
    from.responses().onBytes(bytes);
  }

  /** A broker has closed its connection. What it has sent before is still forwarded. */
  void onBrokerClosed(BrokerLink link, boolean reset) {
    loop.readClock();
    if (state == State.CLOSED || (state == State.LINGERING && !reset)) {
      return;
    }
    if (reset) {
      client.resetOnClose();
      close(CloseReason.BROKER_RESET, "");
      return;
    }
    if (link == links.main()) {
      enter(State.DRAINING); // no broker for further requests
    }
    if (links.onClosedByBroker(link)) {
      onEventEnd();
    }
  }

  /**
   * Closes the session after flushing, because a broker that it needs has closed its connection.
   */
  void onBrokerLost() {
    links.close();
    requests.close();
    client.flush();
    Runnable end = () -> close(CloseReason.BROKER_CLOSED, "");
    if (client.hasUnsent()) {
      client.afterFlush(end);
      loop.eventLoop().schedule(end, FLUSH_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      end.run();
    }
  }

  /** The broker sent data that cannot be decrypted. */
  void onBrokerTlsFailure(String why) {
    client.resetOnClose();
    close(CloseReason.BROKER_RESET, why);
  }

  void onInternalError(Throwable cause) {
    services.shared().log().internalError(describe(), cause, loop.now());
    close(CloseReason.INTERNAL_ERROR, ": " + cause);
  }

  // ---- the end of every event -------------------------------------------------------------------

  /**
   * Called at the end of each event: flushes what it has written, once, and decides which sides to
   * read from.
   */
  void onEventEnd() {
    if (state == State.CLOSED || !links.removeClosed()) {
      return;
    }
    requests.resumeIfPossible();
    if (links.flush() && inFlight.hasUnsent()) {
      inFlight.markSent(loop.readClock(), requests.incompleteRequests());
    }
    client.flush();
    if (requests.pauseReason() == PauseReason.CLIENT_NOT_WRITABLE && client.isWritable()) {
      // The flush has made the channel writable again without an event; continue in a new one.
      loop.eventLoop().execute(this::onEventEnd);
    }
    finishIfComplete();
    updateReading();
    endTurn();
    memory.updateCharge();
  }

  /** Bytes of memory, apart from read buffers, that are held beyond the current event. */
  long heldBytes() {
    return requests.heldBytes() + inFlight.localBytes() + client.heldBytes() + links.heldBytes();
  }

  /** Continues with unprocessed bytes after the event loop has served its other connections. */
  private void endTurn() {
    boolean requestsLeft = requests.endTurn();
    boolean responsesLeft = links.endTurn(client.isWritable());
    if ((requestsLeft || responsesLeft) && !turnScheduled && state != State.CLOSED) {
      turnScheduled = true;
      // The event loop polls its sockets before a timer runs, but not before a plain task.
      loop.eventLoop().schedule(this::continueTurn, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void continueTurn() {
    turnScheduled = false;
    if (state != State.CLOSED) {
      loop.readClock();
      links.resume();
      requests.resumeFrom(PauseReason.TURN);
      onEventEnd();
    }
  }

  /** Leaves the states that wait for the last responses. */
  private void finishIfComplete() {
    boolean ended = state == State.HALF_CLOSED || (halfClosed && isBeforeConnecting());
    if (ended
        && !inFlight.isResponseExpected(requests.incompleteRequests())
        && !requests.hasQueued()) {
      closeAfterFlush(CloseReason.CLIENT_HALF_CLOSED, "");
    } else if (state == State.DRAINING
        && !inFlight.isResponseExpected(0)
        && !requests.isInFrame()) {
      linger();
    }
  }

  /** Reads from the client only while the brokers' connections are writable (backpressure). */
  private void updateReading() {
    if (state == State.CLOSED) {
      return;
    }
    boolean readClient = state == State.LINGERING || (requests.wantsMore() && links.areWritable());
    if (readClient != reading) {
      reading = readClient;
      client.read(readClient);
      requests.onReading(readClient);
    }
  }

  // ---- draining ---------------------------------------------------------------------------------

  /** Accepts no further request, and closes when those in flight are answered. */
  public void drain() {
    loop.readClock();
    switch (state) {
      case WAITING, AUTHENTICATED, CONNECTING -> close(CloseReason.DRAINED, "");
      case OPEN -> {
        enter(State.DRAINING);
        onEventEnd();
      }
      default -> {
        // already closing
      }
    }
  }

  /** Closes the session at the end of the drain period. */
  public void end() {
    close(CloseReason.DRAINED, ", with " + inFlight.size() + " requests in flight");
  }

  /**
   * Closes only the sending direction. A full close with unread input would reset the connection,
   * and the client might lose responses.
   */
  private void linger() {
    enter(State.LINGERING);
    requests.close();
    client.shutdownOutput(() -> deadlines.onOutputEnded(loop.readClock()));
    links.close();
  }

  @Override
  public void onTick(long now) {
    memory.updateCharge();
    boolean contended = memory.isContended(now);
    CloseReason expired =
        deadlines.expired(state, requests, !inFlight.isResponseExpected(0), contended, now);
    if (expired != null) {
      close(expired, expired == CloseReason.REQUEST_TIMEOUT ? ": " + requests.progress() : "");
    } else if (requests.pauseReason() == PauseReason.MEMORY_BUDGET) {
      requests.resume();
      onEventEnd();
    } else if (links.isWrongBroker()) {
      drain();
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  void closeAfterFlush(CloseReason reason, String detail) {
    client.afterFlush(() -> close(reason, detail));
  }

  /**
   * Closes the client's and all broker connections.
   *
   * @param detail for the log line; empty or starting with ": "
   */
  void close(CloseReason reason, String detail) {
    if (state == State.CLOSED) {
      return;
    }
    String who = describe();
    enter(State.CLOSED);
    requests.close();
    inFlight.release();
    memory.updateCharge();
    clientContext.close(reason, detail);
    links.close();
    client.close();
    loop.remove(this);
    loop.metrics().ended(reason);
    services.shared().connections().leave(clientContext.counted());
    services.shared().log().ended(reason, who, detail, loop.now());
  }

  private boolean isBeforeConnecting() {
    return state == State.WAITING || state == State.AUTHENTICATED;
  }

  private void enter(State next) {
    state = next;
    client.raiseWaterMark();
    deadlines.onState(loop.now());
  }

  private String describe() {
    BrokerLink main = links.main();
    return clientContext + (main == null ? "" : " -> " + main.broker());
  }

  @Override
  public int tickIndex() {
    return tickIndex;
  }

  @Override
  public void setTickIndex(int index) {
    tickIndex = index;
  }
}
