package io.gatehouse.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends whatever bytes a test wants, well-formed or not, over a blocking socket. One
 * thread at a time may write and one may read.
 */
public final class RawClient implements AutoCloseable {

  /** The longest frame that {@link #readFrame} takes, in bytes. */
  public static final int MAX_FRAME = 256 << 20;

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /** How long a TLS socket waits at its close for the peer's answer. */
  private static final Duration FAREWELL = Duration.ofMillis(300);

  private final Socket socket;
  private int lastCorrelationId;
  private @Nullable String clientId = "raw";

  /**
   * The versions of a request's header; which one a request bears depends on its api and version.
   */
  public enum Header {
    /** Api key, version, correlation id: ControlledShutdown v0 only. */
    V0,
    /** ... and client id. */
    V1,
    /** ... and tagged fields (KIP-482). */
    V2
  }

  /** How a peer ended a connection. */
  public enum End {
    /** In order. */
    FIN,
    /** Abruptly. */
    RST
  }

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  /**
   * Connects.
   *
   * @throws IOException also when it takes over ten seconds
   */
  public static RawClient connect(String host, int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), (int) CONNECT_LIMIT.toMillis());
      return over(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Speaks over a connected socket, for instance a TLS one. */
  public static RawClient over(Socket socket) {
    return new RawClient(socket);
  }

  /** The client id that requests bear from now on; null is a legal one. */
  public RawClient clientId(@Nullable String id) {
    this.clientId = id;
    return this;
  }

  /** Sends bytes as they are. */
  public RawClient send(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends bytes with their length before them. */
  public RawClient sendFrame(byte[] payload) throws IOException {
    return send(
        ByteBuffer.allocate(4 + payload.length).putInt(payload.length).put(payload).array());
  }

  /**
   * Sends a request with the next correlation id and the client id.
   *
   * @return its correlation id: 1, 2, ...
   */
  public int request(Header header, int apiKey, int version, byte[] body) throws IOException {
    lastCorrelationId++;
    sendFrame(encode(header, apiKey, version, lastCorrelationId, body));
    return lastCorrelationId;
  }

  private byte[] encode(Header header, int apiKey, int version, int correlationId, byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 32);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeShort(apiKey);
      out.writeShort(version);
      out.writeInt(correlationId);
      if (header != Header.V0) {
        String id = clientId;
        if (id == null) {
          out.writeShort(-1);
        } else {
          byte[] encoded = id.getBytes(StandardCharsets.UTF_8);
          out.writeShort(encoded.length);
          out.write(encoded);
        }
      }
      if (header == Header.V2) {
        out.writeByte(0);
      }
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads one frame and returns what follows its length: correlation id first.
   *
   * @throws EOFException when the peer closes before the frame is whole
   * @throws SocketTimeoutException when the frame is not whole in time
   */
  public byte[] readFrame(Duration limit) throws IOException {
    Deadline deadline = Deadline.in(limit);
    int length = ByteBuffer.wrap(read(4, deadline)).getInt();
    if (length < 0 || length > MAX_FRAME) {
      throw new IOException("the peer announces a frame of " + length + " bytes");
    }
    return read(length, deadline);
  }

  /** Reads so many bytes, whatever they mean. Errors as for {@link #readFrame}. */
  public byte[] read(int count, Duration limit) throws IOException {
    return read(count, Deadline.in(limit));
  }

  private byte[] read(int count, Deadline deadline) throws IOException {
    byte[] bytes = new byte[count];
    InputStream in = socket.getInputStream();
    int filled = 0;
    while (filled < count) {
      if (deadline.isOver()) {
        throw new SocketTimeoutException(filled + " of " + count + " bytes came in time");
      }
      socket.setSoTimeout(deadline.remainingMillis());
      int read;
      try {
        read = in.read(bytes, filled, count - filled);
      } catch (SocketTimeoutException e) {
        continue; // the deadline is over, or nearly
      }
      if (read < 0) {
        throw new EOFException("the peer closed after " + filled + " of " + count + " bytes");
      }
      filled += read;
    }
    return bytes;
  }

  /**
   * Waits for the peer to end the connection.
   *
   * @throws AssertionError when bytes come instead, or nothing in time
   */
  public End expectClosed(Duration limit) throws IOException {
    socket.setSoTimeout(Deadline.in(limit).remainingMillis());
    try {
      int read = socket.getInputStream().read();
      if (read < 0) {
        return End.FIN;
      }
      throw new AssertionError(
          "expected the connection to be closed, but the peer sent " + read + " and perhaps more");
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection is still open after " + limit, e);
    } catch (SocketException e) {
      return End.RST;
    }
  }

  /**
   * Waits to see that nothing comes and the connection stays open.
   *
   * @throws AssertionError when bytes come or the peer closes within the time
   */
  public void expectSilence(Duration time) throws IOException {
    socket.setSoTimeout(Deadline.in(time).remainingMillis());
    int read;
    try {
      read = socket.getInputStream().read();
    } catch (SocketTimeoutException e) {
      return;
    }
    throw new AssertionError(
        read < 0
            ? "the peer closed the connection"
            : "the peer sent " + read + " and perhaps more");
  }

  /** Ends our direction in order (FIN); the peer may still answer. */
  public RawClient finish() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Ends the connection abruptly (RST). */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Our end, as the peer sees it. */
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  public Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    if (socket instanceof SSLSocket && !socket.isClosed()) {
      socket.setSoTimeout((int) FAREWELL.toMillis());
    }
    socket.close();
  }
}
