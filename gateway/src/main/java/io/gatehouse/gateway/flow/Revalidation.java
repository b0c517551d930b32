package io.gatehouse.gateway.flow;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.tls.CertificateCheck;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a client's certificate and login are still valid. Before each request only a
 * change counter is compared. After a change, the request waits while a virtual thread verifies the
 * credentials again. All methods run on the event loop.
 */
final class Revalidation {

  /** Longer times are cut to ten years, because nanoseconds overflow after 292 years. */
  private static final long MAX_MILLIS = TimeUnit.DAYS.toMillis(3650);

  private final Session session;
  private @Nullable CertificateCheck certificate;
  private @Nullable CredentialCheck login;
  private String mechanism = "";
  private boolean checking;

  /** When the certificate expires, in {@link System#nanoTime}; 0 for never. */
  private long endsAt;

  Revalidation(Session session) {
    this.session = session;
  }

  /**
   * The client has presented a certificate.
   *
   * @param proof verifies it again; null if there is none or its validity does not matter
   */
  void onCertificate(@Nullable CertificateCheck proof) {
    certificate = proof;
    if (proof == null) {
      return;
    }
    long left = Duration.between(Instant.now(), proof.ends()).toMillis();
    // A listener may trust one exact certificate even after it has expired.
    endsAt =
        left <= 0
            ? 0
            : Math.max(
                1,
                session.loop().readClock()
                    + TimeUnit.MILLISECONDS.toNanos(Math.min(left, MAX_MILLIS)));
  }

  /** The client has authenticated or re-authenticated. */
  void onLogin(String by, @Nullable CredentialCheck proof) {
    mechanism = by;
    login = proof;
  }

  /** Whether the client's certificate has expired. */
  boolean isCertificateExpired() {
    return endsAt != 0 && session.loop().now() - endsAt > 0;
  }

  /** Whether the next request may have to wait or be refused. */
  boolean isDue() {
    CertificateCheck shown = certificate;
    CredentialCheck proved = login;
    return checking
        || isCertificateExpired()
        || (shown != null && shown.isOutdated())
        || (proved != null && proved.isOutdated());
  }

  /**
   * Starts a verification if the certificate or login is outdated.
   *
   * @return whether one is running
   */
  boolean startIfOutdated() {
    if (!checking) {
      CertificateCheck shown = certificate;
      CredentialCheck proved = login;
      if (shown != null && shown.isOutdated()) {
        recheck(shown, ClientContext.CERTIFICATE);
      } else if (proved != null && proved.isOutdated()) {
        recheck(proved, mechanism);
      }
    }
    return checking;
  }

  private void recheck(CredentialCheck proof, String by) {
    checking = true;
    Thread.ofVirtual()
        .name("recheck")
        .start(() -> {
          try {
            String refusal = proof.recheck();
            session.loop().execute(() -> onRechecked(proof, by, refusal));
          } catch (RuntimeException | Error e) { // must not leave the client waiting
            session.loop().execute(() -> session.onInternalError(e));
          }
        });
  }

  private void onRechecked(CredentialCheck proof, String by, @Nullable String refusal) {
    checking = false;
    if (session.isClosed()) {
      return;
    }
    session.loop().readClock();
    boolean current =
        proof.equals(certificate) || proof.equals(login); // otherwise it has authenticated again
    if (refusal != null && current) {
      session
          .services()
          .shared()
          .authentications()
          .ended(session.binding().listener(), by, AuthenticationMetrics.REVOKED);
      session.close(CloseReason.ACCESS_REVOKED, ": " + by + ": " + refusal);
      return;
    }
    session.requests().resumeFrom(PauseReason.REVALIDATION);
    session.onEventEnd();
  }
}
