package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.Secret;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Extra hashing, so that a failed login takes equally long for every name. */
final class Decoys {

  /** One hash per cost, from {@link PasswordHash#NO_COST} on, of an unknown password. */
  private static final List<PasswordHash> HASHES =
      IntStream.rangeClosed(PasswordHash.NO_COST, PasswordHash.MAX_COST)
          .<PasswordHash>mapToObj(Decoys::hash)
          .toList();

  private Decoys() {}

  /**
   * Spends the remaining work up to {@code cost}. The work doubles with each step of the cost, so
   * one hash of cost c, followed by one each of c, c+1, ... up to cost - 1, takes as long as one of
   * the full cost.
   *
   * @param done the hash that was already checked, or null
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
    // A well-formed hash without a known password: salt and hash are arbitrary.
    return PasswordHash.Bcrypt.of(
        "$2y$%02d$%s".formatted(cost, "GatehouseDecoyHashOfNobody".repeat(3).substring(0, 53)));
  }
}
