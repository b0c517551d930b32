package io.gatehouse.control;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramUsers;
import io.gatehouse.control.Rights.Grant;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Snapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The passwords of local accounts as Kafka's admin clients see them: one credential of each user
 * and hash. An account must exist before it gets one. The protocol has no virtual clusters, so the
 * accounts are those of {@code passthrough}.
 */
public final class AccountCredentials implements ScramUsers {

  /** What clients may do that are allowed to change credentials. */
  private static final Rights RIGHTS =
      new Rights(
          false, List.of(new Grant(Set.of(Kind.SERVICE_ACCOUNT), Set.of(Key.PASSTHROUGH), true)));

  private final Supplier<Administration> administration;

  public AccountCredentials(Supplier<Administration> administration) {
    this.administration = administration;
  }

  private static User account(String user) {
    return new User(Key.PASSTHROUGH, user);
  }

  @Override
  public Map<String, Map<ScramHash, ScramCredential>> find(@Nullable Collection<String> users) {
    Map<String, Map<ScramHash, ScramCredential>> found = new LinkedHashMap<>();
    if (users == null) {
      administration
          .get()
          .list(AccountPassword.class)
          .filter(password -> Key.PASSTHROUGH.equals(password.id().tenant()))
          .forEach(password -> found.put(password.id().name(), password.credentials()));
      return found;
    }
    for (String user : users) {
      // No account has such a name.
      if (!ControlCharacters.in(user)) {
        AccountPassword password =
            administration
                .get()
                .find(new Key(Kind.ACCOUNT_PASSWORD, account(user)), AccountPassword.class);
        found.put(user, password == null ? Map.of() : password.credentials());
      }
    }
    return found;
  }

  @Override
  public Map<String, Problem> alter(User actor, List<Alteration> alterations) {
    Map<String, List<Alteration>> byUser = new LinkedHashMap<>();
    for (Alteration alteration : alterations) {
      byUser.computeIfAbsent(alteration.user(), _ -> new ArrayList<>()).add(alteration);
    }
    Map<String, Problem> problems = new LinkedHashMap<>();
    try {
      administration
          .get()
          .as(new Actor(actor.name(), RIGHTS))
          .write(now -> {
            problems.clear();
            List<Resource> puts = new ArrayList<>();
            List<Key> deletes = new ArrayList<>();
            byUser.forEach((user, all) -> {
              Problem problem = judge(user, all, now, puts, deletes);
              if (problem != null) {
                problems.put(user, problem);
              }
            });
            return puts.isEmpty() && deletes.isEmpty()
                ? null
                : new Change(now.revision(), puts, deletes);
          });
    } catch (Refusal e) {
      Problem all = new Problem(reason(e), String.valueOf(e.getMessage()));
      byUser.keySet().forEach(user -> problems.putIfAbsent(user, all));
    }
    return problems;
  }

  private static @Nullable Problem judge(
      String user, List<Alteration> all, Snapshot now, List<Resource> puts, List<Key> deletes) {
    if (ControlCharacters.in(user)) {
      return new Problem(Reason.UNACCEPTABLE, "The name of the user has control characters");
    }
    Key key = new Key(Kind.ACCOUNT_PASSWORD, account(user));
    AccountPassword password = now.get(key, AccountPassword.class);
    Map<ScramHash, ScramCredential> credentials = new EnumMap<>(ScramHash.class);
    if (password != null) {
      credentials.putAll(password.credentials());
    }
    for (Alteration one : all) {
      if (one.credential() != null) {
        credentials.put(one.hash(), one.credential());
      } else if (credentials.remove(one.hash()) == null) {
        return new Problem(
            Reason.MISSING, "Attempt to delete a user credential that does not exist");
      }
    }
    if (credentials.isEmpty()) {
      deletes.add(key);
      return null;
    }
    Problem problem = requireLocal(user, now);
    if (problem == null) {
      puts.add(new AccountPassword(key.id(), credentials));
    }
    return problem;
  }

  private static @Nullable Problem requireLocal(String user, Snapshot now) {
    ServiceAccount account =
        now.get(new Key(Kind.SERVICE_ACCOUNT, account(user)), ServiceAccount.class);
    if (account == null) {
      return new Problem(
          Reason.MISSING, "The gateway has no service account of this name: create it first");
    }
    return account.type() == ServiceAccount.Type.LOCAL
        ? null
        : new Problem(
            Reason.UNACCEPTABLE, "The service account is EXTERNAL: others authenticate it");
  }

  private static Reason reason(Refusal refusal) {
    return switch (refusal.reason()) {
      case FORBIDDEN -> Reason.FORBIDDEN;
      case INVALID, CONFLICT, STALE -> Reason.TOO_LARGE;
      case MISSING -> Reason.MISSING;
      case UNAVAILABLE -> Reason.UNAVAILABLE;
    };
  }
}
