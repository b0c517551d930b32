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
 * A client's connection, and the broker connection it leads to once it has asked something.
 *
 * <pre>
 *   WAITING ───────first request head──────► DIALLING ──connected──► OPEN ──drain──► DRAINING
 *      │ SASL, if it ends here                 ▲  │                    │ client's FIN    │ all answered
 *      ▼                                       │  │                    ▼                 ▼
 *   AUTHENTICATED ──first other request head───┘  │               HALF_CLOSED        LINGERING
 *      └──────────────────────────────────────────┴────► CLOSED ◄──────┴─────────────────┘
 * </pre>
 *
 * All methods run on the session's event loop.
 */
public final class Session implements Loop.TickListener {

  enum State {
    /** Nothing asked yet; the broker does not know of this client. */
    WAITING,
    /** It has shown who it is, and still the broker does not know of it. */
    AUTHENTICATED,
    /** The first request waits for the broker connection. */
    DIALLING,
    OPEN,
    /** The client sends no more and waits for its answers. */
    HALF_CLOSED,
    /** No further request is taken; those in flight are answered. */
    DRAINING,
    /** All is answered and our side ended; what the client still sends is dropped. */
    LINGERING,
    CLOSED
  }

  /** How long a broker's last bytes may take to reach the client after the broker is gone. */
  private static final long LAST_BYTES_MILLIS = 500;

  private final Services services;
  private final Loop loop;
  private final ClientLink client;
  private final InFlight inFlight;
  private final RequestPath requests;
  private final LocalResponses answers;
  private final Deadlines deadlines;
  private final SessionMemory memory;

  private final ClientContext clientContext;

  private State state = State.WAITING;
  private final BrokerLinks links;
  private int tickIndex = -1;

  /** Whether the client is read from. */
  private boolean reading = true;

  /** Whether the next turn has been asked for. */
  private boolean continuing;

  /** Whether the client ended its side before the broker was reached. */
  private boolean halfClosed;

  /**
   * @param counted the address with which the connection was admitted
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
    this.answers = new LocalResponses(this);
    this.deadlines = new Deadlines(services, channel, loop.readClock());
  }

  // ---- what the two paths use -------------------------------------------------------------------

  Services services() {
    return services;
  }

  ClientLink client() {
    return client;
  }

  /** Who the client is, and where it came in. */
  ClientContext clientContext() {
    return clientContext;
  }

  ListenerBinding binding() {
    return clientContext.binding();
  }

  Loop loop() {
    return loop;
  }

  InFlight inFlight() {
    return inFlight;
  }

  /** Whether requests go to the broker with nothing in their way. */
  boolean isForwarding() {
    return (state == State.OPEN || state == State.HALF_CLOSED)
        && !isLoginRenewed()
        && !clientContext.isHeld(loop.now());
  }

  /** Why the request at {@code at} must wait; the session may have ended. */
  PauseReason reasonToWait(ByteBuf in, int at) {
    if (state == State.DRAINING) {
      return PauseReason.DRAIN;
    } else if (inFlight.isFull()) {
      return PauseReason.ROOM;
    } else if (isLoginRenewed()) {
      return PauseReason.LOGIN;
    } else if (clientContext.isLoginAsked()) {
      return PauseReason.PROOF;
    } else if (clientContext.isRechecked()) {
      return PauseReason.RECHECK;
    } else if (clientContext.isLetIn() && links.main() == null) {
      clientContext.information().hearClientId(in, at);
      toDialling();
      return PauseReason.CONNECTION;
    }
    return PauseReason.NONE;
  }

  /** Whether requests must wait for the gateway's own login at the broker. */
  boolean isLoginRenewed() {
    return links.isLoginRenewed();
  }

  /** What this session holds. */
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

  ByteBuf buffer(int bytes) {
    return allocator().directBuffer(bytes);
  }

  /** The connections to brokers. */
  BrokerLinks links() {
    return links;
  }

