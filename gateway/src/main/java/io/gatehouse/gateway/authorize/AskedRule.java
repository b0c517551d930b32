package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBufUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule to create, as a request contains it.
 *
 * @param rule null if it is invalid
 * @param problem why; null for valid ones
 */
record AskedRule(@Nullable AclBinding rule, @Nullable String problem) {

  /** How much of a text is repeated in error messages. */
  private static final int SHOWN = 200;

  /** The code of ANY, which only filters have. */
  static final int ANY = 1;

  private static final int MATCH = 2;

  /** A request that makes no sense, so that nothing of it is done. */
  static final class Spoiled extends RuntimeException {
    private static final long serialVersionUID = 1;

    Spoiled(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * @throws Spoiled if a code is 0, or ANY or MATCH, which Kafka takes for an error of the whole
   *     request
   */
  static AskedRule read(Struct fields) {
    int type = definite(fields, "ResourceType");
    boolean hasPattern = fields.has("ResourcePatternType");
    int pattern = hasPattern ? definite(fields, "ResourcePatternType") : PatternType.LITERAL.code();
    if (pattern == MATCH) {
      throw new Spoiled("ResourcePatternType must not be MATCH");
    }
    int operation = definite(fields, "Operation");
    int permission = definite(fields, "PermissionType");
    String name = fields.getString("ResourceName");
    String problem = problem(ResourceType.ofCode(type), name, fields);
    return problem == null
        ? new AskedRule(
            new AclBinding(
                new ResourcePattern(
                    Objects.requireNonNull(ResourceType.ofCode(type)),
                    name,
                    Objects.requireNonNull(PatternType.ofCode(pattern))),
                Principal.parse(fields.getString("Principal")),
                fields.getString("Host"),
                Objects.requireNonNull(Operation.ofCode(operation)),
                Objects.requireNonNull(Permission.ofCode(permission))),
            null)
        : new AskedRule(null, problem);
  }

  private static int definite(Struct fields, String field) {
    int code = code(fields, field);
    if (code == ANY) {
      throw new Spoiled(field + " must not be ANY");
    }
    return code;
  }

  /**
   * A code that is not 0, by which clients write what they do not know.
   *
   * @throws Spoiled if it is
   */
  static int code(Struct fields, String field) {
    int code = fields.getInt(field);
    if (code == 0) {
      throw new Spoiled(field + " must not be UNKNOWN");
    }
    return code;
  }

  /** The first thing that is wrong, in the order in which Kafka looks. */
  private static @Nullable String problem(@Nullable ResourceType type, String name, Struct fields) {
    if (type == ResourceType.CLUSTER && !name.equals(ResourceType.CLUSTER_NAME)) {
      return "The only valid name for the CLUSTER resource is " + ResourceType.CLUSTER_NAME;
    }
    if (name.isEmpty()) {
      return "Invalid empty resource name";
    }
    if (type == null) {
      return "Invalid resourceType UNKNOWN";
    }
    if (fields.has("ResourcePatternType")
        && PatternType.ofCode(fields.getInt("ResourcePatternType")) == null) {
      return "Invalid patternType UNKNOWN";
    }
    if (Operation.ofCode(fields.getInt("Operation")) == null) {
      return "Invalid operation UNKNOWN";
    }
    if (Permission.ofCode(fields.getInt("PermissionType")) == null) {
      return "Invalid permissionType UNKNOWN";
    }
    String principal = fields.getString("Principal");
    if (principal.indexOf(':') < 0) {
      return "Could not parse principal from `"
          + shown(principal)
          + "` (no colon is present separating the principal type from the principal name)";
    }
    String host = fields.getString("Host");
    if (host.isEmpty()) {
      return "Host pattern cannot be null or empty";
    }
    if (!AclBinding.isHost(host)) {
      return "Invalid CIDR notation '" + shown(host) + "': not a network";
    }
    return isTooLong(name) || isTooLong(principal) || isTooLong(host)
        ? "The texts of the rule are too long"
        : null;
  }

  /** Whether an answer cannot repeat a text, in which damaged characters grow. */
  private static boolean isTooLong(String text) {
    return ByteBufUtil.utf8Bytes(text) > Short.MAX_VALUE;
  }

  private static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
