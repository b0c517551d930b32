package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.TlsFailures;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.identity.Principal;
import io.gatehouse.identity.Proof;
import io.gatehouse.identity.login.Login;
import io.gatehouse.identity.sasl.SaslFailure;
import io.gatehouse.identity.tls.CertificateProof;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Who a session's client is and where it came in, as far as the stages before the session, TLS and
 * SASL have found out.
 */
final class Visitor {

  static final String CERTIFICATE = "SSL";

  private final Session session;
  private Entrance entrance;
  private InetSocketAddress address;
  private @Nullable InetAddress counted;
  private Principal principal = Principal.ANONYMOUS;
  private @Nullable ClientLogin login;
  private @Nullable OverheardLogin overheard;
  private final Standing standing;

  Visitor(
      Session session,
      Entrance entrance,
      InetSocketAddress address,
      @Nullable InetAddress counted) {
    this.session = session;
    this.address = address;
    this.counted = counted;
    this.entrance = entrance;
    this.standing = new Standing(session);
    enterAt(entrance);
  }

  Entrance entrance() {
    return entrance;
  }

  /** The client's own address, also behind a balancer that tells it. */
  InetSocketAddress address() {
    return address;
  }

  /** The address that the connection counts for; null for a balancer's. */
  @Nullable InetAddress counted() {
    return counted;
  }

  /** The SASL exchange that ends here, or null where none does. */
  @Nullable ClientLogin login() {
    return login;
  }

  /** What is heard of an exchange between client and broker, or null where nobody listens. */
  @Nullable OverheardLogin overheard() {
    return overheard;
  }

  /** Whom the gateway logs in as for this client, or null for nobody. */
  @Nullable Login account() {
    return entrance.authentication() instanceof Authentication.Forwarded
        ? null
        : entrance.upstream().accounts().of(principal);
  }

  /** Whether the gateway is logged in for a client that does not log in itself. */
  boolean isSpokenFor() {
    return login == null && account() != null;
  }

  /** Whether the client's next request waits until what let it in is checked again. */
  boolean isRechecked() {
    return standing.isRechecked();
  }

  /** Whether the client may ask brokers for anything; closes the session if not. */
  boolean isLetIn() {
    if (standing.isOver()) {
      session.close(
          CloseReason.AUTHENTICATION_EXPIRED, ": the client's certificate has come to its end");
      return false;
    }
    if (login == null) {
      if (overheard == null && !entrance.upstream().accounts().admits(principal)) {
        session.close(
            CloseReason.AUTHENTICATION_FAILED, ": " + principal + " has no account at the brokers");
        return false;
      }
      return true;
    }
    if (!login.isAuthenticated()) {
      session.close(CloseReason.NOT_AUTHENTICATED, "");
      return false;
    }
    if (login.isExpired(session.loop().now())) {
      session.close(CloseReason.AUTHENTICATION_EXPIRED, "");
      return false;
    }
    return true;
  }

  // ---- what is found out ------------------------------------------------------------------------

  /** A stage before the session has found something out. */
  void onArrival(Arrival arrival) {
    switch (arrival) {
      case Arrival.At at -> enterAt(at.entrance());
      case Arrival.Unknown unknown ->
          session.close(CloseReason.UNKNOWN_SERVER_NAME, ": " + unknown.name());
      case Arrival.BadProxyHeader bad ->
          session.close(CloseReason.BAD_PROXY_HEADER, ": " + bad.why());
      case Arrival.BadHandshake bad ->
          session.close(
              CloseReason.AUTHENTICATION_FAILED,
              ": the handshake between gateways failed: " + bad.why());
      case Arrival.From from -> {
        InetAddress own = from.client().getAddress();
        CloseReason refusal = session.services().shared().connections().move(counted, own);
        if (refusal == null) {
          address = from.client();
          counted = own;
        } else {
          session.close(refusal, ": " + from.client());
        }
      }
    }
  }

  private void enterAt(Entrance where) {
    entrance = where;
    login =
        where.authentication() instanceof Authentication.Sasl sasl
            ? new ClientLogin(session, sasl)
            : null;
    overheard = isPassedOn(where) ? new OverheardLogin() : null;
  }

  /** Whether a client's own login goes to the broker: no account of ours could be in its way. */
  private static boolean isPassedOn(Entrance where) {
    return where.authentication() instanceof Authentication.Forwarded
        || (where.authentication() instanceof Authentication.Open
            && where.upstream().accounts().equals(Accounts.NONE));
  }

  /**
   * The TLS handshake is done.
   *
   * @param certificate the client's, which was verified, or null if it showed none
   * @param proof how that is verified again, or null if it is not
   */
  void onEncrypted(@Nullable X509Certificate certificate, @Nullable CertificateProof proof) {
    standing.onCertificate(proof);
    if (session.isClosed()
        || certificate == null
        || !(entrance.authentication() instanceof Authentication.Open open)) {
      return;
    }
    try {
      principal = open.rules().principal(certificate);
      count(AuthenticationMetrics.SUCCESS);
    } catch (IllegalArgumentException e) {
      count(SaslFailure.Reason.NOT_FOR_US.label());
      session.close(CloseReason.AUTHENTICATION_FAILED, ": " + e.getMessage());
    }
  }

  private void count(String result) {
    session.services().shared().authentications().ended(entrance.listener(), CERTIFICATE, result);
  }

  void onTlsFailure(Throwable cause) {
    boolean plaintext = cause instanceof NotSslRecordException;
    session.close(
        plaintext ? CloseReason.PLAINTEXT_ON_TLS : CloseReason.TLS_FAILED,
        plaintext ? "" : ": " + TlsFailures.explain(cause));
  }

  void onAuthenticated(Principal proved, @Nullable Proof proof) {
    principal = proved;
    standing.onLogin(proved.mechanism(), proof);
    session.onAuthenticated();
  }

  /** A broker answers a request of this api with an error. */
  void onRefused(short apiKey) {
    if (overheard != null && overheard.wants(apiKey)) {
      overheard.onRefused();
    }
  }

  /** A broker has answered a request of this api. */
  void onAnswered(short apiKey) {
    if (overheard != null) {
      Principal proved = overheard.onAnswered(apiKey);
      principal = proved == null || !principal.equals(Principal.ANONYMOUS) ? principal : proved;
    }
  }

  void close() {
    if (login != null) {
      login.close();
    }
  }

  /** For the log. */
  @Override
  public String toString() {
    return entrance.listener()
        + " "
        + address
        + (principal.equals(Principal.ANONYMOUS) ? "" : " " + principal);
  }
}
