package io.gatehouse.control;

import io.gatehouse.auth.User;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.RevokedAccount;
import io.gatehouse.control.kind.RevokedToken;
import io.gatehouse.control.kind.Tokens;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which tokens are revoked: of what is stored, and what has to be stored. */
final class Revocations {

  /** Maximum number of revoked tokens and accounts. Each takes about 200 bytes. */
  private static final int MAX_REVOCATIONS = 100_000;

  /** How long a revocation is kept at least: Conduktor Gateway may have signed tokens, too. */
  private static final Duration FOREIGN_TOKENS = Duration.ofDays(366);

  private final InstantSource clock;

  Revocations(InstantSource clock) {
    this.clock = clock;
  }

  /** What revokes the tokens of an account, or null. */
  static @Nullable RevokedAccount of(User id, Snapshot now) {
    return now.get(new Key(Kind.REVOKED_ACCOUNT, id), RevokedAccount.class);
  }

  /** Stores when the last token expires, rounded up so that few tokens need a write. */
  static @Nullable Change remember(Snapshot now, Instant end, Duration lifetime) {
    if (!end.isAfter(lastToken(now))) {
      return null;
    }
    Instant rounded = end.plus(lifetime.dividedBy(4)).plus(1, ChronoUnit.HOURS);
    return Change.put(now, new Tokens(rounded.truncatedTo(ChronoUnit.SECONDS)));
  }

  private static Instant lastToken(Snapshot now) {
    Tokens tokens = now.get(Tokens.KEY, Tokens.class);
    return tokens == null ? Instant.EPOCH : tokens.until();
  }

  /** Revokes a token by its {@code jti}. */
  RevokedToken ofToken(String id, Snapshot now) {
    return new RevokedToken(id, keptUntil(now));
  }

  /** Revokes all tokens of an account that were issued up to this second. */
  RevokedAccount ofAccount(User account, Snapshot now) {
    Instant issuedBefore = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    return new RevokedAccount(account, issuedBefore, keptUntil(now));
  }

  /** When all tokens that exist now, including those issued elsewhere, are taken to be expired. */
  private Instant keptUntil(Snapshot now) {
    Instant least = clock.instant().plus(FOREIGN_TOKENS);
    Instant until = least.isAfter(lastToken(now)) ? least : lastToken(now);
    return until.truncatedTo(ChronoUnit.SECONDS);
  }

  /** The tokens and passwords of deleted accounts do not hold when they are created again. */
  Change ofDeleted(List<Key> deleted, Snapshot now) throws Refusal {
    List<User> accounts =
        deleted.stream().filter(key -> key.kind() == Kind.SERVICE_ACCOUNT).map(Key::id).toList();
    if (accounts.isEmpty()) {
      return new Change(now.revision(), List.of(), List.of());
    }
    Change revoked = add(accounts.stream().<Resource>map(id -> ofAccount(id, now)).toList(), now);
    List<Key> deletes = new ArrayList<>(revoked.deletes());
    accounts.stream()
        .map(id -> new Key(Kind.ACCOUNT_PASSWORD, id))
        .filter(key -> now.get(key) != null)
        .forEach(deletes::add);
    return new Change(now.revision(), revoked.puts(), deletes);
  }

  /** Adds revocations and deletes those that are no longer needed. */
  Change add(List<? extends Resource> added, Snapshot now) throws Refusal {
    Instant time = clock.instant();
    List<Key> dropped = new ArrayList<>();
    int kept = 0;
    for (Resource one : (Iterable<Resource>) now.all()::iterator) {
      Instant until =
          switch (one) {
            case RevokedToken token -> token.until();
            case RevokedAccount account -> account.until();
            default -> Instant.MAX;
          };
      if (!until.isAfter(time)) {
        dropped.add(one.key());
      } else if (!until.equals(Instant.MAX)) {
        kept++;
      }
    }
    long more = added.stream().filter(one -> now.get(one.key()) == null).count();
    if (more > 0 && kept + more > MAX_REVOCATIONS) {
      throw new Refusal(
          Reason.CONFLICT,
          "Too many revocations",
          "%d revoked tokens and accounts are kept already; another signing key ends all tokens."
              .formatted(kept));
    }
    return new Change(now.revision(), List.copyOf(added), dropped);
  }
}
