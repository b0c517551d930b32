package io.gatehouse.auth.login.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.Subject;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import org.jspecify.annotations.Nullable;

/** One exchange by a SASL client of the JDK or of Kafka, with the login's subject. */
final class KafkaExchange implements LoginExchange {

  private static final byte[] EMPTY = {};

  /** Sixty times the default maximum of brokers; each iteration costs two hashes. */
  private static final int MOST_ITERATIONS = 1_000_000;

  private static final Pattern ITERATIONS = Pattern.compile(",i=([0-9]{1,18})");

  private final String mechanism;
  private final Subject subject;
  private final SaslClient client;

  /**
   * Begins an exchange as a subject.
   *
   * @param maker returns null when no provider implements the mechanism
   */
  static KafkaExchange begin(
      String mechanism, Subject subject, Callable<@Nullable SaslClient> maker) throws LoginFailure {
    try {
      SaslClient client = Subject.callAs(subject, maker);
      if (client == null) {
        throw new LoginFailure(
            "sasl.mechanism is " + mechanism + ", for which the class path has no SASL client");
      }
      return new KafkaExchange(mechanism, subject, client);
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new LoginFailure(mechanism + ": cannot begin: " + CauseMessages.of(cause), cause);
    }
  }

  private KafkaExchange(String mechanism, Subject subject, SaslClient client) {
    this.mechanism = mechanism;
    this.subject = subject;
    this.client = client;
  }

  @Override
  public byte[] first() throws LoginFailure {
    byte[] token = client.hasInitialResponse() ? evaluate(EMPTY) : null;
    return token == null ? EMPTY : token;
  }

  @Override
  public byte @Nullable [] next(byte[] challenge) throws LoginFailure {
    // A broker ends the exchange with an empty token, or one that the complete client does not
    // expect.
    if (client.isComplete()) {
      return null;
    }
    if (mechanism.startsWith("SCRAM-")) {
      checkIterations(challenge);
    }
    return evaluate(challenge);
  }

  /**
   * Bounds the iterations, because an impostor could otherwise keep a core busy for hours with one
   * number.
   */
  private void checkIterations(byte[] challenge) throws LoginFailure {
    Matcher iterations = ITERATIONS.matcher(new String(challenge, UTF_8));
    if (iterations.find() && Long.parseLong(iterations.group(1)) > MOST_ITERATIONS) {
      throw new LoginFailure(
          mechanism
              + ": the broker asks for "
              + iterations.group(1)
              + " iterations, which is absurd");
    }
  }

  private byte @Nullable [] evaluate(byte[] challenge) throws LoginFailure {
    try {
      return Subject.callAs(subject, () -> client.evaluateChallenge(challenge));
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String reasons = CauseMessages.of(cause);
      String hint =
          reasons.contains("UNKNOWN_SERVER")
              ? " (the KDC knows no principal of this broker's host name: check the service name,"
                  + " the host name and krb5.conf)"
              : "";
      throw new LoginFailure(mechanism + ": " + reasons + hint, cause);
    }
  }

  @Override
  public boolean isComplete() {
    return client.isComplete();
  }

  @Override
  public void close() {
    try {
      client.dispose();
    } catch (SaslException e) {
      // The client holds nothing but memory.
    }
  }
}
