package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Logs in at a broker as a SASL client: SaslHandshake, then SaslAuthenticate until the exchange is
 * complete (KIP-152). Tokens are made on virtual threads, since that may block.
 */
public final class SaslInitiation {

  /** Since Kafka 1.0: tokens are sent in SaslAuthenticate requests (KIP-152). */
  private static final int HANDSHAKE_VERSION = 1;

  /** Since Kafka 2.2: the response holds the session lifetime (KIP-368). */
  private static final int AUTHENTICATE_VERSION = 1;

  private static final int MAX_ROUNDS = 16;

  private final Login login;
  private final String host;
  private final RequestSender broker;
  private final Loop loop;
  private final Promise<Long> done;
  private @Nullable LoginExchange exchange;
  private int rounds;

  private SaslInitiation(Login login, String host, RequestSender broker, Loop loop) {
    this.login = login;
    this.host = host;
    this.broker = broker;
    this.loop = loop;
    this.done = loop.eventLoop().newPromise();
  }

  /**
   * Starts a login. The future completes on {@code loop} with the session lifetime in ms after
   * which the broker requires re-authentication, 0 for never. It fails with an {@link IOException},
   * which is a {@link LoginRefusedException} if the broker refused.
   *
   * @param host the host in the broker's address
   */
  public static Future<Long> begin(Login login, String host, RequestSender broker, Loop loop) {
    SaslInitiation conversation = new SaslInitiation(login, host, broker, loop);
    conversation.handshake();
    return conversation.done.addListener(ended -> conversation.close());
  }

  private void handshake() {
    broker
        .send(
            new GatewayRequest(
                GatewayRequest.SASL_HANDSHAKE,
                HANDSHAKE_VERSION,
                body -> body.set("Mechanism", login.mechanism())))
        .addListener((Future<Struct> answered) -> {
          if (!answered.isSuccess()) {
            done.tryFailure(answered.cause());
          } else if (answered.getNow().getInt("ErrorCode") != 0) {
            fail(
                "the broker does not offer the SASL mechanism "
                    + login.mechanism()
                    + ", it offers "
                    + answered.getNow().get("Mechanisms"));
          } else {
            makeToken(
                0,
                () -> {
                  LoginExchange begun = login.begin(host);
                  exchange = begun;
                  return begun.first();
                });
          }
        });
  }

  @FunctionalInterface
  private interface TokenSource {
    byte @Nullable [] token() throws LoginFailure;
  }

  /**
   * Makes a token on a virtual thread and sends it.
   *
   * @param lifetime session lifetime of the last response, in ms
   */
  private void makeToken(long lifetime, TokenSource source) {
    Thread.ofVirtual()
        .name("login")
        .start(() -> {
          try {
            byte[] token = source.token();
            loop.execute(() -> sendToken(token, lifetime));
          } catch (LoginFailure e) {
            loop.execute(() -> fail(String.valueOf(e.getMessage())));
          } catch (RuntimeException | Error e) { // the future must complete in any case
            loop.execute(() -> fail(e.toString()));
          }
        });
  }

  private void sendToken(byte @Nullable [] token, long lifetime) {
    if (done.isDone()) {
      close(); // the login was cancelled while the token was made
    } else if (token == null) {
      finish(lifetime);
    } else if (++rounds > MAX_ROUNDS) {
      fail("the exchange takes more than " + MAX_ROUNDS + " rounds");
    } else {
      broker
          .send(
              new GatewayRequest(
                  GatewayRequest.SASL_AUTHENTICATE,
                  AUTHENTICATE_VERSION,
                  body -> body.set("AuthBytes", token)))
          .addListener((Future<Struct> answered) -> {
            if (!answered.isSuccess()) {
              done.tryFailure(answered.cause());
            } else {
              onResponse(answered.getNow());
            }
          });
    }
  }

  private void onResponse(Struct response) {
    if (response.getInt("ErrorCode") != 0) {
      fail("the broker refuses the login: " + response.get("ErrorMessage"));
      return;
    }
    long lifetime = response.getLong("SessionLifetimeMs");
    LoginExchange running = exchange;
    if (running == null || running.isComplete()) {
      finish(lifetime);
      return;
    }
    byte[] challenge = response.getBytes("AuthBytes");
    makeToken(lifetime, () -> running.next(challenge));
  }

  private void finish(long lifetime) {
    LoginExchange ended = exchange;
    if (ended == null || !ended.isComplete()) {
      fail("the broker ended the exchange before it was complete: is it an impostor?");
    } else {
      done.trySuccess(lifetime);
    }
  }

  private void fail(String why) {
    done.tryFailure(
        new LoginRefusedException("login with " + login.mechanism() + " failed: " + why));
  }

  private void close() {
    LoginExchange ended = exchange;
    if (ended != null) {
      ended.close();
    }
  }
}
