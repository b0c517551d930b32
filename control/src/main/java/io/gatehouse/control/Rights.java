package io.gatehouse.control;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user of the admin API may do.
 *
 * @param admin whether the user may do everything, also what concerns the gateway as a whole
 * @param grants what the user may do with resources; null for a user who may read everything and
 *     change nothing
 */
public record Rights(boolean admin, @Nullable List<Grant> grants) {

  public static final Rights ADMIN = new Rights(true, null);

  /** Reads everything and changes nothing. */
  public static final Rights READER = new Rights(false, null);

  public Rights {
    grants = grants == null ? null : List.copyOf(grants);
    if (admin && grants != null) {
      throw new IllegalArgumentException(
          "an admin may do everything; admin and rights exclude" + " each other");
    }
  }

  /** What can be done with a resource. */
  public enum Verb {
    READ,
    WRITE
  }

  /**
   * Permits something with resources.
   *
   * @param kinds of resources; empty for all
   * @param virtualClusters of resources; empty for all resources, including those that belong to
   *     none
   * @param write whether they may be changed; they may be read in any case
   */
  public record Grant(Set<Kind> kinds, Set<String> virtualClusters, boolean write) {
    public Grant {
      kinds = Set.copyOf(kinds);
      virtualClusters = Set.copyOf(virtualClusters);
    }

    private boolean covers(Verb verb, Kind kind, @Nullable String virtualCluster) {
      return (write || verb == Verb.READ)
          && (kinds.isEmpty() || kinds.contains(kind))
          && (virtualClusters.isEmpty()
              || (virtualCluster != null && virtualClusters.contains(virtualCluster)));
    }
  }

  /** Whether everything may be read. */
  public boolean readsEverything() {
    return admin || grants == null;
  }

  /**
   * Whether a run that deletes what is no longer declared is about the resource: if it may be
   * changed, and in dry runs of users who may change nothing, if it may be read.
   */
  boolean prune(Key key) {
    boolean reader = !admin && (grants == null || grants.stream().noneMatch(Grant::write));
    return permit(reader ? Verb.READ : Verb.WRITE, key);
  }

  /** Whether the resource may be read or changed. */
  public boolean permit(Verb verb, Key key) {
    if (admin || (grants == null && verb == Verb.READ)) {
      return true;
    }
    // Who may change an account may also set its password.
    Kind kind = key.kind() == Kind.ACCOUNT_PASSWORD ? Kind.SERVICE_ACCOUNT : key.kind();
    String cluster = key.virtualCluster();
    return grants != null && grants.stream().anyMatch(grant -> grant.covers(verb, kind, cluster));
  }
}
