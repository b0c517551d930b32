package io.gatehouse.http;

import io.gatehouse.http.HttpSettings.Limits;
import io.gatehouse.tls.TlsContext;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the number of HTTP/1.1 connections and enforces their deadlines.
 *
 * <p>If a limit is reached, a new connection is accepted and an older one is closed, preferably one
 * that waits for its client. Health checks are therefore answered regardless of the other
 * connections.
 *
 * <p>Helidon's idle timer closes only connections that wait for a request. This class makes it also
 * close connections that stall within a request, for example in its header or while the client does
 * not read the response.
 */
final class BoundedConnections implements ServerConnectionSelector, Http1ConnectionListener {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedConnections.class);

  /** How many connections may exceed the limit while others are being closed. */
  static final int ENDING = 32;

  private static final long WARN_INTERVAL = TimeUnit.MINUTES.toNanos(1);

  private final Limits limits;
  private final @Nullable TlsContext tls;
  private final Http1ConnectionSelector http1;

  /** In the order of arrival. Guarded by this, like the following fields. */
  private final Map<ConnectionContext, Bounded> open = new LinkedHashMap<>();

  private long evicted;
  private long warnedAt = System.nanoTime() - WARN_INTERVAL;

  /**
   * @param tls null for connections without TLS
   */
  BoundedConnections(Limits limits, @Nullable TlsContext tls) {
    this.limits = limits;
    this.tls = tls;
    this.http1 =
        Http1ConnectionSelector.builder()
            .config(Http1Config.builder().addReceiveListener(this).build())
            .build();
  }

  /** How often deadlines are checked. */
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
  public ServerConnection connection(ConnectionContext network) {
    var context = tls == null ? network : new TlsConnection(network, tls);
    var newcomer = new Bounded(context, (Http1Connection) http1.connection(context));
    synchronized (this) {
      makeRoom(newcomer.group);
      open.put(context, newcomer);
    }
    return newcomer;
  }

  /** Called when the first line of a request has arrived. */
  @Override
  public void prologue(ConnectionContext context, HttpPrologue prologue) {
    find(context).ifPresent(connection -> connection.inHead = true);
  }

  /** Called when the header of a request has arrived. */
  @Override
  public void headers(ConnectionContext context, Headers headers) {
    find(context).ifPresent(Bounded::onHead);
  }

  /** Called when the client has read another part of a streaming response. */
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

  /** Closes a connection if another one of this group would exceed a limit. */
  private void makeRoom(ByteBuffer group) {
    Map<ByteBuffer, List<Bounded>> groups = new HashMap<>();
    open.values().forEach(c -> groups.computeIfAbsent(c.group, _ -> new ArrayList<>()).add(c));
    var crowd = groups.getOrDefault(group, List.of());
    if (crowd.size() < limits.perAddress()) {
      if (open.size() < limits.connections()) {
        return;
      }
      // Close a connection of the group with the most connections.
      crowd = groups.values().stream().max(Comparator.comparingInt(List::size)).orElse(crowd);
    }
    crowd.stream().max(Bounded.EVICTION_ORDER).ifPresent(this::evict);
  }

  private void evict(Bounded connection) {
    open.remove(connection.context);
    evicted++;
    var now = System.nanoTime();
    if (now - warnedAt >= WARN_INTERVAL) {
      warnedAt = now;
      LOG.warn(
          "The limit of HTTP connections is reached ({} in total, {} from one address): {} were"
              + " closed in favour of new ones, the last from {}",
          limits.connections(),
          limits.perAddress(),
          evicted,
          connection.from.getHostAddress());
      evicted = 0;
    }
    connection.http1.close(true);
  }

  private final class Bounded implements ServerConnection, InterruptableTask<Void> {
    /**
     * Connections that have been idle for less than this do not count as waiting for their client.
     */
    private static final Duration PROMPT = Duration.ofSeconds(1);

    static final Comparator<Bounded> EVICTION_ORDER =
        Comparator.comparing(Bounded::waitsForClient).thenComparing(c -> c.http1.idleTime());

    final ConnectionContext context;
    final Http1Connection http1;
    final InetAddress from;
    final ByteBuffer group;

    /** The number of complete headers. Written only by the connection's thread. */
    private volatile int heads;

    /** Whether a header has started and is incomplete. */
    volatile boolean inHead;

    /** When the client last read a part of a streaming response. */
    volatile long aliveAt;

    volatile boolean alive;

    // Used only by the timer: the index of the header that is awaited, and since when.
    private int awaitedHead;
    private long awaitedSince = System.nanoTime();

    Bounded(ConnectionContext context, Http1Connection http1) {
      this.context = context;
      this.http1 = http1;
      this.from = ((InetSocketAddress) context.remotePeer().address()).getAddress();
      this.group = group(from);
    }

    /** An IPv4 address, or the /64 of an IPv6 address, because one machine may use a whole /64. */
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

    /**
     * The deadline of the first header starts with the connection, that of others with their first
     * byte.
     */
    private boolean isHeadOverdue() {
      var complete = heads;
      if (awaitedHead != complete) {
        // The connection's thread may change this concurrently; the next check sees the change.
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
        if (context instanceof TlsConnection secure) {
          secure.end();
        }
        ended(this);
      }
    }

    /**
     * The time since the start or end of the last request; above the limit if a header is overdue.
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

    /** Called by the idle timer, and when the server closes, which lets running requests finish. */
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
