package io.gatehouse.gateway.flow;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.NewerApiVersions;
import io.gatehouse.gateway.plan.OwnResponse;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.gateway.sasl.AuthenticationGate;
import io.gatehouse.gateway.sasl.ClaimedName;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates a client by SASL at the gateway: SaslHandshake (KIP-43), tokens without header (v0)
 * or in SaslAuthenticate requests (KIP-152), and re-authentication (KIP-368). Requests are
 * processed one at a time; the session waits for each response. All methods run on the event loop;
 * credentials are verified on virtual threads.
 */
final class SaslTermination {

  /**
   * Delay before a failure is answered, to slow down guessing; the default of Kafka's
   * connection.failed.authentication.delay.ms.
   */
  private static final long FAILURE_DELAY_MILLIS = 100;

  /** Size of length, API key, version and correlation id, in bytes. */
  private static final int HEADER_BYTES = 12;

  /** Longer times are cut to ten years, because nanoseconds overflow after 292 years. */
  private static final long MAX_MILLIS = TimeUnit.DAYS.toMillis(3650);

  private final Session session;
  private final Authentication.Sasl settings;
  private final List<SaslMechanism> mechanisms;
  private @Nullable SaslMechanism mechanism;
  private @Nullable SaslExchange exchange;
  private @Nullable Principal principal;
  private String authenticatedBy = "";
  private boolean expectsRawToken;

  /** Whether the first token of the running exchange has arrived, and the name claimed in it. */
  private boolean firstTokenReceived;

  private volatile @Nullable String claimedName;

  /** The name claimed in the exchange that authenticated the client. */
  private @Nullable String authenticatedClaim;

  /** Tells verifying threads that the session has closed. */
  private volatile boolean abandoned;

  /**
   * When the session expires unless the client re-authenticates, in {@link System#nanoTime}; 0 for
   * never.
   */
  private long endsAt;

  SaslTermination(Session session, Authentication.Sasl settings, List<SaslMechanism> mechanisms) {
    this.session = session;
    this.settings = settings;
    this.mechanisms = mechanisms;
  }

  boolean isAuthenticated() {
    return principal != null;
  }

  /** Sets whether the next frame is a token without header. */
  private void expectRawToken(boolean headless) {
    expectsRawToken = headless;
    session.requests().sasl().expectTokenForGateway(headless);
  }

  boolean isExpired(long now) {
    return endsAt != 0 && now - endsAt > 0;
  }

  /**
   * Processes a frame. It is answered, now or later, by {@link LocalResponses#respond}, or the
   * session closes.
   *
   * @param frame with its length; valid during the call only
   */
  void onFrame(ByteBuf frame) {
    if (expectsRawToken) {
      byte[] token = new byte[frame.readableBytes() - 4];
      frame.getBytes(frame.readerIndex() + 4, token);
      verify(token, null);
      return;
    }
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    RequestRule rule = session.clientContext().plan().ruleByApi(apiKey, version);
    if (rule.equals(NewerApiVersions.REQUEST)) {
      answerApiVersions(frame);
      return;
    }
    if (rule instanceof RequestRule.Refuse refuse) {
      session.clientContext().onForbidden(apiKey);
      session.localResponses().refuseLast(frame, refuse.refusal());
      return;
    }
    MessageSchema schema = Schemas.get().request(apiKey);
    if (schema == null || !schema.valid().contains(version)) {
      session.close(
          CloseReason.UNSUPPORTED_VERSION,
          ": " + Schemas.get().apiName(apiKey) + " version " + version);
      return;
    }
    try {
      Struct request = read(frame, schema, version);
      switch (apiKey) {
        case Plan.API_VERSIONS -> apiVersions(frame, request);
        case Plan.SASL_HANDSHAKE -> handshake(frame, request.getString("Mechanism"), version);
        default -> authenticate(frame, request);
      }
    } catch (MalformedMessage e) {
      session.close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
    }
  }

  void close() {
    abandoned = true;
    endExchange();
  }

  private void endExchange() {
    if (exchange != null) {
      exchange.close();
      exchange = null;
    }
  }

  private Struct read(ByteBuf frame, MessageSchema schema, short version) {
    ByteBuf body = frame.slice(frame.readerIndex() + 4, frame.readableBytes() - 4);
    Struct header = Headers.readRequest(body);
    session.clientContext().information().readClientId(header.getStringOrNull("ClientId"));
    return TreeReader.read(schema.layout(version), body);
  }

  // ---- ApiVersions ------------------------------------------------------------------------------

  private void apiVersions(ByteBuf frame, Struct request) {
    boolean valid =
        !request.has("ClientSoftwareName")
            || session
                .clientContext()
                .information()
                .readSoftware(
                    request.getString("ClientSoftwareName"),
                    request.getString("ClientSoftwareVersion"));
    if (valid) {
      answerApiVersions(frame);
      return;
    }
    session
        .localResponses()
        .respond(
            OwnResponse.to(
                frame,
                response -> response.set("ErrorCode", ErrorCode.INVALID_REQUEST.number()),
                session.allocator()));
  }

