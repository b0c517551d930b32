package io.gatehouse.auth.login.kafka;

import io.gatehouse.auth.KerberosLogin;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Renewal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.LoginException;
import javax.security.sasl.Sasl;

/**
 * GSSAPI with tickets fetched by password or keytab. Each ticket has its own subject, so that a
 * ticket in use stays intact while the next one is fetched. Kafka's own login instead empties its
 * only subject for a moment, and forgets the password when it renews.
 */
final class KerberosTickets implements Login {

  private final KerberosAccount account;
  private final Renewal<Subject> tickets;

  KerberosTickets(KerberosAccount account) {
    this.account = account;
    this.tickets =
        new Renewal<>(
            "the Kerberos ticket of " + account.principal(),
            this::fetch,
            KerberosTickets::end,
            InstantSource.system());
  }

  @Override
  public String mechanism() {
    return SaslProperties.GSSAPI;
  }

  @Override
  public LoginExchange begin(String host) throws LoginFailure {
    Subject subject = tickets.get();
    String[] mechanisms = {SaslProperties.GSSAPI};
    String serviceHost = account.hosts().getOrDefault(host, host);
    return KafkaExchange.begin(
        SaslProperties.GSSAPI,
        subject,
        () ->
            Sasl.createSaslClient(
                mechanisms,
                account.principal(),
                account.service(),
                serviceHost,
                Map.of(),
                KerberosTickets::refuse));
  }

  private static void refuse(Callback[] callbacks) throws UnsupportedCallbackException {
    throw new UnsupportedCallbackException(callbacks[0], "the ticket says all");
  }

  private Subject fetch() throws LoginFailure {
    try {
      return KerberosLogin.subject(options(), handler());
    } catch (LoginException e) {
      throw new LoginFailure(
          "GSSAPI: no ticket for " + account.principal() + ": " + CauseMessages.of(e), e);
    }
  }

  private static Instant end(Subject subject) {
    return subject.getPrivateCredentials(KerberosTicket.class).stream()
        .map(ticket -> ticket.getEndTime().toInstant())
        .min(Comparator.naturalOrder())
        .orElse(Instant.MIN);
  }

  private CallbackHandler handler() {
    return callbacks -> {
      for (Callback callback : callbacks) {
        Secret password = account.password();
        switch (callback) {
          case NameCallback asked -> asked.setName(account.principal());
          case PasswordCallback asked when password != null ->
              asked.setPassword(password.reveal().toCharArray());
          default -> throw new UnsupportedCallbackException(callback);
        }
      }
    };
  }

  private Map<String, String> options() {
    Map<String, String> options = new HashMap<>();
    options.put("principal", account.principal());
    options.put("refreshKrb5Config", "true");
    options.put("useTicketCache", "false");
    Path keytab = account.keytab();
    if (account.proof() == KerberosAccount.Proof.KEYTAB && keytab != null) {
      options.put("useKeyTab", "true");
      options.put("keyTab", keytab.toAbsolutePath().toString());
      options.put("doNotPrompt", "true");
    }
    return options;
  }
}
