package io.gatehouse.gateway.acl;

import org.jspecify.annotations.Nullable;

/** Selects rules, for DescribeAcls and DeleteAcls. */
public record AclFilter(Resources resources, Entries entries) {

  /** Selects all rules. */
  public static final AclFilter ALL =
      new AclFilter(new Resources(null, null, NameMatch.ANY), new Entries(null, null, null, null));

  /** How the name in a filter selects patterns. */
  public enum NameMatch {
    /** Patterns of both types with exactly this name. */
    ANY(1),
    /** Patterns that contain the resource of this name, and those with exactly this name. */
    MATCH(2),
    /** Literal patterns with exactly this name. */
    LITERAL(3),
    /** Prefixes with exactly this name. */
    PREFIXED(4);

    private final byte code;

    NameMatch(int code) {
      this.code = (byte) code;
    }

    /** Its number in Kafka's protocol. */
    public byte code() {
      return code;
    }

    /** The match with this number in Kafka's protocol, or null. */
    public static @Nullable NameMatch ofCode(int code) {
      for (NameMatch match : values()) {
        if (match.code == code) {
          return match;
        }
      }
      return null;
    }
  }

  /**
   * Selects by resources.
   *
   * @param type null for all
   * @param name null for all
   */
  public record Resources(@Nullable ResourceType type, @Nullable String name, NameMatch match) {

    boolean matches(ResourcePattern pattern) {
      if (type != null && type != pattern.type()) {
        return false;
      }
      boolean typed =
          switch (match) {
            case ANY, MATCH -> true;
            case LITERAL -> pattern.match() == PatternType.LITERAL;
            case PREFIXED -> pattern.match() == PatternType.PREFIXED;
          };
      return typed
          && (name == null
              || (match == NameMatch.MATCH ? pattern.contains(name) : pattern.name().equals(name)));
    }
  }

  /**
   * Selects by what is allowed or denied to whom. All texts are compared as they are: {@code *}
   * selects only rules that contain it.
   *
   * @param principal with its type; null for all
   * @param host null for all
   * @param operation null for all; {@link Operation#ALL} selects only rules that contain it
   * @param permission null for both
   */
  public record Entries(
      @Nullable String principal,
      @Nullable String host,
      @Nullable Operation operation,
      @Nullable Permission permission) {

    boolean matches(AclBinding rule) {
      return (operation == null || operation == rule.operation())
          && (permission == null || permission == rule.permission())
          && (host == null || host.equals(rule.host()))
          && (principal == null || principal.equals(rule.principal().toString()));
    }
  }

  /** Whether a rule is selected. */
  public boolean matches(AclBinding rule) {
    return resources.matches(rule.resources()) && entries.matches(rule);
  }
}
