package io.gatehouse.auth.sasl.kerberos;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.security.kerberos.KerberosName;
import org.apache.kafka.common.security.kerberos.KerberosShortNamer;
import org.jspecify.annotations.Nullable;

/**
 * The authentication of one client by the JDK's SASL server, under the gateway's service principal.
 */
final class GssapiExchange implements SaslExchange {

  /** In bytes; tickets with many groups are long. */
  private static final int MAX_TOKEN = 64 * 1024;

  private static final byte[] EMPTY = {};

  private final GssapiSettings settings;
  private final Subject service;
  private final KerberosShortNamer names;
  private @Nullable SaslServer server;
  private @Nullable Outcome outcome;
  private boolean over;

  GssapiExchange(GssapiSettings settings, Subject service, KerberosShortNamer names) {
    this.settings = settings;
    this.service = service;
    this.names = names;
  }

  @Override
  public byte[] next(byte[] token) throws SaslFailure {
    if (over || token.length > MAX_TOKEN) {
      over = true;
      throw new SaslFailure(
          Reason.MALFORMED, "GSSAPI: a token after the last, or of " + token.length + " bytes");
    }
    try {
      byte[] answer = Subject.callAs(service, step(token));
      return answer == null ? EMPTY : answer;
    } catch (CompletionException e) {
      over = true;
      if (e.getCause() instanceof SaslFailure failure) {
        throw failure;
      }
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Throwable why = cause.getCause() == null ? cause : cause.getCause();
      throw new SaslFailure(
          Reason.BAD_CREDENTIALS, "GSSAPI: the ticket does not hold: " + why.getMessage(), cause);
    }
  }

  private Callable<byte @Nullable []> step(byte[] token) {
    return () -> {
      SaslServer jdk = server();
      byte[] answer = jdk.evaluateResponse(token);
      if (jdk.isComplete()) {
        over = true;
        outcome = new Outcome(principal(jdk.getAuthorizationID()), null);
      }
      return answer;
    };
  }

  private SaslServer server() throws SaslException {
    SaslServer made = server;
    if (made == null) {
      made =
          Sasl.createSaslServer(
              GssapiMechanism.NAME,
              settings.service(),
              settings.host(),
              Map.of(Sasl.QOP, "auth"),
              GssapiExchange::authorize);
      if (made == null) {
        throw new SaslException("this Java has no GSSAPI");
      }
      server = made;
    }
    return made;
  }

  /** Refuses an authorization id other than the authenticated name. */
  private static void authorize(Callback[] callbacks)
      throws IOException, UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (!(callback instanceof AuthorizeCallback wanted)) {
        throw new UnsupportedCallbackException(callback);
      }
      boolean same = wanted.getAuthenticationID().equals(wanted.getAuthorizationID());
      wanted.setAuthorized(same);
      if (same) {
        wanted.setAuthorizedID(wanted.getAuthenticationID());
      }
    }
  }

  private Principal principal(String whole) throws SaslFailure {
    try {
      String name = names.shortName(KerberosName.parse(whole));
      return new Principal(name, GssapiMechanism.NAME, Map.of("principal", whole));
    } catch (IOException | IllegalArgumentException e) {
      throw new SaslFailure(
          Reason.NOT_FOR_US,
          "GSSAPI: no rule (sasl.kerberos.principal.to.local.rules) makes a name of "
              + ClientText.shown(whole),
          e);
    }
  }

  @Override
  public @Nullable Outcome outcome() {
    return outcome;
  }

  @Override
  public void close() {
    over = true;
    SaslServer jdk = server;
    if (jdk != null) {
      try {
        jdk.dispose();
      } catch (SaslException e) {
        // The server holds nothing but memory.
      }
    }
  }
}
