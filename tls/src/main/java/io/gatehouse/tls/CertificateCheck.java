package io.gatehouse.tls;

import io.gatehouse.auth.CredentialCheck;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * That the certificate a client has shown is let in: trusted authorities, revocation lists and the
 * rules of the listener say so.
 */
public final class CertificateCheck implements CredentialCheck {

  /** Paths that are built and verified at once, after a list of all clients has changed. */
  private static final Semaphore AT_ONCE =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  private final TlsContext context;
  private final X509Certificate[] chain;
  private volatile long generation;

  /**
   * @param chain as the client sent it, its own certificate first
   * @param generation of the context that let it in
   */
  CertificateCheck(TlsContext context, X509Certificate[] chain, long generation) {
    this.context = context;
    this.chain = chain;
    this.generation = generation;
  }

  /** When the certificate ends. */
  public Instant ends() {
    return chain[0].getNotAfter().toInstant();
  }

  @Override
  public boolean isOutdated() {
    return context.generation() != generation;
  }

  @Override
  public @Nullable String recheck() {
    AT_ONCE.acquireUninterruptibly();
    try {
      long now = context.generation(); // before the check: what changes meanwhile counts anew
      context.checkClient(chain);
      generation = now;
      return null;
    } catch (CertificateException e) {
      return String.valueOf(e.getMessage());
    } finally {
      AT_ONCE.release();
    }
  }
}