  /** Sends bytes to the client with the next flush. Takes ownership. */
  void toClient(ByteBuf bytes) {
    if (state == State.CLOSED) {
      bytes.release();
      return;
    }
    client.write(bytes);
  }

  /** The responses that the gateway makes itself. */
  LocalResponses answers() {
    return answers;
  }

  /** The client has shown who it is. */
  void onAuthenticated() {
    if (state == State.WAITING) {
      enter(State.AUTHENTICATED);
    }
    clientContext.choosePlan();
  }

  // ---- the broker's connection ------------------------------------------------------------------

  /** A request has come: connects to the broker that the client came for. */
  private void toDialling() {
    if (isBeforeDialling()) {
      enter(State.DIALLING);
      links.connect(null);
    }
  }

  /** Whether a connection to a broker is of use; null is the one that the client came for. */
  boolean wantsBroker(@Nullable HostPort named) {
    return named == null
        ? state == State.DIALLING
        : state == State.OPEN || state == State.HALF_CLOSED || state == State.DRAINING;
  }

  /** A connection to a broker stands. */
  void onConnected(Connection connection) {
    links.add(connection);
    if (state == State.DIALLING) {
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
    requests.take(bytes);
  }

  /** The client ended its side. If it waits for answers it gets them. */
  void onClientInputEnded() {
    loop.readClock();
    boolean owed = inFlight.isAwaited(0) || requests.hasWaiting() || client.hasUnsent();
    if (state == State.DIALLING || (isBeforeDialling() && owed)) {
      halfClosed = true;
      onEventEnd();
    } else if (state == State.OPEN && owed) {
      enter(State.HALF_CLOSED);
      onEventEnd();
    } else if (state != State.HALF_CLOSED && state != State.DRAINING) {
      close(state == State.LINGERING ? CloseReason.DRAINED : CloseReason.CLIENT_CLOSED, "");
    }
  }

  void onClientGone(boolean reset) {
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
    from.responses().take(bytes);
  }

  /** A broker is gone. What it sent before still goes on, whatever that waits for. */
  void onBrokerGone(BrokerLink link, boolean reset) {
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
      enter(State.DRAINING); // no further request has a broker
    }
    if (links.onGone(link)) {
      onEventEnd();
    }
  }