  /**
   * Answers ApiVersions from what the gateway knows of the cluster. Brokers get no request of a
   * client that is not authenticated.
   */
  private void answerApiVersions(ByteBuf frame) {
    var cluster = session.binding().upstream().cluster();
    Struct known = cluster.apiVersions();
    if (known != null) {
      answerApiVersions(frame, known);
      return;
    }
    byte[] head = ByteBufUtil.getBytes(frame, frame.readerIndex(), HEADER_BYTES);
    cluster
        .whenApiVersionsKnown(session.loop())
        .addListener((Future<Optional<Struct>> found) -> {
          Optional<Struct> apis = found.getNow();
          if (!session.isClosed()) {
            if (apis.isPresent()) {
              answerApiVersions(Unpooled.wrappedBuffer(head), apis.get());
            } else {
              session.close(CloseReason.BROKER_UNREACHABLE, ": the cluster is not known yet");
            }
          }
        });
  }

  private void answerApiVersions(ByteBuf request, Struct known) {
    session
        .localResponses()
        .respond(
            session
                .clientContext()
                .plan()
                .ownApiVersions()
                .answer(request, known, session.allocator()));
  }

  // ---- the handshake ----------------------------------------------------------------------------

  private void handshake(ByteBuf frame, String name, short version) {
    mechanism = null;
    for (SaslMechanism one : mechanisms) {
      // The mechanism must not change in a re-authentication (KIP-368).
      if (one.name().equals(name) && (principal == null || name.equals(authenticatedBy))) {
        mechanism = one;
      }
    }
    SaslMechanism chosen = mechanism;
    ByteBuf answer =
        OwnResponse.to(
            frame,
            response ->
                response
                    .set(
                        "ErrorCode",
                        (chosen == null ? ErrorCode.UNSUPPORTED_SASL_MECHANISM : ErrorCode.NONE)
                            .number())
                    .set("Mechanisms", mechanisms.stream().map(SaslMechanism::name).toList()),
            session.allocator());
    if (chosen == null) {
      session
          .services()
          .shared()
          .audit()
          .login(
              session.clientContext().subject(printable(name), null),
              name.length() > 20 ? "other" : "unsupported",
              "unsupported_mechanism",
              "the mechanism is not offered");
      session
          .localResponses()
          .respondAndClose(
              answer,
              CloseReason.AUTHENTICATION_FAILED,
              ": the SASL mechanism '" + printable(name) + "' is not offered");
      return;
    }
    endExchange();
    firstTokenReceived = false;
    claimedName = null;
    exchange =
        chosen.begin(
            new Peer(
                session.clientContext().address().getAddress(),
                session.binding().listener(),
                session.client().local().host(),
                session.client().isEncrypted()));
    expectRawToken(version == 0);
    session.localResponses().respond(answer);
  }

  private static String printable(String name) {
    String shown = name.replaceAll("[^A-Za-z0-9_-]", "?");
    return shown.length() > 40 ? shown.substring(0, 40) + "..." : shown;
  }

  // ---- tokens -----------------------------------------------------------------------------------

  private void authenticate(ByteBuf frame, Struct request) {
    if (exchange == null) {
      session
          .localResponses()
          .respondAndClose(
              OwnResponse.to(
                  frame,
                  response ->
                      response
                          .set("ErrorCode", ErrorCode.ILLEGAL_SASL_STATE.number())
                          .set("ErrorMessage", "SaslAuthenticate without SaslHandshake"),
                  session.allocator()),
              CloseReason.AUTHENTICATION_FAILED,
              ": SaslAuthenticate without SaslHandshake");
      return;
    }
    // The response needs only the header; the frame is released before the token is verified.
    verify(
        request.getBytes("AuthBytes"),
        ByteBufUtil.getBytes(frame, frame.readerIndex(), HEADER_BYTES));
  }

  /**
   * Verifies a token.
   *
   * @param head the request's length, API key, version and correlation id; null for a token without
   *     header
   */
  private void verify(byte[] token, byte @Nullable [] head) {
    SaslExchange running = exchange;
    if (running == null) {
      session.close(CloseReason.AUTHENTICATION_FAILED, ": a SASL token outside of an exchange");
      return;
    }
    AuthenticationGate gate = session.services().shared().gate();
    boolean first = !firstTokenReceived;
    firstTokenReceived = true;
    String mechanismOfToken = mechanismName();
    String authenticatedName = authenticatedClaim;
    boolean again = principal != null;
    ClientContext clientContext = session.clientContext();
    InetAddress address = clientContext.address().getAddress();
    boolean shared = clientContext.counted() == null;
    Thread.ofVirtual()
        .name("authenticate")
        .start(() -> {
          try {
            // A further token after a refusal is not counted as another failure.
            if (running.refusal() != null) {
              running.next(token);
            }
            if (first) {
              claimedName = ClaimedName.in(mechanismOfToken, token);
            }
            String name = claimedName;
            AuthenticationGate.Attempt attempt =
                new AuthenticationGate.Attempt(
                    address, name, shared, again && Objects.equals(name, authenticatedName));
            byte[] answer =
                gate.verify(attempt, () -> abandoned ? new byte[0] : running.next(token));
            if (running.refusal() != null) {
              gate.failed(attempt);
            } else if (running.outcome() != null) {
              gate.succeeded(attempt);
            }
            onLoop(() -> onVerified(running, answer, head));
          } catch (SaslFailure e) {
            onLoop(() -> onFailed(running, e, head));
          } catch (RuntimeException | Error e) { // must not leave the client waiting
            onLoop(() -> session.onInternalError(e));
          }
        });
  }

