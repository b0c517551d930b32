package io.gatehouse.auth.login.kafka;

import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import javax.security.auth.Subject;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.auth.login.LoginException;
import javax.security.sasl.Sasl;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.authenticator.AbstractLogin;
import org.apache.kafka.common.security.authenticator.DefaultLogin;
import org.apache.kafka.common.security.authenticator.SaslClientCallbackHandler;
import org.apache.kafka.common.security.kerberos.KerberosClientCallbackHandler;
import org.apache.kafka.common.security.kerberos.KerberosLogin;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerRefreshingLogin;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslClientCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler;
import org.jspecify.annotations.Nullable;

/**
 * A login by Kafka's own classes: a JAAS login whose subject holds names, tokens or tickets and is
 * refreshed by Kafka's threads, and a SASL client per connection that reads it.
 *
 * <p>Kafka shares logins between clients of one process by their properties and creates them under
 * one lock. Here each account has its own login, so that a slow identity provider delays only its
 * account.
 */
final class KafkaLogin implements Login {

  /** The wait before a failed login is tried again, however many connections need it. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final SaslProperties properties;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Session session;
  private @Nullable LoginFailure failure;
  private long failedAt;
  private boolean closed;

  /** The parts of a login, in the order in which they are closed. */
  private record Session(
      AuthenticateCallbackHandler clientHandler,
      org.apache.kafka.common.security.auth.Login login,
      AuthenticateCallbackHandler loginHandler) {

    void close() {
      clientHandler.close();
      login.close();
      loginHandler.close();
    }
  }

  KafkaLogin(SaslProperties properties) {
    this(properties, LONGEST_WAIT);
  }

  /**
   * @param patience how long a login may take, and how long other threads wait for it
   */
  KafkaLogin(SaslProperties properties, Duration patience) {
    this.properties = properties;
    this.patience = patience;
  }

  @Override
  public String mechanism() {
    return properties.mechanism();
  }

  @Override
  public LoginExchange begin(String host) throws LoginFailure {
    Session current = session();
    Subject subject = current.login().subject();
    String[] mechanisms = {mechanism()};
    String principal = mechanism().equals(SaslProperties.GSSAPI) ? kerberosName(subject) : null;
    return KafkaExchange.begin(
        mechanism(),
        subject,
        () ->
            Sasl.createSaslClient(
                mechanisms,
                principal,
                current.login().serviceName(),
                host,
                properties.typed(),
                current.clientHandler()));
  }

  /**
   * The name of the subject's principal. While Kafka's login renews a ticket, the subject has no
   * principal for a moment; a connection made in that moment fails and its client retries.
   */
  private static String kerberosName(Subject subject) throws LoginFailure {
    synchronized (subject.getPrincipals()) {
      Optional<KerberosPrincipal> principal =
          subject.getPrincipals(KerberosPrincipal.class).stream().findFirst();
      return principal
          .orElseThrow(() -> new LoginFailure("GSSAPI: there is no Kerberos ticket at the moment"))
          .getName();
    }
  }

