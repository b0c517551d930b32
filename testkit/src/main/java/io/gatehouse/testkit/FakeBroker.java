package io.gatehouse.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A scripted broker for faults that a real broker does not cause on demand. It listens on a
 * loopback port, reads and records frames, and responds to each with a function. Requests of a
 * connection are answered in order; connections are independent.
 */
public final class FakeBroker implements AutoCloseable {

  /** The maximum number of recorded requests; another one closes its connection. */
  public static final int MAX_REQUESTS = 100_000;

  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);

  private final Function<Request, Reply> script;
  private final @Nullable SSLContext tls;
  private final boolean needsCertificate;
  private final List<String> serverNames = new ArrayList<>();
  private final Ports ports = Ports.reserve(1);
  private final List<Request> requests = new ArrayList<>();
  private final Map<Integer, Socket> open = new HashMap<>();
  private @Nullable ServerSocket listener;
  private Reply greeting = Reply.nothing();
  private int accepted;
  private long bytes;

  /** A received frame. */
  public static final class Request {

    private final int connection;
    private final byte[] frame;

    private Request(int connection, byte[] frame) {
      this.connection = connection;
      this.frame = frame;
    }

    /** The number of the connection, starting with 1. */
    public int connection() {
      return connection;
    }

    /** The bytes after the length. */
    public byte[] frame() {
      return frame.clone();
    }

    public short apiKey() {
      return ByteBuffer.wrap(frame).getShort(0);
    }

    public short version() {
      return ByteBuffer.wrap(frame).getShort(2);
    }

    public int correlationId() {
      return ByteBuffer.wrap(frame).getInt(4);
    }

    /** A response with header v0: the correlation id, then the body. */
    public Reply answer(byte[] body) {
      return Reply.frame(
          ByteBuffer.allocate(4 + body.length).putInt(correlationId()).put(body).array());
    }

    /** A response with header v1: the correlation id, no tagged fields, then the body. */
    public Reply answerFlexible(byte[] body) {
      return answer(ByteBuffer.allocate(1 + body.length).put((byte) 0).put(body).array());
    }
  }

  /** What happens to a connection after the bytes of a {@link Reply} were sent. */
  public enum Then {
    /** The next request is read. */
    READ,
    /** It stays open and is not read any more. */
    DEAF,
    /** It is closed with FIN; further input is read and discarded. */
    FIN,
    /** It is reset. */
    RST
  }

  /**
   * The reaction to a request or a connection.
   *
   * @param bytes the bytes to send; may be empty
   * @param then what to do afterwards
   */
  public record Reply(ByteBuffer bytes, Then then) {

    /** Sends a payload preceded by its length. */
    public static Reply frame(byte[] payload) {
      return raw(framed(payload, payload.length));
    }

    /** Sends these bytes. */
    public static Reply raw(byte[] bytes) {
      return new Reply(ByteBuffer.wrap(bytes.clone()), Then.READ);
    }

    /**
     * Sends the length of a payload but only this number of its bytes, and then ends the
     * connection.
     */
    public static Reply cutShort(byte[] payload, int sent, Then then) {
      return raw(framed(payload, sent)).then(then);
    }

    /** Sends nothing and reads the next request, so the client does not receive a response. */
    public static Reply nothing() {
      return raw(new byte[0]);
    }

    /** The same bytes with another action. */
    public Reply then(Then end) {
      return new Reply(bytes, end);
    }

    private static byte[] framed(byte[] payload, int sent) {
      return ByteBuffer.allocate(4 + sent).putInt(payload.length).put(payload, 0, sent).array();
    }
  }

  private FakeBroker(
      Function<Request, Reply> script, @Nullable SSLContext tls, boolean needsCertificate) {
    this.script = script;
    this.tls = tls;
    this.needsCertificate = needsCertificate;
  }

  /**
   * Listens and responds to every request with the function. An exception resets the connection.
   */
  public static FakeBroker start(Function<Request, Reply> script) {
    return start(new FakeBroker(script, null, false));
  }

  /**
   * The same with TLS.
   *
   * @param needsCertificate whether clients must present a certificate
   */
  public static FakeBroker startTls(
      Function<Request, Reply> script, SSLContext tls, boolean needsCertificate) {
    return start(new FakeBroker(script, tls, needsCertificate));
  }

  private static FakeBroker start(FakeBroker broker) {
    try {
      broker.listen();
      return broker;
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  public String host() {
    return KafkaCluster.HOST;
  }

  public int port() {
    return ports.get(0);
  }

  /** {@code host:port}. */
  public String address() {
    return host() + ":" + port();
  }

  /**
   * Sets the reaction to connections that are accepted from now on, before anything is read. By
   * default there is none.
   */
  public synchronized FakeBroker greet(Reply reply) {
    greeting = reply;
    return this;
  }

  /** Stops listening and returns when connections are refused. Open connections stay. */
  public synchronized void refuse() {
    try {
      if (listener != null) {
        listener.close();
        listener = null;
        awaitRefusal();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A process that is just being started by another thread has copies of all sockets until it
   * executes its program, so the kernel may listen a little longer.
   */
  private void awaitRefusal() {
    long end = System.nanoTime() + DRAIN_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      try (Socket _ = new Socket(host(), port())) {
        Thread.onSpinWait();
      } catch (IOException e) {
        return;
      }
    }
    throw new IllegalStateException(address() + " still accepts connections");
  }

  /** Listens again on the same port. */
  public synchronized void listen() {
    if (listener != null) {
      return;
    }
    try {
      ServerSocket socket = tls == null ? new ServerSocket() : tlsSocket(tls);
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host()), port()), 1000);
      listener = socket;
      Thread.ofVirtual().name("fake-broker-" + port()).start(() -> accept(socket));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + address(), e);
    }
  }

  private ServerSocket tlsSocket(SSLContext context) throws IOException {
    SSLServerSocket socket =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
    socket.setNeedClientAuth(needsCertificate);
    return socket;
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket peer = socket.accept();
        peer.setTcpNoDelay(true);
        int number;
        Reply first;
        synchronized (this) {
          number = ++accepted;
          first = greeting;
          open.put(number, peer);
          notifyAll();
        }
        Thread.ofVirtual()
            .name("fake-broker-" + port() + "-" + number)
            .start(() -> serve(number, peer, first));
      } catch (IOException e) {
        Deadline.pause(); // closed, or another error
      }
    }
  }

  private void serve(int number, Socket peer, Reply first) {
    try (peer) {
      converse(number, peer, first);
    } catch (IOException e) {
      // The peer closed the connection.
    } finally {
      synchronized (this) {
        open.remove(number);
        notifyAll();
      }
    }
  }

  private void handshake(SSLSocket peer) throws IOException {
    peer.startHandshake();
    List<SNIServerName> asked = ((ExtendedSSLSession) peer.getSession()).getRequestedServerNames();
    synchronized (this) {
      serverNames.add(asked.isEmpty() ? "" : ((SNIHostName) asked.getFirst()).getAsciiName());
    }
  }

  private void converse(int number, Socket peer, Reply first) throws IOException {
    try {
      if (peer instanceof SSLSocket secure) {
        handshake(secure);
      }
      boolean goOn = act(peer, first);
      while (goOn) {
        Request request = new Request(number, readFrame(peer));
        remember(request);
        goOn = act(peer, script.apply(request));
      }
    } catch (RuntimeException e) {
      reset(peer); // not a Kafka request, or the script threw an exception
    }
  }

  private byte[] readFrame(Socket peer) throws IOException {
    int length = ByteBuffer.wrap(read(peer, 4)).getInt();
    if (length < 0 || length > RawClient.MAX_FRAME) {
      throw new IllegalStateException("a peer announces a frame of " + length + " bytes");
    }
    return read(peer, length);
  }

  private byte[] read(Socket peer, int count) throws IOException {
    byte[] buffer = new byte[count];
    int filled = 0;
    while (filled < count) {
      int read = peer.getInputStream().read(buffer, filled, count - filled);
      if (read < 0) {
        throw new EOFException();
      }
      filled += read;
      synchronized (this) {
        bytes += read;
        notifyAll();
      }
    }
    return buffer;
  }

  private synchronized void remember(Request request) {
    if (requests.size() == MAX_REQUESTS) {
      throw new IllegalStateException("over " + MAX_REQUESTS + " requests");
    }
    requests.add(request);
    notifyAll();
  }

  /** Sends the bytes. */
  private static void send(Socket peer, ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    peer.getOutputStream().write(copy);
  }

  /** Whether to continue reading. */
  private static boolean act(Socket peer, Reply reply) throws IOException {
    send(peer, reply.bytes());
    switch (reply.then()) {
      case READ -> {
        return true;
      }
      case DEAF -> awaitClose(peer);
      case FIN -> finish(peer);
      case RST -> reset(peer);
    }
    return false;
  }

  private static void finish(Socket peer) throws IOException {
    peer.shutdownOutput();
    // Closing with unread bytes would reset the connection.
    peer.setSoTimeout((int) DRAIN_LIMIT.toMillis());
    byte[] scrap = new byte[64 << 10];
    while (peer.getInputStream().read(scrap) >= 0) {
      // Can be ignored.
    }
  }

  private static void reset(Socket peer) {
    try {
      peer.setSoLinger(true, 0);
      peer.close();
    } catch (IOException e) {
      // Already closed.
    }
  }

  private static void awaitClose(Socket peer) {
    while (!peer.isClosed()) {
      Deadline.pause();
    }
  }

  /**
   * Applies this action to every open connection, independent of their requests. {@link Then#DEAF}
   * has no effect, because a read may be in progress.
   */
  public void all(Reply reply) {
    List<Socket> peers;
    synchronized (this) {
      peers = List.copyOf(open.values());
    }
    for (Socket peer : peers) {
      try {
        send(peer, reply.bytes());
        switch (reply.then()) {
          case READ, DEAF -> {}
          case FIN -> peer.shutdownOutput(); // the connection's thread continues to read
          case RST -> reset(peer);
        }
      } catch (IOException e) {
        // Already closed.
      }
    }
  }

  /** All requests so far, in the order they were read. */
  public synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The server names of completed TLS handshakes, empty for none. */
  public synchronized List<String> serverNames() {
    return List.copyOf(serverNames);
  }

  /** The number of accepted connections. */
  public synchronized int accepted() {
    return accepted;
  }

  /** The number of open connections. */
  public synchronized int open() {
    return open.size();
  }

  /** The number of bytes read so far, including incomplete frames. */
  public synchronized long bytes() {
    return bytes;
  }

  /**
   * Waits until this total number of requests has been received and returns them.
   *
   * @throws AssertionError if they do not arrive in time
   */
  public synchronized List<Request> awaitRequests(int count, Duration limit) {
    await(() -> requests.size() >= count, limit, count + " requests");
    return requests();
  }

  /**
   * Waits until this number of connections has been accepted. Errors as for {@link #awaitRequests}.
   */
  public synchronized void awaitAccepted(int count, Duration limit) {
    await(() -> accepted >= count, limit, count + " connections");
  }

  /**
   * Waits until exactly this number of connections is open. Errors as for {@link #awaitRequests}.
   */
  public synchronized void awaitOpen(int count, Duration limit) {
    await(() -> open.size() == count, limit, count + " open connections");
  }

  private synchronized void await(BooleanSupplier condition, Duration limit, String what) {
    Deadline deadline = Deadline.in(limit);
    while (!condition.getAsBoolean()) {
      if (deadline.isOver()) {
        throw new AssertionError(
            "waited "
                + limit
                + " for "
                + what
                + "; there are "
                + requests.size()
                + " requests, "
                + accepted
                + " connections, "
                + open.size()
                + " of them open");
      }
      try {
        wait(deadline.remainingMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for " + what, e);
      }
    }
  }

  /** Stops listening and closes all connections. */
  @Override
  public void close() {
    refuse();
    all(Reply.nothing().then(Then.RST));
    ports.close();
  }
}
