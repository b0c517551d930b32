package io.gatehouse.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.AttributeKey;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the TLS handlers of connections, from the files' current content. */
public final class TlsContext implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TlsContext.class);

  /** The default: older versions are insecure. */
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /** A system property of the JDK's engine, read at the first handshake. */
  private static final String NO_SECOND_HANDSHAKE = "jdk.tls.rejectClientInitiatedRenegotiation";

  static {
    // A renegotiation in TLS 1.2 costs a server far more than a client. BoringSSL refuses all of
    // them.
    if (!isNative() && System.getProperty(NO_SECOND_HANDSHAKE) == null) {
      System.setProperty(NO_SECOND_HANDSHAKE, "true");
    }
  }

  private static final long HANDSHAKE_MILLIS = 15_000;
  private static final long CLOSE_MILLIS = 1_000;

  @FunctionalInterface
  interface Loading {
    Loaded load() throws TlsConfigException;
  }

  /**
   * One loaded state of the files.
   *
   * @param clients checks client certificates again during sessions; null if sessions do not depend
   *     on them
   */
  record Loaded(
      SslContext context, List<X509Certificate> certificates, @Nullable ClientTrust clients) {}

  /** The state of the context that accepted a connection. */
  private record Accepted(TlsContext context, long generation) {}

  private static final AttributeKey<Accepted> ACCEPTED =
      AttributeKey.valueOf(TlsContext.class, "accepted");

  private final String name;
  private final List<String> groups;
  private final Loading loading;
  private final AtomicLong failures = new AtomicLong();
  private volatile Loaded loaded;

  /** Counts loaded states; incremented after the new state is in force. */
  private volatile long generation;

  private volatile boolean broken;

  private volatile Runnable unwatch = () -> {};

  /** Guarded by this. */
  private boolean closed;

  private TlsContext(String name, Ciphers ciphers, Loading loading) throws TlsConfigException {
    this.name = name;
    this.groups = isNative() ? List.of() : javaNames(ciphers.curves());
    this.loading = loading;
    this.loaded = loading.load();
  }

  /** Whether BoringSSL is used instead of the JDK's engine. */
  public static boolean isNative() {
    return OpenSsl.isAvailable();
  }

  /**
   * Loads the files that the settings name, and loads them again when they change.
   *
   * @param name for logs
   * @throws TlsConfigException when the files or options cannot be used
   */
  public static TlsContext open(String name, TlsSettings settings, FileWatch watch)
      throws TlsConfigException {
    TlsContext context = watched(name, settings, () -> load(settings), watch);
    if (settings instanceof ClientTls client && client.isUnsafe()) {
      log.warn(
          "{}: certificates of brokers are not verified{}; an attacker between gateway and broker"
              + " can read and change everything",
          name,
          client.trust() instanceof TrustSource.Anything ? "" : " against their host names");
    }
    return context;
  }

  static TlsContext watched(String name, TlsSettings settings, Loading loading, FileWatch watch)
      throws TlsConfigException {
    FileWatch.Snapshot before = FileWatch.snapshot(settings.files());
    TlsContext context = new TlsContext(name, settings.ciphers(), loading);
    context.unwatch = watch.watch(before, context::reload);
    return context;
  }

  /** A handler for an accepted connection. */
  public SslHandler accepting(Channel channel) {
    channel.attr(ACCEPTED).set(new Accepted(this, generation));
    return retrying(context -> context.newHandler(channel.alloc()));
  }

  /**
   * How to check the client's certificate again during its session; null if it sent none or
   * sessions do not depend on it. To be called once, after the handshake.
   */
  public static @Nullable CertificateCheck certificateCheck(Channel channel, SslHandler handler) {
    Accepted accepted = channel.attr(ACCEPTED).getAndSet(null);
    if (accepted == null || accepted.context().loaded.clients() == null) {
      return null;
    }
    try {
      Certificate[] shown = handler.engine().getSession().getPeerCertificates();
      return new CertificateCheck(
          accepted.context(),
          Arrays.copyOf(shown, shown.length, X509Certificate[].class),
          accepted.generation());
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  long generation() {
    return generation;
  }

  /**
   * Checks a client's certificate as a handshake would now.
   *
   * @param chain the client's own certificate first
   */
  void checkClient(X509Certificate[] chain) throws CertificateException {
    ClientTrust clients = loaded.clients();
    if (clients != null) {
      clients.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
    }
  }

  /**
   * A handler for a connection to a broker.
   *
   * @param host verified against the certificate; a name is also sent as SNI, an address is not
   */
  public SslHandler dialling(ByteBufAllocator allocator, String host, int port) {
    return retrying(context -> context.newHandler(allocator, host, port));
  }

  /** The certificates that are sent to peers, the own one first; empty if there are none. */
  public List<X509Certificate> certificates() {
    return loaded.certificates();
  }

  /** How often changed files could not be loaded. */
  public long failures() {
    return failures.get();
  }

  /** Whether the current files cannot be loaded, so that the previous state is still used. */
  public boolean isBroken() {
    return broken;
  }

  public String name() {
    return name;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      unwatch.run();
      ReferenceCountUtil.release(loaded.context());
    }
  }

  /** Call only under this object's lock. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void nextGeneration() {
    generation++;
  }

  private synchronized void reload() {
    if (closed) {
      return;
    }
    Loaded old = loaded;
    try {
      loaded = loading.load();
    } catch (TlsConfigException | RuntimeException e) {
      broken = true;
      failures.incrementAndGet();
      log.error(
          "{}: changed files cannot be used, the old ones stay in force: {}", name, e.getMessage());
      return;
    }
    broken = false;
    nextGeneration();
    ReferenceCountUtil.release(old.context());
    if (loaded.certificates().isEmpty()) {
      log.info("{}: changed files are in force", name);
    } else {
      X509Certificate now = loaded.certificates().getFirst();
      log.info(
          "{}: changed files are in force; the certificate of {} is valid until {}",
          name,
          now.getSubjectX500Principal(),
          now.getNotAfter().toInstant());
    }
  }

  /**
   * Retains the current context while a handler is made. A context may be replaced and freed after
   * it was read, so this tries a few times.
   */
  private SslHandler retrying(Function<SslContext, SslHandler> making) {
    for (int attempt = 1; ; attempt++) {
      SslContext context = loaded.context();
      try {
        ReferenceCountUtil.retain(context);
      } catch (IllegalReferenceCountException e) {
        if (attempt == 3) {
          throw new IllegalStateException(name + " was closed", e);
        }
        continue;
      }
      try {
        return configured(making.apply(context));
      } finally {
        ReferenceCountUtil.release(context);
      }
    }
  }

  private SslHandler configured(SslHandler handler) {
    handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
    handler.setCloseNotifyFlushTimeoutMillis(CLOSE_MILLIS);
    if (!groups.isEmpty()) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setNamedGroups(groups.toArray(String[]::new));
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  // ---- loading ----------------------------------------------------------------------------------

  static Loaded load(TlsSettings settings) throws TlsConfigException {
    return switch (settings) {
      case ServerTls server -> loadServer(server);
      case ClientTls client -> loadClient(client);
    };
  }

  private static Loaded loadServer(ServerTls settings) throws TlsConfigException {
    KeyMaterial key = KeyMaterial.load(settings.key());
    SslContextBuilder builder =
        SslContextBuilder.forServer(key.key(), key.chain().toArray(X509Certificate[]::new));
    ClientTrust checked = null;
    var clients = settings.clients();
    switch (clients.auth()) {
      case NONE -> builder.clientAuth(io.netty.handler.ssl.ClientAuth.NONE);
      case OPTIONAL -> builder.clientAuth(io.netty.handler.ssl.ClientAuth.OPTIONAL);
      case REQUIRED -> builder.clientAuth(io.netty.handler.ssl.ClientAuth.REQUIRE);
    }
    if (clients.auth() != ClientAuth.NONE) {
      X509Certificate only =
          clients.pinned() == null ? null : Certificates.ofFile(clients.pinned()).getFirst();
      // Without an authority only the pinned certificate is accepted, whatever its issuer.
      X509ExtendedTrustManager trust =
          TrustManagers.load(
              clients.trust() == null ? new TrustSource.Anything() : clients.trust());
      checked =
          new ClientTrust(
              trust,
              clients.revoked() == null
                  ? RevocationLists.none()
                  : RevocationLists.load(
                      clients.revoked(), Arrays.asList(trust.getAcceptedIssuers())),
              clients.subjects(),
              only);
      builder.trustManager(checked);
    }
    return new Loaded(
        build(builder, settings.ciphers()), key.chain(), settings.endsSessions() ? checked : null);
  }

  private static Loaded loadClient(ClientTls settings) throws TlsConfigException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .trustManager(TrustManagers.load(settings.trust()))
            .endpointIdentificationAlgorithm(settings.verifyHost() ? "HTTPS" : "");
    List<X509Certificate> chain = List.of();
    if (settings.key() != null) {
      KeyMaterial key = KeyMaterial.load(settings.key());
      chain = key.chain();
      builder.keyManager(key.key(), chain.toArray(X509Certificate[]::new));
    }
    return new Loaded(build(builder, settings.ciphers()), chain, null);
  }

  private static SslContext build(SslContextBuilder builder, Ciphers ciphers)
      throws TlsConfigException {
    // Netty passes the key in an in-memory store. The default type, PKCS#12, would derive a key by
    // ten thousand iterations to encrypt it, which took 0.3 s of CPU time at each start.
    builder.keyStoreType("JKS");
    builder.sslProvider(isNative() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK);
    builder.protocols(
        ciphers.protocols().isEmpty() ? PROTOCOLS : ciphers.protocols().toArray(String[]::new));
    if (!ciphers.suites().isEmpty()) {
      builder.ciphers(ciphers.suites());
    }
    if (isNative() && !ciphers.curves().isEmpty()) {
      builder.option(
          OpenSslContextOption.GROUPS,
          ciphers.curves().stream().map(TlsContext::opensslName).toArray(String[]::new));
    }
    try {
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsConfigException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static String opensslName(String curve) {
    return curve.startsWith("P") ? "P-" + curve.substring(1) : curve;
  }

  private static List<String> javaNames(List<String> curves) {
    return curves.stream()
        .map(curve ->
            curve.startsWith("P")
                ? "secp" + curve.substring(1) + "r1"
                : curve.toLowerCase(Locale.ROOT))
        .toList();
  }

  /** The peer's certificate, or null if it sent none. */
  public static @Nullable X509Certificate peer(SslHandler handler) {
    try {
      return (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }
}
