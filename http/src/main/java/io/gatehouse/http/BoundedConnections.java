package io.gatehouse.http;

import io.gatehouse.http.HttpSettings.Limits;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 connections, of which there are only so many, and none of which outlives its deadlines.
 *
 * <p>At a limit the newcomer is served and an older connection is closed: one that has waited long
 * for its client, if there is one. So a probe gets its answer however many connections others hold.
 *
 * <p>Helidon's idle timer ends only connections that wait for a request. One that stalls inside it
 * (a head that never ends, an answer nobody reads) would keep its thread and its place for ever.
 * Here the same timer ends those too.
 */
final class BoundedConnections implements ServerConnectionSelector, Http1ConnectionListener {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedConnections.class);

  /** Connections beyond the limit that may exist while those closed for others end. */
  static final int ENDING = 32;

  private static final long TELL_EVERY = TimeUnit.MINUTES.toNanos(1);

  private final Limits limits;
  private final Http1ConnectionSelector http1;

  /** In the order they came. This and what follows is guarded by this object's lock. */
  private final Map<ConnectionContext, Bounded> open = new LinkedHashMap<>();

  private long closedForOthers;
  private long toldAt = System.nanoTime() - TELL_EVERY;

  BoundedConnections(Limits limits) {
    this.limits = limits;
    this.http1 =
        Http1ConnectionSelector.builder()
            .config(Http1Config.builder().addReceiveListener(this).build())
            .build();
  }

  /** How often deadlines are looked at. */
  Duration period() {
    return limits.head().dividedBy(4);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    var newcomer = new Bounded(context, (Http1Connection) http1.connection(context));
    synchronized (this) {
      makeRoom(newcomer.group);
      open.put(context, newcomer);
    }
    return newcomer;
  }

  /** The first line of a request is here. */
  @Override
  public void prologue(ConnectionContext context, HttpPrologue prologue) {
    find(context).ifPresent(connection -> connection.inHead = true);
  }

  /** The head of a request is here. */
  @Override
  public void headers(ConnectionContext context, Headers headers) {
    find(context).ifPresent(Bounded::onHead);
  }

  /** The client has taken a further piece of an answer that goes on. */
  synchronized void alive(String socketId) {
    for (var connection : open.values()) {
      if (connection.context.childSocketId().equals(socketId)) {
        connection.aliveAt = System.nanoTime();
        connection.alive = true;
      }
    }
  }

  private synchronized Optional<Bounded> find(ConnectionContext context) {
    return Optional.ofNullable(open.get(context));
  }

  private synchronized void ended(Bounded connection) {
    open.remove(connection.context, connection);
  }

  /** Closes a connection if one more of this group would be too many. */
  private void makeRoom(ByteBuffer group) {
    Map<ByteBuffer, List<Bounded>> groups = new HashMap<>();
    open.values().forEach(c -> groups.computeIfAbsent(c.group, _ -> new ArrayList<>()).add(c));
    var crowd = groups.getOrDefault(group, List.of());
    if (crowd.size() < limits.perAddress()) {
      if (open.size() < limits.connections()) {
        return;
      }
      // Whoever holds the most gives way.
      crowd = groups.values().stream().max(Comparator.comparingInt(List::size)).orElse(crowd);
    }
    crowd.stream().max(Bounded.BY_USELESSNESS).ifPresent(this::closeForAnother);
  }

  private void closeForAnother(Bounded connection) {
    open.remove(connection.context);
    closedForOthers++;
    var now = System.nanoTime();
    if (now - toldAt >= TELL_EVERY) {
      toldAt = now;
      LOG.warn(
          "HTTP connections are at their limit ({} in all, {} from one address): {} were closed to"
              + " make room for new ones, the last from {}",
          limits.connections(),
          limits.perAddress(),
          closedForOthers,
          connection.from.getHostAddress());
      closedForOthers = 0;
    }
    connection.http1.close(true);
  }

  private final class Bounded implements ServerConnection, InterruptableTask<Void> {
    /** A client that sends its head at once is not behind those that have waited for longer. */
    private static final Duration PROMPT = Duration.ofSeconds(1);

    static final Comparator<Bounded> BY_USELESSNESS =
        Comparator.comparing(Bounded::waitsForClient).thenComparing(c -> c.http1.idleTime());

    final ConnectionContext context;
    final Http1Connection http1;
    final InetAddress from;
    final ByteBuffer group;

    /** Heads that are complete. Written by the connection's thread only. */
    private volatile int heads;

    /** Whether a head's first line is here and its end is not. */
    volatile boolean inHead;

    /** When the client took a piece of an answer last that goes on, if it ever did. */
    volatile long aliveAt;

    volatile boolean alive;

    // Used by the timer only: the head that is waited for (0 is the first), and since when.
    private int awaitedHead;
    private long awaitedSince = System.nanoTime();

    Bounded(ConnectionContext context, Http1Connection http1) {
      this.context = context;
      this.http1 = http1;
      this.from = ((InetSocketAddress) context.remotePeer().address()).getAddress();
      this.group = group(from);
    }

    /** An IPv4 address, or the /64 of an IPv6 address, all of which one machine may have. */
    private static ByteBuffer group(InetAddress address) {
      var bytes = address.getAddress();
      return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, 8));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void onHead() {
      inHead = false;
      heads++;
    }

    private boolean waitsForClient() {
      return (heads == 0 || inHead || http1.canInterrupt())
          && http1.idleTime().compareTo(PROMPT) > 0;
    }

    /** The first head counts from the connection's begin, later ones from their first bytes. */
    private boolean isHeadOverdue() {
      var complete = heads;
      if (awaitedHead != complete) {
        // Read beside the connection's thread: what it adds now is seen at the next look.
        if (!inHead && !(http1.canInterrupt() && context.dataReader().available() > 0)) {
          return false;
        }
        awaitedHead = complete;
        awaitedSince = System.nanoTime();
      }
      return System.nanoTime() - awaitedSince > limits.head().toNanos() && heads == complete;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        http1.handle(limit);
      } finally {
        ended(this);
      }
    }

    /**
     * Since the last request's first line, or its end; more than is allowed when a head is overdue.
     */
    @Override
    public Duration idleTime() {
      return isHeadOverdue() ? limits.exchange().plusSeconds(1) : sinceProgress();
    }

    private Duration sinceProgress() {
      var idle = http1.idleTime();
      var sinceAlive = Duration.ofNanos(System.nanoTime() - aliveAt);
      return alive && sinceAlive.compareTo(idle) < 0 ? sinceAlive : idle;
    }

    /** Called by the idle timer, and by a closing server, which lets running requests finish. */
    @Override
    public void close(boolean interrupt) {
      http1.close(interrupt || isHeadOverdue() || sinceProgress().compareTo(limits.exchange()) > 0);
    }

    @Override
    public boolean canInterrupt() {
      return http1.canInterrupt();
    }
  }
}
