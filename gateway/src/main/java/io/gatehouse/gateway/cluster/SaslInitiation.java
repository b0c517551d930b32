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
 * Logs in at a broker: SaslHandshake, then SaslAuthenticate until both sides have said all
 * (KIP-152). Tokens are made on virtual threads, since that may block.
 */
public final class SaslInitiation {

  /** Since Kafka 1.0: tokens travel in requests. */
  private static final int HANDSHAKE_VERSION = 1;

  /** Since Kafka 2.2: the broker says how long the session lasts (KIP-368). */
  private static final int AUTHENTICATE_VERSION = 1;

  private static final int MOST_ROUNDS = 16;

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
   * Begins. The future completes on {@code loop} with the milliseconds after which the broker wants
   * the login again, 0 for never; it fails with an {@link IOException} that says why.
   *
   * @param host the broker's name as in its address
   */
  public static Future<Long> begin(Login login, String host, RequestSender broker, Loop loop) {
    SaslInitiation conversation = new SaslInitiation(login, host, broker, loop);
    conversation.handshake();
    return conversation.done.addListener(ended -> conversation.close());
  }

  private void handshake() {
    broker
        .ask(
            new OwnRequest(
                OwnRequest.SASL_HANDSHAKE,
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
            blocking(
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
  private interface Making {
    byte @Nullable [] token() throws LoginFailure;
  }

  /**
   * Makes a token where waiting hurts nobody, and sends it.
   *
   * @param lifetime what the broker said last, in milliseconds
   */
  private void blocking(long lifetime, Making making) {
    Thread.ofVirtual()
        .name("login")
        .start(() -> {
          try {
            byte[] token = making.token();
            loop.execute(() -> say(token, lifetime));
          } catch (LoginFailure e) {
            loop.execute(() -> fail(String.valueOf(e.getMessage())));
          } catch (RuntimeException | Error e) { // somebody waits for the outcome, whatever comes
            loop.execute(() -> fail(e.toString()));
          }
        });
  }

  private void say(byte @Nullable [] token, long lifetime) {
    if (done.isDone()) {
      close(); // given up while the token was being made
    } else if (token == null) {
      finish(lifetime);
    } else if (++rounds > MOST_ROUNDS) {
      fail("the broker asks on and on");
    } else {
      broker
          .ask(
              new OwnRequest(
                  OwnRequest.SASL_AUTHENTICATE,
                  AUTHENTICATE_VERSION,
                  body -> body.set("AuthBytes", token)))
          .addListener((Future<Struct> answered) -> {
            if (!answered.isSuccess()) {
              done.tryFailure(answered.cause());
            } else {
              hear(answered.getNow());
            }
          });
    }
  }

  private void hear(Struct response) {
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
    blocking(lifetime, () -> running.next(challenge));
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
