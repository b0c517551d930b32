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
 * A client with a blocking socket that sends arbitrary bytes, well-formed or not. One thread at a
 * time may write and one may read.
 */
public final class RawClient implements AutoCloseable {

  /** The maximum size of a frame for {@link #readFrame}, in bytes. */
  public static final int MAX_FRAME = 256 << 20;

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /** How long a TLS socket waits for the peer when it is closed. */
  private static final Duration FAREWELL = Duration.ofMillis(300);

  private final Socket socket;
  private int lastCorrelationId;
  private @Nullable String clientId = "raw";

  /** The versions of the request header, which depend on API and version. */
  public enum Header {
    /** API key, version, correlation id: only for ControlledShutdown v0. */
    V0,
    /** ... and client id. */
    V1,
    /** ... and tagged fields (KIP-482). */
    V2
  }

  /** How a peer closed a connection. */
  public enum End {
    /** With FIN. */
    FIN,
    /** With RST. */
    RST
  }

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  /**
   * Connects.
   *
   * @throws IOException also if it takes more than ten seconds
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

  /** Uses a connected socket, for example with TLS. */
  public static RawClient over(Socket socket) {
    return new RawClient(socket);
  }

  /** Sets the client id of further requests; may be null. */
  public RawClient clientId(@Nullable String id) {
    this.clientId = id;
    return this;
  }

  /** Sends these bytes. */
  public RawClient send(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends bytes preceded by their length. */
  public RawClient sendFrame(byte[] payload) throws IOException {
    return send(
        ByteBuffer.allocate(4 + payload.length).putInt(payload.length).put(payload).array());
  }

  /**
   * Sends a request with the next correlation id and the client id.
   *
   * @return its correlation id, starting with 1
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
   * Reads a frame and returns the bytes after its length, starting with the correlation id.
   *
   * @throws EOFException if the peer closes the connection before the frame is complete
   * @throws SocketTimeoutException if the frame is not complete in time
   */
  public byte[] readFrame(Duration limit) throws IOException {
    Deadline deadline = Deadline.in(limit);
    int length = ByteBuffer.wrap(read(4, deadline)).getInt();
    if (length < 0 || length > MAX_FRAME) {
      throw new IOException("the peer announces a frame of " + length + " bytes");
    }
    return read(length, deadline);
  }

  /** Reads this number of bytes. Errors as for {@link #readFrame}. */
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
        continue; // the deadline has passed, or nearly
      }
      if (read < 0) {
        throw new EOFException("the peer closed after " + filled + " of " + count + " bytes");
      }
      filled += read;
    }
    return bytes;
  }

  /**
   * Waits for the peer to close the connection.
   *
   * @throws AssertionError if bytes arrive, or nothing happens in time
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
   * Verifies that no bytes arrive and the connection stays open for this time.
   *
   * @throws AssertionError if bytes arrive or the peer closes the connection
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

  /** Closes the sending direction (FIN); the peer may still respond. */
  public RawClient finish() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Resets the connection (RST). */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** The local address, as the peer sees it. */
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
