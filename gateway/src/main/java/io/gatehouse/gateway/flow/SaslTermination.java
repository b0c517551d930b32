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
 * The SASL exchange with one client that ends here: handshake (KIP-43), tokens raw (v0) or in
 * requests (KIP-152), and again when the session's time is over (KIP-368). Requests come one at a
 * time; the session does not go on before each is answered. All methods run on the event loop; a
 * proof is checked on a virtual thread.
 */
final class SaslTermination {

  /** As Kafka's connection.failed.authentication.delay.ms: guessing takes time. */
  private static final long FAILURE_DELAY_MILLIS = 100;

  /** Length, api key, version, correlation id. */
  private static final int HEAD = 12;

  /** Nobody's clock lasts longer, and nanoseconds overflow after three centuries. */
  private static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(3650);

  private final Session session;
  private final Authentication.Sasl settings;
  private final List<SaslMechanism> mechanisms;
  private @Nullable SaslMechanism mechanism;
  private @Nullable SaslExchange exchange;
  private @Nullable Principal principal;
  private String provedBy = "";
  private boolean raw;

  /** Of the exchange that runs: whether its first token has come, and the name claimed in it. */
  private boolean begun;

  private volatile @Nullable String claimed;

  /** What was claimed in the exchange that proved the principal. */
  private @Nullable String provedClaim;

  /** Read by the threads that check proofs: nobody waits for the outcome any more. */
  private volatile boolean abandoned;

  /** When the client must have authenticated anew, in {@link System#nanoTime}; 0 for never. */
  private long endsAt;

  SaslTermination(Session session, Authentication.Sasl settings, List<SaslMechanism> mechanisms) {
    this.session = session;
    this.settings = settings;
    this.mechanisms = mechanisms;
  }

  boolean isAuthenticated() {
    return principal != null;
  }

  /** Whether the next frame is a token without a head. */
  private void expectToken(boolean headless) {
    raw = headless;
    session.requests().sasl().expectTokenHere(headless);
  }

  boolean isExpired(long now) {
    return endsAt != 0 && now - endsAt > 0;
  }