  private Session session() throws LoginFailure {
    boolean locked;
    try {
      locked = lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoginFailure(mechanism() + ": interrupted while waiting for the login", e);
    }
    if (!locked) {
      throw tooLong(null);
    }
    try {
      if (closed) {
        throw new LoginFailure(mechanism() + ": the account is closed");
      }
      Session known = session;
      if (known != null) {
        if (!isOver(known)) {
          return known;
        }
        session = null;
        // Closing waits for the login's thread, which may wait for the provider.
        Thread.ofVirtual().name("login-close").start(known::close);
      }
      if (failure != null && System.nanoTime() - failedAt < PAUSE.toNanos()) {
        throw new LoginFailure(String.valueOf(failure.getMessage()), failure);
      }
      try {
        Session made = openInTime();
        session = made;
        failure = null;
        return made;
      } catch (LoginFailure e) {
        failure = e;
        failedAt = System.nanoTime();
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether the login's token has expired. Kafka's thread renews it earlier, unless it is stuck:
   * the timeouts of Kafka's classes apply to each read, and a slow answer can pass them.
   */
  private static boolean isOver(Session known) {
    Set<OAuthBearerToken> tokens =
        known.login().subject().getPrivateCredentials(OAuthBearerToken.class);
    long now = System.currentTimeMillis();
    return !tokens.isEmpty() && tokens.stream().allMatch(token -> token.lifetimeMs() < now);
  }

  private Session openInTime() throws LoginFailure {
    FutureTask<Session> opening = new FutureTask<>(this::open);
    Thread.ofVirtual().name("login").start(opening);
    try {
      return opening.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LoginFailure failed
          ? failed
          : failure("the login failed", e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw tooLong(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoginFailure(mechanism() + ": interrupted during the login", e);
    } finally {
      opening.cancel(true); // has no effect on a completed login
    }
  }

  private LoginFailure tooLong(@Nullable TimeoutException cause) {
    return new LoginFailure(
        mechanism() + ": the login takes longer than " + patience.toMillis() + " ms", cause);
  }

  private Session open() throws LoginFailure {
    Map<String, ?> typed = properties.typed();
    JaasContext jaas = properties.jaas();
    Session made;
    try {
      made =
          new Session(
              instance(
                  AuthenticateCallbackHandler.class,
                  SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS,
                  clientHandlerClass()),
              instance(
                  org.apache.kafka.common.security.auth.Login.class,
                  SaslConfigs.SASL_LOGIN_CLASS,
                  loginClass()),
              instance(
                  AuthenticateCallbackHandler.class,
                  SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS,
                  loginHandlerClass()));
    } catch (ReflectiveOperationException | LinkageError e) {
      throw failure("cannot make a class that the properties name", e);
    }
    try {
      made.loginHandler().configure(typed, mechanism(), jaas.configurationEntries());
      made.login().configure(typed, jaas.name(), jaas.configuration(), made.loginHandler());
      made.login().login();
      made.clientHandler().configure(typed, mechanism(), jaas.configurationEntries());
      if (Thread.interrupted()) {
        throw new LoginException("given up");
      }
      return made;
    } catch (LinkageError e) {
      made.close();
      throw failure("the class path lacks a class of the login", e);
    } catch (LoginException | RuntimeException e) {
      made.close();
      throw failure("the login failed", e);
    }
  }

  private Class<?> loginClass() {
    return switch (mechanism()) {
      case "GSSAPI" -> KerberosLogin.class;
      case "OAUTHBEARER" -> OAuthBearerRefreshingLogin.class;
      default -> DefaultLogin.class;
    };
  }

  private Class<?> loginHandlerClass() {
    return mechanism().equals(SaslProperties.OAUTHBEARER)
        ? OAuthBearerUnsecuredLoginCallbackHandler.class
        : AbstractLogin.DefaultLoginCallbackHandler.class;
  }

  private Class<?> clientHandlerClass() {
    return switch (mechanism()) {
      case "GSSAPI" -> KerberosClientCallbackHandler.class;
      case "OAUTHBEARER" -> OAuthBearerSaslClientCallbackHandler.class;
      default -> SaslClientCallbackHandler.class;
    };
  }

  private <T> T instance(Class<T> type, String property, Class<?> byDefault)
      throws ReflectiveOperationException, LoginFailure {
    Class<?> custom = properties.customClass(property);
    Class<?> wanted = custom != null ? custom : byDefault;
    if (!type.isAssignableFrom(wanted)) {
      throw new LoginFailure(
          property + ": " + wanted.getName() + " does not implement " + type.getName());
    }
    return type.cast(wanted.getDeclaredConstructor().newInstance());
  }

  private LoginFailure failure(String what, Throwable cause) {
    return new LoginFailure(mechanism() + ": " + what + ": " + CauseMessages.of(cause), cause);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (session != null) {
        session.close();
        session = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