  /** A broker that is missed is gone: so is this connection, once the last bytes are out. */
  void onBrokerMissed() {
    links.close();
    requests.drop();
    client.flush();
    Runnable end = () -> close(CloseReason.BROKER_CLOSED, "");
    if (client.hasUnsent()) {
      client.afterFlush(end);
      loop.eventLoop().schedule(end, LAST_BYTES_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      end.run();
    }
  }

  /** The broker sent what cannot be decrypted. */
  void onBrokerBroken(String why) {
    client.resetOnClose();
    close(CloseReason.BROKER_RESET, why);
  }

  void onBug(Throwable cause) {
    services.shared().log().bug(describe(), cause, loop.now());
    close(CloseReason.INTERNAL_ERROR, ": " + cause);
  }

  // ---- the end of every event -------------------------------------------------------------------

  /** Flushes what the event wrote, once, and decides who is read from next. */
  void onEventEnd() {
    if (state == State.CLOSED || !links.letGo()) {
      return;
    }
    requests.resumeIfOver();
    if (links.flush() && inFlight.hasUnsent()) {
      inFlight.markSent(loop.readClock(), requests.incomplete());
    }
    client.flush();
    if (client.isWritable() && requests.why() == PauseReason.READER) {
      // What was answered is out already: nobody will tell of that once more.
      loop.eventLoop().execute(this::onEventEnd);
    }
    settle();
    readWhereTaken();
    endTurn();
    memory.settle();
  }

  /** Bytes of memory, beside read buffers, that stay when an event is over. */
  long heldBytes() {
    return requests.heldBytes() + inFlight.localBytes() + client.heldBytes() + links.heldBytes();
  }

  /** What is left goes on after the loop has looked after its other connections. */
  private void endTurn() {
    boolean requestsLeft = requests.endTurn();
    boolean responsesLeft = links.endTurn();
    if ((requestsLeft || responsesLeft) && !continuing && state != State.CLOSED) {
      continuing = true;
      // A plain task would run before the loop's next look at its sockets, a timer runs after it.
      loop.eventLoop().schedule(this::onTurn, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void onTurn() {
    continuing = false;
    if (state != State.CLOSED) {
      loop.readClock();
      links.resume();
      requests.resumeFrom(PauseReason.TURN);
      onEventEnd();
    }
  }

  /** Moves on from the states that wait for all to be answered. */
  private void settle() {
    boolean ended = state == State.HALF_CLOSED || (halfClosed && isBeforeDialling());
    if (ended && !inFlight.isAwaited(requests.incomplete()) && !requests.hasWaiting()) {
      closeAfterFlush(CloseReason.CLIENT_HALF_CLOSED, "");
    } else if (state == State.DRAINING && !inFlight.isAwaited(0) && !requests.isInFrame()) {
      toLingering();
    }
  }

  /** Reads from each side only what the other side takes. */
  private void readWhereTaken() {
    if (state == State.CLOSED) {
      return;
    }
    boolean readClient = state == State.LINGERING || (requests.wantsMore() && links.areWritable());
    if (readClient != reading) {
      reading = readClient;
      client.read(readClient);
      requests.onReading(readClient);
    }
    links.read(client.isWritable());
  }

  // ---- draining ---------------------------------------------------------------------------------

  /** Takes no further request and closes when those in flight are answered. */
  public void drain() {
    loop.readClock();
    switch (state) {
      case WAITING, AUTHENTICATED, DIALLING -> close(CloseReason.DRAINED, "");
      case OPEN -> {
        enter(State.DRAINING);
        onEventEnd();
      }
      default -> {
        // On its way out already.
      }
    }
  }

  /** Closes whatever is still going on: the drain time is over. */
  public void end() {
    close(CloseReason.DRAINED, ", with " + inFlight.size() + " requests in flight");
  }

  /** Ends our side only: a close with unread requests would reset, and take answers with it. */
  private void toLingering() {
    enter(State.LINGERING);
    requests.drop();
    client.endOutput(() -> deadlines.onOutputEnded(loop.readClock()));
    links.close();
  }

  @Override
  public void onTick(long now) {
    memory.settle();
    boolean inTheWay = memory.isInTheWay(now);
    CloseReason passed = deadlines.passed(state, requests, !inFlight.isAwaited(0), inTheWay, now);
    if (passed != null) {
      close(passed, passed == CloseReason.REQUEST_TIMEOUT ? ": " + requests.progress() : "");
    } else if (requests.why() == PauseReason.BUDGET) {
      requests.resume();
      onEventEnd();
    } else if (links.isMisplaced()) {
      drain();
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  void closeAfterFlush(CloseReason reason, String detail) {
    client.afterFlush(() -> close(reason, detail));
  }

  /**
   * Ends both connections now.
   *
   * @param detail for the log line, empty or beginning with ": "
   */
  void close(CloseReason reason, String detail) {
    if (state == State.CLOSED) {
      return;
    }
    String who = describe();
    enter(State.CLOSED);
    requests.drop();
    inFlight.release();
    memory.settle();
    clientContext.close(reason, detail);
    links.close();
    client.close();
    loop.remove(this);
    loop.metrics().ended(reason);
    services.shared().connections().leave(clientContext.counted());
    services.shared().log().ended(reason, who, detail, loop.now());
  }

  private boolean isBeforeDialling() {
    return state == State.WAITING || state == State.AUTHENTICATED;
  }

  private void enter(State next) {
    state = next;
    client.onKnown();
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
