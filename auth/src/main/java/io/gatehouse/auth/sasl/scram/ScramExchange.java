package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslMechanism;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The authentication of one client.
 *
 * <pre>
 *   FIRST --client-first--> LAST --client-final--> OVER (outcome, or failure)
 * </pre>
 */
final class ScramExchange implements SaslExchange {

  /** In bytes; a name, a nonce and a proof. */
  private static final int MAX_TOKEN = 4096;

  private enum State {
    FIRST,
    LAST,
    OVER
  }

  /**
   * The credential to verify against.
   *
   * @param user null for an unknown user, whose credential is a fake
   * @param check that the user still has it
   */
  record Known(ScramCredential credential, @Nullable User user, @Nullable CredentialCheck check) {}

  /** The server's challenge, to verify the client's last message against. */
  private record Challenge(
      ScramMessages.First first, Known known, String nonce, String serverFirst) {}

  private final ScramHash hash;
  private final Function<String, Known> users;
  private final String serverNonce;
  private State state = State.FIRST;
  private @Nullable Challenge challenge;
  private @Nullable Outcome outcome;

  ScramExchange(ScramHash hash, Function<String, Known> users, String serverNonce) {
    this.hash = hash;
    this.users = users;
    this.serverNonce = serverNonce;
  }

  @Override
  public byte[] next(byte[] token) throws SaslFailure {
    State now = state;
    state = State.OVER;
    String message = ClientText.decode(token, MAX_TOKEN, hash.mechanism());
    Challenge open = challenge;
    if (now == State.FIRST) {
      return toLast(ScramMessages.First.parse(message));
    }
    if (now == State.LAST && open != null) {
      return toOver(ScramMessages.Last.parse(message), open);
    }
    throw ScramMessages.malformed("a message after the last one");
  }

  private byte[] toLast(ScramMessages.First first) throws SaslFailure {
    SaslMechanism.checkAuthorizationId(hash.mechanism(), first.user(), first.authorizationId());
    Known known = users.apply(first.user());
    String nonce = first.nonce() + serverNonce;
    String salt = Base64.getEncoder().encodeToString(known.credential().salt());
    String answer = "r=" + nonce + ",s=" + salt + ",i=" + known.credential().iterations();
    challenge = new Challenge(first, known, nonce, answer);
    state = State.LAST;
    return answer.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] toOver(ScramMessages.Last last, Challenge open) throws SaslFailure {
    byte[] header = open.first().gs2Header().getBytes(StandardCharsets.UTF_8);
    if (!last.channelBinding().equals(Base64.getEncoder().encodeToString(header))) {
      throw ScramMessages.malformed("the last message repeats another header than the first's");
    }
    // librdkafka before 2.6.1 puts its own nonce in front twice (its issue 4895), which Kafka 3.9
    // accepts too. The server's nonce still binds the proof to this exchange.
    if (!isSame(last.nonce(), open.nonce())
        && !isSame(last.nonce(), open.first().nonce() + open.nonce())) {
      throw new SaslFailure(
          SaslFailure.Reason.BAD_CREDENTIALS,
          "user "
              + ClientText.shown(open.first().user())
              + " answers another challenge (its nonce is not this exchange's)");
    }
    byte[] proof = last.proof(hash.length());
    ScramCredential credential = open.known().credential();
    String authMessage = open.first().bare() + "," + open.serverFirst() + "," + last.withoutProof();
    boolean proved = credential.isProvedBy(hash, proof, authMessage);
    byte[] signature = credential.serverSignature(hash, authMessage);
    User user = open.known().user();
    if (!proved || user == null) {
      throw SaslFailure.wrongPassword(open.first().user());
    }
    outcome =
        new Outcome(new Principal(user, hash.mechanism(), Map.of()), null, open.known().check());
    String answer = "v=" + Base64.getEncoder().encodeToString(signature);
    return answer.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public @Nullable Outcome outcome() {
    return outcome;
  }

  private static boolean isSame(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }
}
