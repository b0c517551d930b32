package io.gatehouse.gateway.acl;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client as {@link AclRules} see it. A session keeps it until the rules, its user or its groups
 * change. Immutable.
 */
public final class AclCaller {

  /** The name that Kafka tries first when it asks about any resource of a type. */
  private static final String PROBE = "hardcode";

  private final AclRules rules;
  private final boolean superUser;
  private final PrincipalRules[] mine;
  private final Set<String> groups;
  private final ClientHost host;

  AclCaller(
      AclRules rules,
      boolean superUser,
      List<PrincipalRules> mine,
      Set<String> groups,
      ClientHost host) {
    this.rules = rules;
    this.superUser = superUser;
    this.mine = mine.toArray(PrincipalRules[]::new);
    this.groups = groups;
    this.host = host;
  }

  /** The rules by which it is decided. */
  public AclRules rules() {
    return rules;
  }

  /** The names of the client's groups. */
  public Set<String> groups() {
    return groups;
  }

  /** Whether nothing restricts this client. */
  public boolean mayDoEverything() {
    return superUser && rules.readOnly().isEmpty();
  }

  /**
   * Decides about an operation on a resource. Takes time for the rules of this client's principals
   * that are about this resource, and a logarithm of the number of their prefixes; allocates
   * nothing.
   */
  public Decision authorize(Operation operation, ResourceType type, String name) {
    if (isReadOnly(operation, type, name)) {
      return Decision.READ_ONLY;
    }
    if (superUser) {
      return Decision.SUPER_USER;
    }
    @Nullable Decision found = null;
    for (PrincipalRules principal : mine) {
      found = Grant.stronger(found, principal.decide(operation, type, name, host));
      if (found != null && !found.allowed()) {
        return found;
      }
    }
    return found == null ? rules.undecided(type, name) : found;
  }

  /** Whether an operation would change a topic that nobody may change. */
  public boolean isReadOnly(Operation operation, ResourceType type, String name) {
    return type == ResourceType.TOPIC && operation.changes() && rules.readOnly().contains(name);
  }

  /**
   * Decides about an operation on the cluster.
   *
   * @see #authorize
   */
  public Decision authorizeCluster(Operation operation) {
    return authorize(operation, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
  }

  /**
   * Decides whether there may be a resource of a type on which an operation is allowed, as Kafka's
   * {@code authorizeByResourceType}: an idempotent producer needs WRITE on any topic. Unlike {@link
   * #authorize}, only rules count that name the operation or ALL. In the worst case it takes time
   * for all rules of this client's principals about resources of the type.
   */
  public Decision authorizeAny(Operation operation, ResourceType type) {
    Decision probe = authorize(operation, type, PROBE);
    if (probe.allowed()) {
      return probe;
    }
    @Nullable Decision allowed = null;
    for (PrincipalRules principal : mine) {
      NameIndex<Grant> names = principal.of(type);
      Grant any = names == null ? null : names.any();
      if (any != null) {
        @Nullable Decision denied = any.naming(operation, Permission.DENY, host);
        if (denied != null) {
          return denied;
        }
        allowed = allowed == null ? any.naming(operation, Permission.ALLOW, host) : allowed;
      }
    }
    for (int i = 0; allowed == null && i < mine.length; i++) {
      NameIndex<Grant> names = mine[i].of(type);
      allowed = names == null ? null : anyAllowed(names, operation, type);
    }
    return allowed == null ? probe : allowed;
  }

  /**
   * Whether an operation is allowed on all resources of a type, whatever their names. Takes time
   * for all rules of this client's principals about resources of the type.
   */
  public boolean authorizesAll(Operation operation, ResourceType type) {
    if (type == ResourceType.TOPIC && operation.changes() && !rules.readOnly().isEmpty()) {
      return false;
    }
    if (superUser) {
      return true;
    }
    for (PrincipalRules principal : mine) {
      NameIndex<Grant> names = principal.of(type);
      if (names != null && isAnyDenied(names, operation)) {
        return false;
      }
    }
    return authorize(operation, type, ResourcePattern.ANY_NAME).allowed();
  }

  private boolean isAnyDenied(NameIndex<Grant> names, Operation operation) {
    for (int i = 0; i < names.prefixes(); i++) {
      if (names.prefixed(i).naming(operation, Permission.DENY, host) != null) {
        return true;
      }
    }
    return names.literals().values().stream()
        .anyMatch(grant -> grant.naming(operation, Permission.DENY, host) != null);
  }

  /** The first rule that allows the operation on names that no other rule denies altogether. */
  private @Nullable Decision anyAllowed(
      NameIndex<Grant> names, Operation operation, ResourceType type) {
    for (int i = 0; i < names.prefixes(); i++) {
      @Nullable Decision allowed = names.prefixed(i).naming(operation, Permission.ALLOW, host);
      if (allowed != null && !isDenied(operation, type, names.prefix(i), false)) {
        return allowed;
      }
    }
    for (Map.Entry<String, Grant> literal : names.literals().entrySet()) {
      @Nullable Decision allowed = literal.getValue().naming(operation, Permission.ALLOW, host);
      if (allowed != null && !isDenied(operation, type, literal.getKey(), true)) {
        return allowed;
      }
    }
    return null;
  }

  /** Whether a rule denies an operation on the whole of a pattern. */
  private boolean isDenied(
      Operation operation, ResourceType type, String pattern, boolean literal) {
    for (PrincipalRules principal : mine) {
      NameIndex<Grant> names = principal.of(type);
      if (names == null) {
        continue;
      }
      Grant same = literal ? names.literal(pattern) : null;
      if (same != null && same.naming(operation, Permission.DENY, host) != null) {
        return true;
      }
      for (int i = names.longestPrefix(pattern); i >= 0; i = names.shorterPrefix(i)) {
        if (names.prefixed(i).naming(operation, Permission.DENY, host) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * The operations that are allowed on a resource, as the bits of Kafka's fields of authorized
   * operations.
   */
  public int authorizedOperations(ResourceType type, String name) {
    int bits = 0;
    for (Operation operation : Operation.LIST) {
      if (type.has(operation) && authorize(operation, type, name).allowed()) {
        bits |= operation.bit();
      }
    }
    return bits;
  }
}
