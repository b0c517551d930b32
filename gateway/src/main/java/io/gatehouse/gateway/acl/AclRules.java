package io.gatehouse.gateway.acl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All access rules of a virtual cluster, or of passthrough, with an index over them. Immutable.
 *
 * <p>Decisions are those of Kafka's {@code StandardAuthorizer}: a rule that denies wins over all
 * that allow; READ, WRITE, DELETE and ALTER allow DESCRIBE, and ALTER_CONFIGS allows
 * DESCRIBE_CONFIGS, but denying them denies nothing else; what no rule allows is denied. Two faults
 * of Kafka 4.4 are not repeated: rules with the name {@code *} are valid for names that begin with
 * an asterisk, too, and names that begin with a smaller character are decided.
 *
 * <p>{@code Group:} principals are an addition: a rule for them is as one for each member.
 */
public final class AclRules {

  /** No rules, no super users: everything is denied. */
  public static final AclRules NONE = new AclRules(List.of(), new Settings(Set.of(), false));

  /** No rules: everything is allowed. */
  public static final AclRules OPEN = new AclRules(List.of(), new Settings(Set.of(), true));

  private final List<AclBinding> bindings;
  private final Settings settings;
  private final Map<Principal, PrincipalRules> principals;

  /** The patterns of all principals, with any value. */
  private final Map<ResourceType, NameIndex<Boolean>> patterns;

  /**
   * What does not stand in rules.
   *
   * @param superUsers who may do everything; {@code User:*} has no special meaning here
   * @param allowIfNoRules whether everybody may do everything with a resource that no rule is
   *     about, as with Kafka's {@code allow.everyone.if.no.acl.found}
   * @param readOnly topics that nobody may change, not even super users
   */
  public record Settings(Set<Principal> superUsers, boolean allowIfNoRules, Set<String> readOnly) {

    public Settings {
      superUsers = Set.copyOf(superUsers);
      readOnly = Set.copyOf(readOnly);
    }

    /** Without topics that nobody may change. */
    public Settings(Set<Principal> superUsers, boolean allowIfNoRules) {
      this(superUsers, allowIfNoRules, Set.of());
    }
  }

  /** Makes the index. Rules that are given twice count once. */
  public AclRules(Collection<AclBinding> bindings, Settings settings) {
    this.bindings = List.copyOf(new LinkedHashSet<>(bindings));
    this.settings = settings;
    this.principals = new HashMap<>();
    this.patterns = new EnumMap<>(ResourceType.class);
    Map<ResourceType, Map<ResourcePattern, Boolean>> all = new EnumMap<>(ResourceType.class);
    Map<Principal, Map<ResourcePattern, List<AclBinding>>> grouped = new HashMap<>();
    for (AclBinding rule : this.bindings) {
      all.computeIfAbsent(rule.resources().type(), _ -> new HashMap<>())
          .put(rule.resources(), true);
      grouped
          .computeIfAbsent(rule.principal(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(rule.resources(), _ -> new ArrayList<>(1))
          .add(rule);
    }
    all.forEach((type, names) -> patterns.put(type, new NameIndex<>(names)));
    grouped.forEach((principal, rules) -> principals.put(principal, new PrincipalRules(rules)));
  }

  private AclRules(AclRules indexed, Settings settings) {
    this.bindings = indexed.bindings;
    this.principals = indexed.principals;
    this.patterns = indexed.patterns;
    this.settings = settings;
  }

  /** The same rules with other settings; takes no time for an index. */
  public AclRules with(Settings others) {
    return settings.equals(others) ? this : new AclRules(this, others);
  }

  /** The same rules with topics that nobody may change, not even super users. */
  public AclRules protecting(Set<String> readOnly) {
    return with(new Settings(settings.superUsers, settings.allowIfNoRules, readOnly));
  }

  /** Whether these are rules with the same index, which is shared, and the same settings. */
  @Override
  @SuppressWarnings("ReferenceEquality")
  public boolean equals(Object other) {
    return other instanceof AclRules rules
        && rules.principals == principals
        && rules.settings.equals(settings);
  }

  @Override
  public int hashCode() {
    return 31 * System.identityHashCode(principals) + settings.hashCode();
  }

  /** All rules, in the order given. */
  public List<AclBinding> bindings() {
    return bindings;
  }

  /**
   * A client that these rules decide about. Takes a lookup for each of its groups.
   *
   * @param user its name, without {@code User:}
   * @param groups the names of its groups, without {@code Group:}
   * @param host its IP address, as {@link java.net.InetAddress#getHostAddress}
   */
  public AclCaller caller(String user, Collection<String> groups, String host) {
    Set<Principal> itself = new LinkedHashSet<>();
    itself.add(Principal.user(user));
    groups.forEach(group -> itself.add(Principal.group(group)));
    boolean superUser = itself.stream().anyMatch(settings.superUsers::contains);
    itself.add(Principal.ANY_USER);
    if (!groups.isEmpty()) {
      itself.add(Principal.ANY_GROUP);
    }
    List<PrincipalRules> found = new ArrayList<>();
    for (Principal principal : itself) {
      PrincipalRules rules = principals.get(principal);
      if (rules != null) {
        found.add(rules);
      }
    }
    return new AclCaller(this, superUser, found, Set.copyOf(groups), new ClientHost(host));
  }

  /** Whether there can be no rules here, because there are topics to protect only. */
  public boolean areOff() {
    return bindings.isEmpty() && settings.allowIfNoRules;
  }

  Set<String> readOnly() {
    return settings.readOnly;
  }

  /** The decision where no rule says anything. */
  Decision undecided(ResourceType type, String name) {
    NameIndex<Boolean> names = patterns.get(type);
    if (names != null && names.contains(name)) {
      return Decision.NO_RULE_ALLOWS;
    }
    return settings.allowIfNoRules ? Decision.ALLOWED_BY_DEFAULT : Decision.DENIED_BY_DEFAULT;
  }
}
