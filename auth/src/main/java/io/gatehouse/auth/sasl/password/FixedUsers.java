package io.gatehouse.auth.sasl.password;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.Hashes;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;

/**
 * A few users with their passwords in the settings (kafka-proxy's {@code auth-user},
 * docs/kafka-proxy.md). Each login compares all of them, so that its duration reveals nothing.
 */
public record FixedUsers(Map<String, Secret> users)
    implements PasswordVerifier, Source<PasswordVerifier> {

  /**
   * @throws IllegalArgumentException when there is no user, or a name or password is empty
   */
  public FixedUsers {
    if (users.isEmpty()) {
      throw new IllegalArgumentException("No user is given: nobody could log in");
    }
    users.forEach((user, password) -> {
      if (user.isEmpty()) {
        throw new IllegalArgumentException("A user name is empty");
      }
      if (ControlCharacters.in(user)) {
        throw new IllegalArgumentException("A user name holds control characters");
      }
      if (password.reveal().isEmpty()) {
        throw new IllegalArgumentException("The password of user " + user + " is empty");
      }
    });
    users = Map.copyOf(users);
  }

  @Override
  public PasswordVerifier open(Leases parts) {
    return this;
  }

  @Override
  public Outcome verify(String user, Secret password, Peer peer) throws SaslFailure {
    byte[] name = user.getBytes(StandardCharsets.UTF_8);
    byte[] shown = digest(password.reveal());
    boolean right = false;
    for (Map.Entry<String, Secret> known : users.entrySet()) {
      boolean sameName =
          MessageDigest.isEqual(name, known.getKey().getBytes(StandardCharsets.UTF_8));
      boolean samePassword = MessageDigest.isEqual(shown, digest(known.getValue().reveal()));
      right |= sameName && samePassword;
    }
    if (!right) {
      throw SaslFailure.wrongPassword(user);
    }
    return new Outcome(new Principal(user, PlainMechanism.NAME), null);
  }

  /** Hashes to equal length, so that the comparison does not reveal the password's length. */
  private static byte[] digest(String password) {
    return Hashes.digest("SHA-256").digest(password.getBytes(StandardCharsets.UTF_8));
  }
}
