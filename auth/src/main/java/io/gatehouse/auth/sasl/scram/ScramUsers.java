package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.User;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Users whose SCRAM credentials can be changed while the gateway runs, as Kafka's admin clients do
 * it (KIP-554). Safe for use by many threads. Methods may block, within bounds.
 */
public interface ScramUsers {

  /**
   * A change of one credential.
   *
   * @param credential null to delete it
   */
  record Alteration(String user, ScramHash hash, @Nullable ScramCredential credential) {}

  /** Why the credentials of a user are not changed. */
  enum Reason {
    /** There is no such user or credential. */
    MISSING,
    /** The user cannot have such a credential. */
    UNACCEPTABLE,
    /** The actor may not change it. */
    FORBIDDEN,
    /** All changes together are too large for one. */
    TOO_LARGE,
    /** It cannot be stored now, or nobody knows yet whether it is. */
    UNAVAILABLE
  }

  /** The message is for the client. */
  record Problem(Reason reason, String message) {}

  /**
   * The credentials of users, of which some may have none.
   *
   * @param users null for all that have one
   */
  Map<String, Map<ScramHash, ScramCredential>> find(@Nullable Collection<String> users);

  /**
   * Makes all changes at once, except those of users with a problem. When this returns, later
   * logins use the changed credentials, and sessions that began with the former ones end.
   *
   * @param actor who changes them
   * @param alterations at most one of each user and hash
   * @return the problems, by user
   */
  Map<String, Problem> alter(User actor, List<Alteration> alterations);
}
