package io.gatehouse.http;

import io.gatehouse.tls.CertificateCheck;
import io.gatehouse.tls.TlsContext;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection with TLS: HTTP reads and writes plain bytes here, and the network's connection below
 * has the encrypted ones. It uses the same TLS handler as the Kafka listeners, so keys, client
 * certificates and their renewal work alike.
 *
 * <p>Helidon's own TLS is not used because it looks up the client's host name before each
 * handshake, which blocks the server where DNS is slow. The handshake takes place when the first
 * bytes are read, so that the limits of {@link BoundedConnections} apply to it.
 */
final class TlsConnection implements ConnectionContext {
  /** Plain bytes that are encrypted before the first of them is sent; bounds the memory. */
  private static final int PIECE = 64 << 10;

  private final ConnectionContext network;
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final SslHandler handler;
  private final DataReader reader = DataReader.create(this::read);
  private final DataWriter writer = new Encrypting();
  private volatile @Nullable ClientCertificate client;

  TlsConnection(ConnectionContext network, TlsContext tls) {
    this.network = network;
    channel.config().setAllocator(UnpooledByteBufAllocator.DEFAULT);
    this.handler = tls.accepting(channel);
    channel.pipeline().addLast(handler);
  }

  /** Plain bytes, at least one; null at the end of the connection. */
  private byte @Nullable [] read() {
    while (true) {
      var plain = received();
      if (plain.length > 0) {
        return plain;
      }
      try {
        network.dataReader().ensureAvailable();
      } catch (InsufficientDataAvailableException _) {
        return null;
      }
      decrypt(network.dataReader().readBuffer());
    }
  }

  private synchronized byte[] received() {
    ByteBuf plain = channel.readInbound();
    return plain == null ? new byte[0] : bytes(plain);
  }

  private synchronized void decrypt(BufferData encrypted) {
    var bytes = new byte[encrypted.available()];
    encrypted.read(bytes);
    RuntimeException failure = null;
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    } catch (RuntimeException e) {
      failure = e;
    } catch (Exception e) { // the channel throws what the handler reports, declared or not
      failure = new IllegalStateException(e);
    }
    // Also an alert that says why the handshake failed.
    send();
    if (failure != null) {
      throw new CloseConnectionException("TLS failed: " + failure.getMessage(), failure);
    }
    if (client == null && handler.handshakeFuture().isSuccess()) {
      client =
          new ClientCertificate(
              TlsContext.peer(handler), TlsContext.certificateCheck(channel, handler));
    }
  }

  private synchronized void encrypt(BufferData plain) {
    while (plain.available() > 0) {
      var piece = new byte[Math.min(plain.available(), PIECE)];
      plain.read(piece);
      channel.writeOutbound(Unpooled.wrappedBuffer(piece));
      send();
    }
  }

  private void send() {
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      if (next.isReadable()) {
        network.dataWriter().writeNow(BufferData.create(bytes(next)));
      } else {
        next.release();
      }
    }
  }

  private static byte[] bytes(ByteBuf buffer) {
    try {
      return ByteBufUtil.getBytes(buffer);
    } finally {
      buffer.release();
    }
  }

  /** Tells the client that no more bytes follow, and frees what TLS holds. */
  synchronized void end() {
    try {
      channel.close();
      send();
    } catch (RuntimeException _) {
      // The connection has already ended, which is usual.
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private final class Encrypting implements DataWriter {
    @Override
    public void write(BufferData... buffers) {
      encrypt(BufferData.create(buffers));
    }

    @Override
    public void write(BufferData buffer) {
      encrypt(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
      encrypt(BufferData.create(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
      encrypt(buffer);
    }

    @Override
    public void flush() {
      network.dataWriter().flush();
    }
  }

  /**
   * The certificate that the client has shown.
   *
   * @param check whether it is still accepted; null if connections do not depend on that
   */
  private record ClientCertificate(
      @Nullable X509Certificate certificate, @Nullable CertificateCheck check) {

    /** A connection may outlast its certificate, and changed files may no longer accept it. */
    Optional<Certificate[]> accepted() {
      if (certificate == null) {
        return Optional.empty();
      }
      if (check != null
          && (Instant.now().isAfter(check.ends())
              || (check.isOutdated() && check.recheck() != null))) {
        return Optional.empty();
      }
      return Optional.of(new Certificate[] {certificate});
    }
  }

  /** The address of the peer, with the certificate that it has shown while that is accepted. */
  private record Peer(PeerInfo network, Supplier<Optional<Certificate[]>> certificates)
      implements PeerInfo {
    @Override
    public SocketAddress address() {
      return network.address();
    }

    @Override
    public String host() {
      return network.host();
    }

    @Override
    public int port() {
      return network.port();
    }

    @Override
    public Optional<Principal> tlsPrincipal() {
      return tlsCertificates().map(all -> ((X509Certificate) all[0]).getSubjectX500Principal());
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
      return certificates.get();
    }
  }

  @Override
  public PeerInfo remotePeer() {
    return new Peer(
        network.remotePeer(),
        () -> {
          var shown = client;
          return shown == null ? Optional.empty() : shown.accepted();
        });
  }

  @Override
  public PeerInfo localPeer() {
    return network.localPeer();
  }

  @Override
  public boolean isSecure() {
    return true;
  }

  @Override
  public String socketId() {
    return network.socketId();
  }

  @Override
  public String childSocketId() {
    return network.childSocketId();
  }

  @Override
  public ListenerContext listenerContext() {
    return network.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return network.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return writer;
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public Router router() {
    return network.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return network.proxyProtocolData();
  }
}
