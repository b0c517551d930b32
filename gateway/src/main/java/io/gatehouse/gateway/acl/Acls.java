package io.gatehouse.gateway.acl;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The access rules of virtual clusters and of passthrough. Thread-safe; answers at once. */
@FunctionalInterface
public interface Acls {

  /** Nothing is restricted. */
  Acls NONE = _ -> null;

  /**
   * The rules for clients of a virtual cluster. They may change, see {@code Gateway.renewPlans}.
   *
   * @param tenant the name of the virtual cluster; null for passthrough
   * @return null if its clients may do everything
   */
  @Nullable Access of(@Nullable String tenant);

  /**
   * The aliases by which topics cannot be changed, to explain decisions. Takes time for all
   * aliases.
   *
   * @param tenant the name of the virtual cluster; null for passthrough
   */
  default Set<String> readOnly(@Nullable String tenant) {
    return Set.of();
  }

  /**
   * The groups of a client. They may change, too.
   *
   * @param tenant the name of its virtual cluster; null for passthrough
   * @param externalGroups the names of its groups at an identity provider or in a directory
   */
  default Set<String> groups(@Nullable String tenant, String user, Set<String> externalGroups) {
    return Set.of();
  }

  /**
   * The rules in force, and where clients change them.
   *
   * @param rules equal as long as nothing has changed
   * @param store null if clients cannot change them
   */
  record Access(AclRules rules, @Nullable AclStore store) {}
}
