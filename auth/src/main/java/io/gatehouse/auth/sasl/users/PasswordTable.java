package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.Secret;
import java.util.Map;

/**
 * Passwords by user. A check takes equally long for every name that has no right password, and a
 * password that was right before is recognised without another bcrypt.
 */
public final class PasswordTable {

  private static final int MAX_REMEMBERED = 10_000;

  private final Map<String, PasswordHash> hashes;
  private final int cost;
  private final PasswordCache verified = new PasswordCache(MAX_REMEMBERED);

  public PasswordTable(Map<String, PasswordHash> hashes) {
    this.hashes = Map.copyOf(hashes);
    this.cost =
        hashes.values().stream().mapToInt(PasswordHash::cost).max().orElse(PasswordHash.NO_COST);
  }

  /** Whether this password of the user was right before. Cheap. */
  public boolean isRemembered(String user, Secret password) {
    return verified.contains(user, password);
  }

  /** Whether this is the user's password. Occupies a processor; see {@link AddressLimiter}. */
  public boolean isRight(String user, Secret password) {
    // A login that waited may find that another one verified the same password.
    if (isRemembered(user, password)) {
      return true;
    }
    PasswordHash hash = hashes.get(user);
    if (hash != null && hash.matches(password)) {
      verified.add(user, password);
      return true;
    }
    Decoys.spend(hash, cost, password);
    return false;
  }
}
