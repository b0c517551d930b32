package io.gatehouse.gateway.acl;

import org.jspecify.annotations.Nullable;

/**
 * Whether an operation is allowed, and why.
 *
 * @param rule the rule behind it: for {@link Reason#RULE} only
 */
public record Decision(boolean allowed, Reason reason, @Nullable AclBinding rule) {

  /** What a decision follows from. */
  public enum Reason {
    /** Super users may do everything. */
    SUPER_USER,
    /** A rule allows or denies it. */
    RULE,
    /** There are rules about the resource, but none allows it. */
    NO_RULE_ALLOWS,
    /** There are no rules about the resource. */
    NO_RULES,
    /** It is an alias that must not change its topic. */
    READ_ONLY
  }

  static final Decision SUPER_USER = new Decision(true, Reason.SUPER_USER, null);
  static final Decision NO_RULE_ALLOWS = new Decision(false, Reason.NO_RULE_ALLOWS, null);
  static final Decision ALLOWED_BY_DEFAULT = new Decision(true, Reason.NO_RULES, null);
  static final Decision DENIED_BY_DEFAULT = new Decision(false, Reason.NO_RULES, null);

  static final Decision READ_ONLY = new Decision(false, Reason.READ_ONLY, null);

  static Decision of(AclBinding rule) {
    return new Decision(rule.permission() == Permission.ALLOW, Reason.RULE, rule);
  }

  @Override
  public String toString() {
    String why =
        switch (reason) {
          case SUPER_USER -> "a super user";
          case RULE -> "rule " + rule;
          case NO_RULE_ALLOWS -> "no rule allows it";
          case NO_RULES -> "no rules about the resource";
          case READ_ONLY -> "the alias is read-only";
        };
    return (allowed ? "allowed: " : "denied: ") + why;
  }
}
