package io.gatehouse.gateway.flow;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.gateway.cluster.NodeIds;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.net.TlsFailures;
import io.gatehouse.gateway.nodes.Balancing;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.plan.ProducerIds;
import io.gatehouse.gateway.sasl.SaslInspection;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.tap.TapFrame;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.tls.CertificateCheck;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a session's client: how it connected and who it is, as found out by the
 * handlers before the session, TLS and SASL.
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
  private final Revalidation revalidation;

  /** Whether a member of a group was told to join again. */
  private boolean rejoined;

  /** The plan for the client's next request, and the plans that it was chosen from. */
  private @Nullable Plan plan;

  private @Nullable Plans planFrom;

  /** The client as plans see it; built on first use. */
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
    this.revalidation = new Revalidation(session);
    bind(binding);
  }

  ListenerBinding binding() {
    return binding;
  }

  /** The client's address, which a load balancer may have reported in a PROXY header. */
  InetSocketAddress address() {
    return address;
  }

  /**
   * The address that the connection counts for in {@link ConnectionLimits}; null for that of a load
   * balancer.
   */
  @Nullable InetAddress counted() {
    return counted;
  }

  /**
   * The client's authentication by the gateway; null if the gateway does not authenticate clients.
   */
  @Nullable SaslTermination login() {
    return login;
  }

  /** The inspection of a SASL exchange between client and broker; null if there is none. */
  @Nullable SaslInspection inspection() {
    return inspection;
  }

  /**
   * Whether a member of a group that has been switched to this cluster must join again: once for
   * each connection.
   */
  boolean mustRejoinGroup() {
    boolean first = !rejoined;
    rejoined = true;
    return first;
  }

  /** The client id and software of the client. */
  ClientInformation information() {
    return information;
  }

  /** The client id for the gateway's own requests on this client's broker connection. */
  String clientId() {
    return information.clientId(binding.upstream().connector().settings().clientId());
  }

  /**
   * A hash of what identifies the client, which is the same on all gateway nodes and for all
   * connections of the client.
   */
  long hash() {
    String id = information.clientId();
    long known =
        Balancing.hash(Arrays.hashCode(address.getAddress().getAddress()), principal.name());
    return id == null ? known : Balancing.hash(known, id);
  }

  /** The choice of gateway nodes for this client's listener; null for none. */
  @Nullable Balancing balancing() {
    return services.nodes().balancing(binding.listener());
  }

  /** The client as taps see it. */
  TapFrame.Peer peer() {
    return new TapFrame.Peer(
        binding.listener(),
        address,
        information.clientId(),
        principal.equals(Principal.ANONYMOUS) ? null : principal.toString());
  }

  /** The gateway's login at brokers for this client; null if it does not log in. */
  @Nullable Login gatewayLogin() {
    return binding.authentication() instanceof Authentication.Forwarded
        ? null
        : binding.upstream().login(principal, place(principal).name());
  }

  /**
   * The plan for the client's next request. Another plan applies before the gateway has
   * authenticated the client than after it.
   */
  Plan plan() {
    Plans current = services.plans();
    Plan chosen = plan;
    if (chosen == null || !current.equals(planFrom)) {
      Place place = place(principal); // once, so that both are of the same time
      caller = callerNow(place);
      Plan.Scope scope = scope(place);
      chosen = current.of(chosen == null ? scope : chosen.followedBy(scope), caller());
      plan = chosen;
      planFrom = current;
    }
    return chosen;
  }

  /** Discards the chosen plan, because something that it depends on has changed. */
  void resetPlan() {
    plan = null;
    caller = null;
  }

  /** The client as plans and steps see it. */
  Caller caller() {
    if (caller == null) {
      caller = callerNow(place(principal));
    }
    return caller;
  }

  private Caller callerNow(Place place) {
    return CallerAccess.callerOf(caller, principal, address, binding.listener(), place, services);
  }

  /** The properties that select a plan, in addition to the rules. */
  private Plan.Scope scope(Place place) {
    Plan.Sasl sasl =
        login != null
            ? login.isAuthenticated() ? Plan.Sasl.TERMINATED : Plan.Sasl.BEFORE_LOGIN
            : gatewayLogin() != null ? Plan.Sasl.REFUSED : Plan.Sasl.PASSED;
    NodeIds ids = binding.upstream().cluster().ids();
    Place seen = sasl == Plan.Sasl.BEFORE_LOGIN ? Place.PASSTHROUGH : place;
    return new Plan.Scope(
        sasl,
        !(binding.target() instanceof Target.Unnamed),
        ids.areShared() ? new ProducerIds(ids.switches()) : null,
        CallerAccess.sight(seen, caller(), binding.upstream().cluster().topics()));
  }

  /** Why a user must not use this connection; null if it may. */
  @Nullable String exclusion(Principal user) {
    if (!binding.upstream().accounts().admits(user, () -> place(user).name())) {
      return user + " has no account at the brokers";
    }
    return place(user) instanceof Place.Nowhere(String reason) ? reason : null;
  }

  /** What a user of this connection sees of the cluster. */
  Place place(Principal user) {
    return services.tenants().of(user.user(), binding.listener());
  }

  /**
   * Whether the next request may have to wait: a credential must be verified again, the session has
   * expired, or a login is pending.
   */
  boolean mustWait(long now) {
    return revalidation.isDue() || (login != null && login.isExpired(now)) || isLoginPending();
  }

  /** Whether the broker has not answered the client's SASL request yet. */
  boolean isLoginPending() {
    return inspection != null && inspection.isAwaitingResponse();
  }

  /** Passes a frame to the client's authentication by the gateway. */
  void authenticate(ByteBuf frame) {
    SaslTermination exchange = login;
    if (exchange == null) {
      throw new IllegalStateException("the gateway does not authenticate this client");
    }
    exchange.onFrame(frame);
  }

  /** Allows tokens without header, after the broker has accepted SaslHandshake v0. */
  void expectTokensForBroker() {
    if (inspection != null) {
      session.requests().sasl().expectTokensForBroker(inspection.rawTokens());
    }
  }

  /**
   * Whether the next request must wait because a certificate or login is being verified again.
   * Starts the verification if necessary.
   */
  boolean isRevalidating() {
    return revalidation.startIfOutdated();
  }

  /** Whether the client may send requests to brokers. Closes the session if not. */
  boolean checkAuthorized() {
    if (revalidation.isCertificateExpired()) {
      session.close(CloseReason.AUTHENTICATION_EXPIRED, ": the client's certificate has expired");
      return false;
    }
    if (login == null) {
      if (inspection == null
          && !binding.upstream().accounts().admits(principal, () -> place(principal).name())) {
        audit.refusal(subject(), "no_account", "no account at the brokers for this principal");
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

  /** Handles what a handler before the session has found out. */
  void onStageEvent(StageEvent event) {
    switch (event) {
      case StageEvent.BindingFound at -> bind(at.binding());
      case StageEvent.UnknownServerName unknown ->
          session.close(CloseReason.UNKNOWN_SERVER_NAME, ": " + unknown.name());
      case StageEvent.MissingServerName _ -> session.close(CloseReason.NO_SERVER_NAME, "");
      case StageEvent.BadProxyHeader bad ->
          session.close(CloseReason.BAD_PROXY_HEADER, ": " + bad.reason());
      case StageEvent.BadHandshake bad ->
          session.close(
              CloseReason.AUTHENTICATION_FAILED,
              ": the handshake between gateways failed: " + bad.reason());
      case StageEvent.ProxiedClient from -> {
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

  private void bind(ListenerBinding where) {
    binding = where;
    login =
        where.authentication() instanceof Authentication.Sasl sasl
            ? new SaslTermination(session, sasl, where.mechanisms())
            : null;
    inspection = isSaslForwarded(where) ? new SaslInspection() : null;
    resetPlan();
  }

  /**
   * Whether the client's SASL requests are forwarded: the gateway itself does not log in at the
   * brokers.
   */
  private static boolean isSaslForwarded(ListenerBinding where) {
    return where.authentication() instanceof Authentication.Forwarded
        || (where.authentication() instanceof Authentication.Open
            && where.upstream().accounts().equals(Accounts.NONE));
  }

  /**
   * The TLS handshake is complete.
   *
   * @param certificate the client's verified certificate; null if it presented none
   * @param proof verifies the certificate again; null if there is none
   */
  void onTlsHandshake(@Nullable X509Certificate certificate, @Nullable CertificateCheck proof) {
    revalidation.onCertificate(proof);
    if (session.isClosed()
        || certificate == null
        || !(binding.authentication() instanceof Authentication.Open open)) {
      return;
    }
    try {
      var user = CertificateLogin.of(certificate, open, services.tenants(), binding.listener());
      principal = user.principal();
      revalidation.onLogin(CERTIFICATE, user.check());
      resetPlan();
      audit.login(subject(CERTIFICATE, principal.user()), AuthenticationMetrics.SUCCESS, null);
    } catch (IllegalArgumentException e) {
      audit.login(
          subject(CERTIFICATE, null), SaslFailure.Reason.NOT_FOR_US.label(), e.getMessage());
      session.close(CloseReason.AUTHENTICATION_FAILED, ": " + e.getMessage());
    }
  }

  void onTlsFailure(Throwable cause) {
    if (!session.isClosed() && TlsFailures.isClientCertificateFailure(cause)) {
      audit.login(
          subject(CERTIFICATE, null),
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
    revalidation.onLogin(proved.mechanism(), proof);
    session.onAuthenticated();
  }

  /** A broker's response to a request of this API contains an error. */
  void onErrorResponse(int apiKey) {
    if (inspection != null && inspection.isSasl(apiKey)) {
      inspection.onErrorResponse();
    }
  }

  /** A broker's response to a request of this API is complete. */
  void onResponse(int apiKey) {
    if (inspection != null && inspection.isActive()) {
      SaslInspection.Rejection refused = inspection.rejection(apiKey);
      if (refused != null) {
        audit.brokerLogin(
            subject(refused.mechanism(), userOf(refused.name())),
            "refused_by_broker",
            refused.what());
      }
      Principal proved = inspection.onResponse(apiKey);
      if (inspection.isNewLogin()) {
        audit.brokerLogin(
            subject(inspection.mechanism(), proved == null ? null : proved.user()),
            AuthenticationMetrics.SUCCESS,
            "by the broker");
      }
      if (proved != null && principal.equals(Principal.ANONYMOUS)) {
        principal = proved;
        resetPlan();
      }
    }
  }

  /**
   * A request of this API is refused by the rules. Writes an audit line if the operator forbids the
   * API.
   */
  void onForbidden(int apiKey) {
    if (plan().isForbidden(apiKey)) {
      audit.refusal(subject(), "forbidden_api", Schemas.get().apiName(apiKey) + " is forbidden");
    }
  }

  /** A request is refused. Writes an audit line if that is because of who has sent it. */
  void onRefused(RefusalReason cause, int apiKey) {
    onForbidden(apiKey);
    if (cause == RefusalReason.NO_RIGHT) {
      audit.refusal(subject(), "no_right", Schemas.get().apiName(apiKey) + " needs a right");
    }
  }

  /** The gateway has carried out what the client asked for; null if there is nothing to tell. */
  void onChange(Decision.@Nullable Audited change) {
    if (change != null) {
      audit.change(subject(), change);
    }
  }

  /**
   * The session closes.
   *
   * @param detail empty or starting with ": "
   */
  void close(CloseReason reason, String detail) {
    if (login != null) {
      login.close();
    }
    switch (reason) {
      case NOT_AUTHENTICATED,
          AUTHENTICATION_EXPIRED,
          ACCESS_REVOKED,
          BAD_PROXY_HEADER,
          UNKNOWN_SERVER_NAME,
          NO_SERVER_NAME,
          ACKS_ZERO_FORBIDDEN ->
          audit.refusal(subject(), reason.name().toLowerCase(Locale.ROOT), reason.text() + detail);
      case BROKER_CLOSED, BROKER_RESET -> {
        SaslInspection.Rejection refused =
            inspection == null ? null : inspection.rejectionByClose();
        if (refused != null) {
          audit.brokerLogin(
              subject(refused.mechanism(), userOf(refused.name())),
              "refused_by_broker",
              "the broker closed the connection");
        }
      }
      default -> {
        // Failed logins were audited before; other reasons do not depend on the client's identity.
      }
    }
  }

  /** The client for the audit log, with a claimed or authenticated user. */
  Audit.Subject subject(String mechanism, @Nullable User user) {
    return new Audit.Subject(
        binding.listener(), address, mechanism, user, session.client().channel().localAddress());
  }

  /** The user of a claimed name; null for null. */
  static @Nullable User userOf(@Nullable String name) {
    return name == null ? null : User.named(name);
  }

  /** The client for the audit log. */
  Audit.Subject subject() {
    return subject(
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
