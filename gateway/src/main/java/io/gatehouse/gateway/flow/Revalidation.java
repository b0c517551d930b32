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
 * Whether what let a client in still holds. Before each of its requests this takes a look at a
 * number; only when that tells of a change does the request wait, while a virtual thread checks the
 * proof again. All methods run on the event loop.
 */
final class Revalidation {

  /** Nobody's clock lasts longer, and nanoseconds overflow after three centuries. */
  private static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(3650);

  private final Session session;
  private @Nullable CertificateCheck certificate;
  private @Nullable CredentialCheck login;
  private String mechanism = "";
  private boolean checking;

  /** When the certificate ends, in {@link System#nanoTime}; 0 for never. */
  private long endsAt;

  Revalidation(Session session) {
    this.session = session;
  }

  /** The client has shown a certificate; null: it has not, or nothing further depends on it. */
  void onCertificate(@Nullable CertificateCheck proof) {
    certificate = proof;
    if (proof == null) {
      return;
    }
    long left = Duration.between(Instant.now(), proof.ends()).toMillis();
    // Who is let in with one that has ended, by a listener that knows it by heart, may stay.
    endsAt =
        left <= 0
            ? 0
            : Math.max(
                1,
                session.loop().readClock()
                    + TimeUnit.MILLISECONDS.toNanos(Math.min(left, LONGEST_MILLIS)));
  }

  /** The client has logged in, for the first time or anew. */
  void onLogin(String by, @Nullable CredentialCheck proof) {
    mechanism = by;
    login = proof;
  }

  /** Whether the client's certificate has come to its end. */
  boolean isOver() {
    return endsAt != 0 && session.loop().now() - endsAt > 0;
  }

  /** Whether something stands against the client's next request. */
  boolean isDue() {
    CertificateCheck shown = certificate;
    CredentialCheck proved = login;
    return checking
        || isOver()
        || (shown != null && shown.isOutdated())
        || (proved != null && proved.isOutdated());
  }

  /** Whether a proof is being checked again; begins that where one is outdated. */
  boolean isRechecked() {
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
            session.loop().execute(() -> rechecked(proof, by, refusal));
          } catch (RuntimeException | Error e) { // the client waits, whatever comes
            session.loop().execute(() -> session.onBug(e));
          }
        });
  }

  private void rechecked(CredentialCheck proof, String by, @Nullable String refusal) {
    checking = false;
    if (session.isClosed()) {
      return;
    }
    session.loop().readClock();
    boolean current =
        proof.equals(certificate) || proof.equals(login); // else it has logged in anew
    if (refusal != null && current) {
      session
          .services()
          .shared()
          .authentications()
          .ended(session.binding().listener(), by, AuthenticationMetrics.REVOKED);
      session.close(CloseReason.NO_LONGER_LET_IN, ": " + by + ": " + refusal);
      return;
    }
    session.requests().resumeFrom(PauseReason.RECHECK);
    session.onEventEnd();
  }
}
