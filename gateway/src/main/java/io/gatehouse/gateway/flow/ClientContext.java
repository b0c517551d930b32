package io.gatehouse.gateway.flow;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.TlsFailures;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.sasl.SaslInspection;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.tap.TapFrame;
import io.gatehouse.tls.CertificateCheck;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who a session's client is and where it came in, as far as the stages before the session, TLS and
 * SASL have found out.
 */
final class ClientContext {

  static final String CERTIFICATE = "SSL";

  private final Session session;
  private final Services services;
  private final Audit audit;
  private final ClientInformation information = new ClientInformation();
  private ListenerBinding binding;
  private InetSocketAddress address;
  private @Nullable InetAddress counted;
  private Principal principal = Principal.ANONYMOUS;
  private @Nullable SaslTermination login;
  private @Nullable SaslInspection inspection;
  private final Revalidation standing;

  /** The rules by which the client's next request is treated, and what they were chosen from. */
  private @Nullable Plan plan;

  private @Nullable Plans planFrom;

  /** The client as plans know it, built when first asked for. */
  private @Nullable Caller caller;

  ClientContext(
      Session session,
      ListenerBinding binding,
      InetSocketAddress address,
      @Nullable InetAddress counted) {
    this.session = session;
    this.services = session.services();
    this.audit = services.shared().audit();
    this.address = address;
    this.counted = counted;
    this.binding = binding;
    this.standing = new Revalidation(session);
    enterAt(binding);
  }