  /**
   * Answers a frame, now or later, by {@link LocalResponses#answer} or by ending the session.
   *
   * @param frame with its length; valid during the call only
   */
  void take(ByteBuf frame) {
    if (raw) {
      byte[] token = new byte[frame.readableBytes() - 4];
      frame.getBytes(frame.readerIndex() + 4, token);
      check(token, null);
      return;
    }
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    RequestRule rule = session.clientContext().plan().ruleByApi(apiKey, version);
    if (rule.equals(NewerApiVersions.REQUEST)) {
      tellApis(frame);
      return;
    }
    if (rule instanceof RequestRule.Refuse refuse) {
      session.clientContext().onForbidden(apiKey);
      session.answers().refuseLast(frame, refuse.refusal());
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
        case Plan.API_VERSIONS -> hearApiVersions(frame, request);
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
    session.clientContext().information().hearClientId(header.getStringOrNull("ClientId"));
    return TreeReader.read(schema.layout(version), body);
  }

  // ---- ApiVersions ------------------------------------------------------------------------------

  private void hearApiVersions(ByteBuf frame, Struct request) {
    boolean valid =
        !request.has("ClientSoftwareName")
            || session
                .clientContext()
                .information()
                .hearSoftware(
                    request.getString("ClientSoftwareName"),
                    request.getString("ClientSoftwareVersion"));
    if (valid) {
      tellApis(frame);
      return;
    }
    session
        .answers()
        .answer(
            OwnResponse.to(
                frame,
                response -> response.set("ErrorCode", ErrorCode.INVALID_REQUEST.number()),
                session.allocator()));
  }

  /**
   * Clients ask for the apis first; the brokers hear nothing of a client that is not let in yet.
   */
  private void tellApis(ByteBuf frame) {
    var cluster = session.binding().upstream().cluster();
    Struct known = cluster.apiVersions();
    if (known != null) {
      tellApis(frame, known);
      return;
    }
    byte[] head = ByteBufUtil.getBytes(frame, frame.readerIndex(), HEAD);
    cluster
        .whenApiVersionsKnown(session.loop())
        .addListener((Future<Optional<Struct>> found) -> {
          Optional<Struct> apis = found.getNow();
          if (!session.isClosed()) {
            if (apis.isPresent()) {
              tellApis(Unpooled.wrappedBuffer(head), apis.get());
            } else {
              session.close(CloseReason.BROKER_UNREACHABLE, ": the cluster is not known yet");
            }
          }
        });
  }

  /**
   * @param request at least its head
   */
  private void tellApis(ByteBuf request, Struct known) {
    session
        .answers()
        .answer(
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
      // A session goes on with the mechanism it began with (KIP-368).
      if (one.name().equals(name) && (principal == null || name.equals(provedBy))) {
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
              session.clientContext().as(printable(name), null),
              name.length() > 20 ? "other" : "unsupported",
              "unsupported_mechanism",
              "the mechanism is not offered");
      session
          .answers()
          .answerAndClose(
              answer,
              CloseReason.AUTHENTICATION_FAILED,
              ": the SASL mechanism '" + printable(name) + "' is not offered");
      return;
    }
    endExchange();
    begun = false;
    claimed = null;
    exchange =
        chosen.begin(
            new Peer(
                session.clientContext().address().getAddress(),
                session.binding().listener(),
                session.client().local().host(),
                session.client().isEncrypted()));
    expectToken(version == 0);
    session.answers().answer(answer);
  }

  private static String printable(String name) {
    String shown = name.replaceAll("[^A-Za-z0-9_-]", "?");
    return shown.length() > 40 ? shown.substring(0, 40) + "..." : shown;
  }

  // ---- tokens -----------------------------------------------------------------------------------

  private void authenticate(ByteBuf frame, Struct request) {
    if (exchange == null) {
      session
          .answers()
          .answerAndClose(
              OwnResponse.to(
                  frame,
                  response ->
                      response
                          .set("ErrorCode", ErrorCode.ILLEGAL_SASL_STATE.number())
                          .set("ErrorMessage", "SaslAuthenticate came before SaslHandshake"),
                  session.allocator()),
              CloseReason.AUTHENTICATION_FAILED,
              ": SaslAuthenticate before SaslHandshake");
      return;
    }
    // Only the head is needed for the answer, and the proof is checked while the frame goes.
    check(request.getBytes("AuthBytes"), ByteBufUtil.getBytes(frame, frame.readerIndex(), HEAD));
  }

  /**
   * @param head the request's length, api, version and correlation id; null for a raw token
   */
  private void check(byte[] token, byte @Nullable [] head) {
    SaslExchange running = exchange;
    if (running == null) {
      session.close(CloseReason.AUTHENTICATION_FAILED, ": a token after the end of the exchange");
      return;
    }
    AuthenticationGate gate = session.services().shared().gate();
    boolean first = !begun;
    begun = true;
    String mechanismOfToken = mechanismName();
    String provedName = provedClaim;
    boolean again = principal != null;
    ClientContext clientContext = session.clientContext();
    InetAddress address = clientContext.address().getAddress();
    boolean shared = clientContext.counted() == null;
    Thread.ofVirtual()
        .name("authenticate")
        .start(() -> {
          try {
            // Who was refused already and only has to hear it is not counted twice.
            if (running.refusal() != null) {
              running.next(token);
            }
            if (first) {
              claimed = ClaimedName.in(mechanismOfToken, token);
            }
            String name = claimed;
            AuthenticationGate.Attempt attempt =
                new AuthenticationGate.Attempt(
                    address, name, shared, again && Objects.equals(name, provedName));
            byte[] answer =
                gate.verify(attempt, () -> abandoned ? new byte[0] : running.next(token));
            if (running.refusal() != null) {
              gate.failed(attempt);
            } else if (running.outcome() != null) {
              gate.succeeded(attempt);
            }
            onLoop(() -> passed(running, answer, head));
          } catch (SaslFailure e) {
            onLoop(() -> failed(running, e, head));
          } catch (RuntimeException | Error e) { // the client waits for an answer, whatever comes
            onLoop(() -> session.onBug(e));
          }
        });
  }

  private void onLoop(Runnable task) {
    session.loop().execute(task);
  }

  private void passed(SaslExchange running, byte[] answer, byte @Nullable [] head) {
    SaslFailure refused = running.refusal();
    if (refused != null) {
      tell(refused);
    }
    if (session.isClosed()) {
      return;
    }
    session.loop().readClock();
    Outcome outcome = running.outcome();
    long lifetime = 0;
    if (outcome != null) {
      Principal before = principal;
      SaslFailure refusal =
          before != null && !before.user().equals(outcome.principal().user())
              ? new SaslFailure(
                  SaslFailure.Reason.NOT_FOR_US,
                  "re-authentication as " + outcome.principal() + " where it was " + before)
              : !session.binding().upstream().accounts().admits(outcome.principal())
                  ? new SaslFailure(
                      SaslFailure.Reason.NOT_FOR_US,
                      outcome.principal() + " has no account at the brokers")
                  : null;
      if (refusal != null) {
        failed(running, refusal, head);
        return;
      }
      lifetime = lifetime(outcome);
      succeeded(outcome, lifetime);
    }
    long millis = lifetime;
    if (head == null) {
      session
          .answers()
          .answer(session.buffer(4 + answer.length).writeInt(answer.length).writeBytes(answer));
    } else {
      ByteBuf response =
          OwnResponse.to(
              Unpooled.wrappedBuffer(head),
              body -> body.set("AuthBytes", answer).setIfPresent("SessionLifetimeMs", millis),
              session.allocator());
      session.answers().answer(response);
    }
  }

  private void succeeded(Outcome proved, long lifetime) {
    session
        .services()
        .shared()
        .audit()
        .login(
            session.clientContext().as(mechanismName(), proved.principal().user()),
            AuthenticationMetrics.SUCCESS,
            principal == null ? null : "an open session goes on");
    endExchange();
    expectToken(false);
    provedBy = mechanismName();
    provedClaim = claimed;
    principal = proved.principal();
    endsAt =
        lifetime == 0
            ? 0
            : Math.max(1, session.loop().now() + TimeUnit.MILLISECONDS.toNanos(lifetime));
    session.clientContext().onAuthenticated(proved.principal(), proved.check());
  }

  /** Milliseconds until the client must authenticate anew, 0 for never. */
  private long lifetime(Outcome outcome) {
    long most = settings.maxSession().toMillis();
    if (outcome.expires() == null) {
      return most;
    }
    long left = Math.max(1, Duration.between(Instant.now(), outcome.expires()).toMillis());
    return Math.min(LONGEST_MILLIS, most == 0 ? left : Math.min(most, left));
  }

  private void failed(SaslExchange running, SaslFailure failure, byte @Nullable [] head) {
    if (running.refusal() == null) { // else it was told before
      tell(failure);
    }
    if (session.isClosed()) {
      return;
    }
    endExchange();
    expectToken(false);
    String detail = ": " + mechanismName() + ": " + failure.getMessage();
    session
        .loop()
        .eventLoop()
        .schedule(
            () -> {
              // Clients give up for good on an answer, and try again after a disconnect.
              if (head == null || session.isClosed() || isForAWhile(failure.reason())) {
                session.close(CloseReason.AUTHENTICATION_FAILED, detail);
              } else {
                session
                    .answers()
                    .answerAndClose(
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

  private static boolean isForAWhile(SaslFailure.Reason reason) {
    return reason == SaslFailure.Reason.UNAVAILABLE || reason == SaslFailure.Reason.THROTTLED;
  }

  private String mechanismName() {
    return mechanism == null ? "none" : mechanism.name();
  }

  /** Tells of a failure, also of a client that did not wait for the answer. */
  private void tell(SaslFailure failure) {
    session
        .services()
        .shared()
        .audit()
        .login(
            session.clientContext().as(mechanismName(), ClientContext.named(claimed)),
            failure.reason().label(),
            failure.getMessage());
  }
}