  private void onLoop(Runnable task) {
    session.loop().execute(task);
  }

  private void onVerified(SaslExchange running, byte[] answer, byte @Nullable [] head) {
    SaslFailure refused = running.refusal();
    if (refused != null) {
      auditFailure(refused);
    }
    if (session.isClosed()) {
      return;
    }
    session.loop().readClock();
    Outcome outcome = running.outcome();
    long lifetime = 0;
    if (outcome != null) {
      String refusal = refusal(outcome.principal());
      if (refusal != null) {
        onFailed(running, new SaslFailure(SaslFailure.Reason.NOT_FOR_US, refusal), head);
        return;
      }
      lifetime = lifetime(outcome);
      onAuthenticated(outcome, lifetime);
    }
    long millis = lifetime;
    if (head == null) {
      ByteBuf framed = session.client().buffer(4 + answer.length);
      session.localResponses().respond(framed.writeInt(answer.length).writeBytes(answer));
    } else {
      ByteBuf response =
          OwnResponse.to(
              Unpooled.wrappedBuffer(head),
              body -> body.set("AuthBytes", answer).setIfPresent("SessionLifetimeMs", millis),
              session.allocator());
      session.localResponses().respond(response);
    }
  }

  /** Why a user whose credentials are right must not use this connection; null if it may. */
  private @Nullable String refusal(Principal proved) {
    Principal before = principal;
    if (before != null && !before.user().equals(proved.user())) {
      return "re-authentication as " + proved + " instead of " + before;
    }
    return session.clientContext().exclusion(proved);
  }

  private void onAuthenticated(Outcome proved, long lifetime) {
    session
        .services()
        .shared()
        .audit()
        .login(
            session.clientContext().subject(mechanismName(), proved.principal().user()),
            AuthenticationMetrics.SUCCESS,
            principal == null ? null : "re-authentication");
    endExchange();
    expectRawToken(false);
    authenticatedBy = mechanismName();
    authenticatedClaim = claimedName;
    principal = proved.principal();
    endsAt =
        lifetime == 0
            ? 0
            : Math.max(1, session.loop().now() + TimeUnit.MILLISECONDS.toNanos(lifetime));
    session.clientContext().onAuthenticated(proved.principal(), proved.check());
  }

  /** Session lifetime in milliseconds; 0 for no limit. */
  private long lifetime(Outcome outcome) {
    long max = settings.maxSession().toMillis();
    if (outcome.expires() == null) {
      return max;
    }
    long left = Math.max(1, Duration.between(Instant.now(), outcome.expires()).toMillis());
    return Math.min(MAX_MILLIS, max == 0 ? left : Math.min(max, left));
  }

  private void onFailed(SaslExchange running, SaslFailure failure, byte @Nullable [] head) {
    if (running.refusal() == null) { // otherwise audited before
      auditFailure(failure);
    }
    if (session.isClosed()) {
      return;
    }
    endExchange();
    expectRawToken(false);
    String detail = ": " + mechanismName() + ": " + failure.getMessage();
    session
        .loop()
        .eventLoop()
        .schedule(
            () -> {
              // Clients do not retry after an error response, but do after a disconnect, so
              // temporary failures disconnect.
              if (head == null || session.isClosed() || isTemporary(failure.reason())) {
                session.close(CloseReason.AUTHENTICATION_FAILED, detail);
              } else {
                session
                    .localResponses()
                    .respondAndClose(
                        OwnResponse.to(
                            Unpooled.wrappedBuffer(head),
                            response ->
                                response
                                    .set("ErrorCode", ErrorCode.SASL_AUTHENTICATION_FAILED.number())
                                    .set("ErrorMessage", failure.toClient()),
                            session.allocator()),
                        CloseReason.AUTHENTICATION_FAILED,
                        detail);
              }
            },
            FAILURE_DELAY_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private static boolean isTemporary(SaslFailure.Reason reason) {
    return reason == SaslFailure.Reason.UNAVAILABLE || reason == SaslFailure.Reason.THROTTLED;
  }

  private String mechanismName() {
    return mechanism == null ? "none" : mechanism.name();
  }

  /** Writes the audit line of a failure, even if the client has disconnected. */
  private void auditFailure(SaslFailure failure) {
    session
        .services()
        .shared()
        .audit()
        .login(
            session.clientContext().subject(mechanismName(), ClientContext.userOf(claimedName)),
            failure.reason().label(),
            failure.getMessage());
  }
}