  ListenerBinding binding() {
    return binding;
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
  @Nullable SaslTermination login() {
    return login;
  }

  /** What is heard of an exchange between client and broker, or null where nobody listens. */
  @Nullable SaslInspection inspection() {
    return inspection;
  }

  /** What the client says of itself. */
  ClientInformation information() {
    return information;
  }

  /** The client id of the gateway's own requests on the connection it has for this client. */
  String clientId() {
    return information.clientId(binding.upstream().connector().settings().clientId());
  }

  /** The client for those who watch its frames. */
  TapFrame.Peer peer() {
    return new TapFrame.Peer(
        binding.listener(),
        address,
        information.clientId(),
        principal.equals(Principal.ANONYMOUS) ? null : principal.toString());
  }

  /** Whom the gateway logs in as for this client, or null for nobody. */
  @Nullable Login account() {
    return binding.authentication() instanceof Authentication.Forwarded
        ? null
        : binding.upstream().login(principal);
  }

  /** The rules of the client's phase: before its login if that is at the gateway, or after. */
  Plan plan() {
    Plans current = services.plans();
    Plan chosen = plan;
    if (chosen == null || !current.equals(planFrom)) {
      chosen = current.of(scope(), caller());
      plan = chosen;
      planFrom = current;
    }
    return chosen;
  }

  /** Something is known of the client that decides which rules it is under. */
  void choosePlan() {
    plan = null;
    caller = null;
  }

  /** The client, as far as plans and steps depend on it. */
  Caller caller() {
    Caller known = caller;
    if (known == null) {
      known = new Caller(principal.user(), principal.mechanism(), binding.listener());
      caller = known;
    }
    return known;
  }

  /** What decides, beside the rules, about what is done with the client's requests. */
  Plan.Scope scope() {
    Plan.Sasl sasl =
        login != null
            ? login.isAuthenticated() ? Plan.Sasl.TERMINATED : Plan.Sasl.BEFORE_LOGIN
            : account() != null ? Plan.Sasl.REFUSED : Plan.Sasl.PASSED;
    return new Plan.Scope(sasl, !(binding.target() instanceof Target.Unnamed));
  }

  /** Whether something has to be cleared about the client before its next request goes on. */
  boolean isHeld(long now) {
    return standing.isDue() || (login != null && login.isExpired(now)) || isLoginAsked();
  }

  /** Whether the broker has yet to answer what the client logs in with. */
  boolean isLoginAsked() {
    return inspection != null && inspection.isAwaitingResponse();
  }

  /** Has the SASL exchange that ends here answer a frame. */
  void authenticate(ByteBuf frame) {
    SaslTermination exchange = login;
    if (exchange == null) {
      throw new IllegalStateException("no SASL ends here");
    }
    exchange.take(frame);
  }

  /** The broker will take tokens without heads now. */
  void expectTokensToBroker() {
    if (inspection != null) {
      session.requests().sasl().expectTokensToBroker(inspection.rawTokens());
    }
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
      if (inspection == null && !binding.upstream().accounts().admits(principal)) {
        audit.refusal(now(), "no_account", "it has no account at the brokers");
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
  void onArrival(StageEvent arrival) {
    switch (arrival) {
      case StageEvent.At at -> enterAt(at.binding());
      case StageEvent.Unknown unknown ->
          session.close(CloseReason.UNKNOWN_SERVER_NAME, ": " + unknown.name());
      case StageEvent.Unnamed _ -> session.close(CloseReason.NO_SERVER_NAME, "");
      case StageEvent.BadProxyHeader bad ->
          session.close(CloseReason.BAD_PROXY_HEADER, ": " + bad.why());
      case StageEvent.BadHandshake bad ->
          session.close(
              CloseReason.AUTHENTICATION_FAILED,
              ": the handshake between gateways failed: " + bad.why());
      case StageEvent.From from -> {
        InetAddress own = from.client().getAddress();
        CloseReason refusal = services.shared().connections().move(counted, own);
        if (refusal == null) {
          address = from.client();
          counted = own;
        } else {
          session.close(refusal, ": " + from.client());
        }
      }
    }
  }

  private void enterAt(ListenerBinding where) {
    binding = where;
    login =
        where.authentication() instanceof Authentication.Sasl sasl
            ? new SaslTermination(session, sasl, where.mechanisms())
            : null;
    inspection = isPassedOn(where) ? new SaslInspection() : null;
    choosePlan();
  }

  /** Whether a client's own login goes to the broker: no account of ours could be in its way. */
  private static boolean isPassedOn(ListenerBinding where) {
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
  void onEncrypted(@Nullable X509Certificate certificate, @Nullable CertificateCheck proof) {
    standing.onCertificate(proof);
    if (session.isClosed()
        || certificate == null
        || !(binding.authentication() instanceof Authentication.Open open)) {
      return;
    }
    try {
      principal = open.rules().principal(certificate);
      choosePlan();
      audit.login(as(CERTIFICATE, principal.user()), AuthenticationMetrics.SUCCESS, null);
    } catch (IllegalArgumentException e) {
      audit.login(as(CERTIFICATE, null), SaslFailure.Reason.NOT_FOR_US.label(), e.getMessage());
      session.close(CloseReason.AUTHENTICATION_FAILED, ": " + e.getMessage());
    }
  }

  void onTlsFailure(Throwable cause) {
    if (!session.isClosed() && TlsFailures.isClientCertificateFailure(cause)) {
      audit.login(
          as(CERTIFICATE, null),
          SaslFailure.Reason.BAD_CREDENTIALS.label(),
          TlsFailures.explain(cause));
    }
    boolean plaintext = cause instanceof NotSslRecordException;
    session.close(
        plaintext ? CloseReason.PLAINTEXT_ON_TLS : CloseReason.TLS_FAILED,
        plaintext ? "" : ": " + TlsFailures.explain(cause));
  }

  void onAuthenticated(Principal proved, @Nullable CredentialCheck proof) {
    principal = proved;
    standing.onLogin(proved.mechanism(), proof);
    session.onAuthenticated();
  }

  /** A broker answers a request of this api with an error. */
  void onRefused(int apiKey) {
    if (inspection != null && inspection.isSasl(apiKey)) {
      inspection.onErrorResponse();
    }
  }

  /** A broker has answered a request of this api. */
  void onAnswered(int apiKey) {
    if (inspection != null && inspection.isActive()) {
      SaslInspection.Rejection refused = inspection.rejection(apiKey);
      if (refused != null) {
        audit.overheard(
            as(refused.mechanism(), named(refused.name())), "refused_by_broker", refused.what());
      }
      Principal proved = inspection.onResponse(apiKey);
      if (inspection.isNewLogin()) {
        audit.overheard(
            as(inspection.mechanism(), proved == null ? null : proved.user()),
            AuthenticationMetrics.SUCCESS,
            "by the broker");
      }
      if (proved != null && principal.equals(Principal.ANONYMOUS)) {
        principal = proved;
        choosePlan();
      }
    }
  }

  /** A request of this api is refused, because the operator forbids it. */
  void onForbidden(int apiKey) {
    if (plan().isForbidden(apiKey)) {
      audit.refusal(now(), "forbidden_api", Schemas.get().apiName(apiKey) + " is forbidden");
    }
  }

  /**
   * The session ends.
   *
   * @param detail empty or beginning with ": "
   */
  void close(CloseReason reason, String detail) {
    if (login != null) {
      login.close();
    }
    switch (reason) {
      case NOT_AUTHENTICATED,
          AUTHENTICATION_EXPIRED,
          NO_LONGER_LET_IN,
          BAD_PROXY_HEADER,
          UNKNOWN_SERVER_NAME,
          NO_SERVER_NAME,
          ACKS_ZERO_FORBIDDEN ->
          audit.refusal(now(), reason.name().toLowerCase(Locale.ROOT), reason.text() + detail);
      case BROKER_CLOSED, BROKER_RESET -> {
        SaslInspection.Rejection refused =
            inspection == null ? null : inspection.rejectionByClose();
        if (refused != null) {
          audit.overheard(
              as(refused.mechanism(), named(refused.name())),
              "refused_by_broker",
              "the broker ended the connection");
        }
      }
      default -> {
        // Logins that fail are told of where they do; the other ends have to do with nobody's name.
      }
    }
  }

  /** The client for the audit log, with what it says or has proved of itself. */
  Audit.Who as(String mechanism, @Nullable User user) {
    return new Audit.Who(binding.listener(), address, mechanism, user);
  }

  /** A name that was claimed, if one was. */
  static @Nullable User named(@Nullable String name) {
    return name == null ? null : User.named(name);
  }

  private Audit.Who now() {
    return as(
        principal.mechanism(), principal.equals(Principal.ANONYMOUS) ? null : principal.user());
  }

  /** For the log. */
  @Override
  public String toString() {
    return binding.listener()
        + " "
        + address
        + (principal.equals(Principal.ANONYMOUS) ? "" : " " + principal);
  }
}
