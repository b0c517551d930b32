package io.gatehouse.tls;

import io.gatehouse.auth.CredentialCheck;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Checks again whether a client's certificate is accepted by the trusted authorities, revocation
 * lists and subject rules of its listener.
 */
public final class CertificateCheck implements CredentialCheck {

  /**
   * Bounds how many paths are verified at a time, because a changed file affects all sessions at
   * once.
   */
  private static final Semaphore AT_ONCE =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  private final TlsContext context;
  private final X509Certificate[] chain;
  private volatile long generation;

  /**
   * @param chain as the client sent it, its own certificate first
   * @param generation of the context that accepted it
   */
  CertificateCheck(TlsContext context, X509Certificate[] chain, long generation) {
    this.context = context;
    this.chain = chain;
    this.generation = generation;
  }

  /** When the certificate expires. */
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
      long now =
          context
              .generation(); // before the check: a change during the check makes it outdated again
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
