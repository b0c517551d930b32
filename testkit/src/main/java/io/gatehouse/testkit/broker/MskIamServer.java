package io.gatehouse.testkit.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import javax.security.sasl.SaslServerFactory;
import org.jspecify.annotations.Nullable;

/** The server side of {@code AWS_MSK_IAM}, with one message in each direction. */
final class MskIamServer implements SaslServer {

  static final String MECHANISM = "AWS_MSK_IAM";

  private final CallbackHandler handler;
  private @Nullable String name;

  private MskIamServer(CallbackHandler handler) {
    this.handler = handler;
  }

  /** Requests the options of the listener's JAAS line. */
  static final class LoginCallback implements Callback {
    @Nullable MskIamLogin login;
  }

  /** Creates servers for the JDK's SASL framework. */
  public static final class Factory implements SaslServerFactory {

    @Override
    public @Nullable SaslServer createSaslServer(
        String mechanism,
        String protocol,
        String serverName,
        Map<String, ?> settings,
        CallbackHandler handler) {
      return mechanism.equals(MECHANISM) ? new MskIamServer(handler) : null;
    }

    @Override
    public String[] getMechanismNames(Map<String, ?> settings) {
      return new String[] {MECHANISM};
    }
  }

  /** Registers the mechanism with the JDK's SASL framework. */
  static final class MskIamProvider extends Provider {

    MskIamProvider() {
      super("gatehouse-testkit-msk-iam", "1", "the broker's side of AWS_MSK_IAM, for tests");
      put("SaslServerFactory." + MECHANISM, Factory.class.getName());
    }
  }

  @Override
  public byte[] evaluateResponse(byte[] response) throws SaslException {
    LoginCallback callback = new LoginCallback();
    try {
      handler.handle(new Callback[] {callback});
    } catch (IOException | UnsupportedCallbackException e) {
      throw new SaslException("this listener is not set up for " + MECHANISM, e);
    }
    MskIamLogin login = callback.login;
    if (login == null) {
      throw new SaslException("this listener is not set up for " + MECHANISM);
    }
    name = login.judge(response, Instant.now());
    return "{\"version\":\"2020_10_22\",\"request-id\":\"%s\"}"
        .formatted(UUID.randomUUID())
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String getMechanismName() {
    return MECHANISM;
  }

  @Override
  public boolean isComplete() {
    return name != null;
  }

  @Override
  public String getAuthorizationID() {
    String authorized = name;
    if (authorized == null) {
      throw new IllegalStateException("not authenticated yet");
    }
    return authorized;
  }

  @Override
  public @Nullable Object getNegotiatedProperty(String property) {
    return null;
  }

  @Override
  public byte[] wrap(byte[] outgoing, int offset, int length) {
    throw new IllegalStateException(MECHANISM + " has no security layer");
  }

  @Override
  public byte[] unwrap(byte[] incoming, int offset, int length) {
    throw new IllegalStateException(MECHANISM + " has no security layer");
  }

  @Override
  public void dispose() {
    name = null;
  }
}
