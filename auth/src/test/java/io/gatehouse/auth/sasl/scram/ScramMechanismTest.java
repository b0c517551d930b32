package io.gatehouse.auth.sasl.scram;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.util.Base64;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.SaslException;
import org.apache.kafka.common.security.scram.ScramExtensionsCallback;
import org.apache.kafka.common.security.scram.internals.ScramSaslClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramMechanismTest {

  private static final String ODD_NAME = "a,b=c \u00fc";

  private static Map<String, ScramCredential> users(ScramHash hash) {
    return Map.of(
        "alice",
        ScramCredential.of(hash, "alice-secret", 4096),
        ODD_NAME,
        ScramCredential.of(hash, "p=1,\u00e4", 8192));
  }

  private static ScramMechanism mechanism(ScramHash hash) {
    Map<String, ScramCredential> users = users(hash);
    return new ScramMechanism(hash, (asked, user) -> asked == hash ? users.get(user) : null);
  }

  @ParameterizedTest
  @EnumSource(ScramHash.class)
  void kafkasClientIsLetIn(ScramHash hash) throws Exception {
    for (var user : Map.of("alice", "alice-secret", ODD_NAME, "p=1,\u00e4").entrySet()) {
      ScramSaslClient client = client(hash, user.getKey(), user.getValue(), false);
      SaslExchange exchange = mechanism(hash).begin(Clients.local());
      byte[] serverFirst = exchange.next(client.evaluateChallenge(new byte[0]));
      assertThat(exchange.outcome()).isNull();
      byte[] serverFinal = exchange.next(client.evaluateChallenge(serverFirst));
      // Here the client checks that the server knows the user.
      client.evaluateChallenge(serverFinal);
      assertThat(client.isComplete()).isTrue();
      assertThat(exchange.outcome())
          .isEqualTo(
              new SaslExchange.Outcome(new Principal(user.getKey(), hash.mechanism()), null));
    }
  }

  @ParameterizedTest
  @EnumSource(ScramHash.class)
  void wrongPasswordsAndUnknownNamesFailAlike(ScramHash hash) throws Exception {
    ScramMechanism mechanism = mechanism(hash);
    var wrong = failure(mechanism, client(hash, "alice", "wrong", false));
    var unknown = failure(mechanism, client(hash, "nobody", "wrong", false));
    assertThat(wrong.reason()).isEqualTo(unknown.reason()).isEqualTo(Reason.BAD_CREDENTIALS);
    assertThat(wrong.toClient()).isEqualTo(unknown.toClient());
    assertThat(String.valueOf(wrong.getMessage()).replace("alice", "nobody"))
        .isEqualTo(unknown.getMessage());
  }

  private static SaslFailure failure(ScramMechanism mechanism, ScramSaslClient client)
      throws Exception {
    SaslExchange exchange = mechanism.begin(Clients.local());
    byte[] serverFirst = exchange.next(client.evaluateChallenge(new byte[0]));
    byte[] clientFinal = client.evaluateChallenge(serverFirst);
    var failure = Clients.refused(Reason.BAD_CREDENTIALS, () -> exchange.next(clientFinal));
    assertThat(exchange.outcome()).isNull();
    Clients.refused(Reason.MALFORMED, () -> exchange.next(clientFinal));
    return failure;
  }

  @Test
  void theExampleOfRfc7677() throws Exception {
    String serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    ScramCredential credential =
        ScramCredential.of(
            ScramHash.SHA_256,
            "pencil",
            Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="),
            4096);
    ScramMechanism mechanism =
        new ScramMechanism(
            ScramHash.SHA_256, (hash, user) -> credential, new byte[32], () -> serverNonce);
    SaslExchange exchange = mechanism.begin(Clients.local());
    assertThat(new String(exchange.next(bytes("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")), UTF_8))
        .isEqualTo(
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    assertThat(
            new String(
                exchange.next(
                    bytes(
                        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")),
                UTF_8))
        .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    assertThat(exchange.outcome()).isNotNull();
  }

  @Test
  void replayedMessagesAreRefused() throws Exception {
    ScramMechanism mechanism = mechanism(ScramHash.SHA_256);
    ScramSaslClient client = client(ScramHash.SHA_256, "alice", "alice-secret", false);
    SaslExchange exchange = mechanism.begin(Clients.local());
    byte[] clientFirst = client.evaluateChallenge(new byte[0]);
    byte[] clientFinal = client.evaluateChallenge(exchange.next(clientFirst));
    exchange.next(clientFinal);
    assertThat(exchange.outcome()).isNotNull();

    SaslExchange replay = mechanism.begin(Clients.local());
    replay.next(clientFirst);
    var failure = Clients.refused(Reason.BAD_CREDENTIALS, () -> replay.next(clientFinal));
    assertThat(failure).hasMessageContaining("nonce");
    assertThat(replay.outcome()).isNull();
  }

  @Test
  void aProofUnderAnotherNonceIsWrong() throws Exception {
    ScramMechanism mechanism = mechanism(ScramHash.SHA_256);
    ScramSaslClient client = client(ScramHash.SHA_256, "alice", "alice-secret", false);
    SaslExchange first = mechanism.begin(Clients.local());
    byte[] clientFirst = client.evaluateChallenge(new byte[0]);
    String old = new String(client.evaluateChallenge(first.next(clientFirst)), UTF_8);

    SaslExchange replay = mechanism.begin(Clients.local());
    String challenge = new String(replay.next(clientFirst), UTF_8);
    String nonce = challenge.substring(0, challenge.indexOf(','));
    String proof = old.substring(old.indexOf(",p="));
    Clients.refused(Reason.BAD_CREDENTIALS, () -> replay.next(bytes("c=biws," + nonce + proof)));
  }

  @Test
  void unknownNamesHaveAStableSaltThatLooksLikeTheOthers() throws Exception {
    Map<String, ScramCredential> users = users(ScramHash.SHA_256);
    ScramCredential model = users.get(ODD_NAME);
    ScramCredentials source =
        new ScramCredentials() {
          @Override
          public @Nullable ScramCredential find(ScramHash hash, String user) {
            return users.get(user);
          }

          @Override
          public @Nullable ScramCredential model(ScramHash hash, int pick) {
            return model;
          }
        };
    ScramMechanism one = new ScramMechanism(ScramHash.SHA_256, source, new Secret("node key"));
    ScramMechanism two = new ScramMechanism(ScramHash.SHA_256, source, new Secret("node key"));
    ScramMechanism other = new ScramMechanism(ScramHash.SHA_256, source);
    assertThat(saltAndIterations(one, "nobody"))
        .isEqualTo(saltAndIterations(one, "nobody"))
        .isEqualTo(saltAndIterations(two, "nobody"))
        .isNotEqualTo(saltAndIterations(one, "noone"))
        .isNotEqualTo(saltAndIterations(other, "nobody"))
        .hasSameSizeAs(saltAndIterations(one, ODD_NAME.replace("=", "=3D").replace(",", "=2C")))
        .endsWith(",i=8192");
  }

  private static String saltAndIterations(ScramMechanism mechanism, String name) throws Exception {
    byte[] answer = mechanism.begin(Clients.local()).next(bytes("n,,n=" + name + ",r=abc"));
    String text = new String(answer, UTF_8);
    return text.substring(text.indexOf(",s="));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n",
        "n,",
        "n,,",
        "n,,n=alice",
        "n,,n=alice,",
        "n,,n=alice,r=",
        "n,,r=abc,n=alice",
        "n,,n=,r=abc",
        "n,,n=al=ice,r=abc",
        "n,,n=al=2c,r=abc",
        "n,,n=alice,r=a\u00e4",
        "n,,m=ext,n=alice,r=abc",
        "n,,n=alice,r=abc,junk",
        "n,b=alice,n=alice,r=abc",
        "n,a=,n=alice,r=abc",
        "x,,n=alice,r=abc",
        "p=tls-unique,,n=alice,r=abc",
        ",,n=alice,r=abc"
      })
  void invalidFirstMessagesAreRefused(String message) {
    SaslExchange exchange = mechanism(ScramHash.SHA_256).begin(Clients.local());
    Clients.refused(Reason.MALFORMED, () -> exchange.next(bytes(message)));
    Clients.refused(Reason.MALFORMED, () -> exchange.next(bytes("n,,n=alice,r=abc")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c=biws",
        "c=biws,r=NONCE",
        "c=biws,r=NONCE,p=",
        "c=biws,r=NONCE,p=!!!!",
        "c=biws,r=NONCE,p=AAAA",
        "c=eSws,r=NONCE,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "r=NONCE,c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=NONCE,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,x=1"
      })
  void invalidFinalMessagesAreRefused(String message) throws Exception {
    SaslExchange exchange = mechanism(ScramHash.SHA_256).begin(Clients.local());
    String answer = new String(exchange.next(bytes("n,,n=alice,r=abc")), UTF_8);
    String nonce = answer.substring(2, answer.indexOf(','));
    Clients.refused(Reason.MALFORMED, () -> exchange.next(bytes(message.replace("NONCE", nonce))));
    assertThat(exchange.outcome()).isNull();
  }

  @Test
  void aChangedChannelBindingFlagIsRefused() throws Exception {
    SaslExchange exchange = mechanism(ScramHash.SHA_256).begin(Clients.local());
    String answer = new String(exchange.next(bytes("y,,n=alice,r=abc")), UTF_8);
    String nonce = answer.substring(2, answer.indexOf(','));
    Clients.refused(
        Reason.MALFORMED,
        () ->
            exchange.next(
                bytes("c=biws,r=" + nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")));
  }

  @Test
  void otherAuthorizationIdsAreRefused() {
    SaslExchange exchange = mechanism(ScramHash.SHA_256).begin(Clients.local());
    Clients.refused(Reason.BAD_CREDENTIALS, () -> exchange.next(bytes("n,a=bob,n=alice,r=abc")));
  }

  @Test
  void delegationTokensAreRefusedWithTheReason() throws Exception {
    ScramSaslClient client = client(ScramHash.SHA_256, "token-id", "token-hmac", true);
    SaslExchange exchange = mechanism(ScramHash.SHA_256).begin(Clients.local());
    byte[] first = client.evaluateChallenge(new byte[0]);
    var failure = Clients.refused(Reason.MALFORMED, () -> exchange.next(first));
    assertThat(failure).hasMessageContaining("delegation token");
  }

  @Test
  void theClientDetectsAnImpostor() throws Exception {
    ScramSaslClient client = client(ScramHash.SHA_256, "alice", "alice-secret", false);
    SaslExchange exchange = mechanism(ScramHash.SHA_256).begin(Clients.local());
    client.evaluateChallenge(exchange.next(client.evaluateChallenge(new byte[0])));
    assertThatExceptionOfType(SaslException.class)
        .isThrownBy(() -> client.evaluateChallenge(bytes("v=" + "A".repeat(43) + "=")));
  }

  @Test
  void weakScramCredentialsAreRefused() {
    byte[] key = new byte[32];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScramCredential(ScramHash.SHA_256, new byte[16], 4095, key, key))
        .withMessageContaining("4096");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScramCredential(ScramHash.SHA_256, new byte[2], 4096, key, key));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScramCredential(ScramHash.SHA_512, new byte[16], 4096, key, key))
        .withMessageContaining("64");
  }

  private static ScramSaslClient client(
      ScramHash hash, String user, String password, boolean delegationToken) throws Exception {
    var mechanism =
        org.apache.kafka.common.security.scram.internals.ScramMechanism.forMechanismName(
            hash.mechanism());
    return new ScramSaslClient(
        mechanism,
        callbacks -> {
          for (Callback callback : callbacks) {
            switch (callback) {
              case NameCallback name -> name.setName(user);
              case PasswordCallback secret -> secret.setPassword(password.toCharArray());
              case ScramExtensionsCallback extensions ->
                  extensions.extensions(delegationToken ? Map.of("tokenauth", "true") : Map.of());
              default -> throw new IllegalArgumentException(callback.toString());
            }
          }
        });
  }

  private static byte[] bytes(String message) {
    return message.getBytes(UTF_8);
  }
}
