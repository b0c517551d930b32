package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.Secret;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Work done for nothing, so that a failed login takes as long for every name. */
final class Decoys {

  /** One hash a cost, from {@link PasswordHash#NO_COST} on; of a password nobody has. */
  private static final List<PasswordHash> HASHES =
      IntStream.rangeClosed(PasswordHash.NO_COST, PasswordHash.MAX_COST)
          .<PasswordHash>mapToObj(Decoys::hash)
          .toList();

  private Decoys() {}

  /**
   * Does what is left to do of the cost. The work doubles with each step of the cost, so a hash of
   * cost c and one more each of c, c+1, ... up to the whole cost are as much as one of the whole.
   *
   * @param done the hash that was checked already, or null
   */
  static void spend(@Nullable PasswordHash done, int cost, Secret password) {
    if (!(done instanceof PasswordHash.Bcrypt)) {
      check(cost, password);
      return;
    }
    for (int c = done.cost(); c < cost; c++) {
      check(c, password);
    }
  }

  private static void check(int cost, Secret password) {
    boolean matches = HASHES.get(cost - PasswordHash.NO_COST).matches(password);
    if (matches) {
      throw new IllegalStateException("A decoy matched");
    }
  }

  private static PasswordHash hash(int cost) {
    // A well-formed hash that no password is known for: salt and hash are arbitrary.
    return PasswordHash.Bcrypt.of(
        "$2y$%02d$%s".formatted(cost, "GatehouseDecoyHashOfNobody".repeat(3).substring(0, 53)));
  }
}
