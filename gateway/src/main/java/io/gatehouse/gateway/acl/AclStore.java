package io.gatehouse.gateway.acl;

import io.gatehouse.auth.User;
import java.util.Collection;
import java.util.List;

/**
 * Keeps the access rules of one virtual cluster, or of passthrough, which clients change as Kafka's
 * admin clients do it. Safe for use by many threads. Methods may block, within bounds. When they
 * return, this node decides by the changed rules.
 */
public interface AclStore {

  /** Adds rules, all or none. Those that exist already stay. */
  void create(User actor, Collection<AclBinding> rules) throws NotKeptException;

  /**
   * Removes rules, all or none.
   *
   * @return for each filter, the rules that it has selected
   */
  List<List<AclBinding>> delete(User actor, List<AclFilter> filters) throws NotKeptException;

  /** A change cannot be made; nothing has changed, unless the reason is that nobody knows. */
  final class NotKeptException extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /**
     * @param message for the client
     */
    public NotKeptException(Reason reason, String message) {
      super(message);
      this.reason = reason;
    }

    public Reason reason() {
      return reason;
    }
  }

  /** Why a change is not made. */
  enum Reason {
    /**
     * There would be more rules than a virtual cluster can have, or the change is too large, or a
     * name in it is such that it cannot be stored.
     */
    TOO_LARGE,
    /** It cannot be stored now, or nobody knows yet whether it is. */
    UNAVAILABLE
  }
}
