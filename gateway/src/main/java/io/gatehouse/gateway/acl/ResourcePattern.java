package io.gatehouse.gateway.acl;

/**
 * The resources that a rule is about.
 *
 * @param name not empty
 */
public record ResourcePattern(ResourceType type, String name, PatternType match) {

  /** As the name of a literal pattern: all resources of the type. */
  public static final String ANY_NAME = "*";

  public ResourcePattern {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a rule about a resource without name");
    }
  }

  boolean isAnyName() {
    return match == PatternType.LITERAL && name.equals(ANY_NAME);
  }

  /** Whether a resource of the same type belongs to the pattern. */
  boolean contains(String resource) {
    return switch (match) {
      case LITERAL -> name.equals(resource) || isAnyName();
      case PREFIXED -> resource.startsWith(name);
    };
  }

  @Override
  public String toString() {
    return type + " " + match + " " + name;
  }
}
