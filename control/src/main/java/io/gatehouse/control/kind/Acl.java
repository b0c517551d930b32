package io.gatehouse.control.kind;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An access rule of a virtual cluster, with the names that its clients see.
 *
 * @param principal {@code User:} and the name of an account, {@code Group:} and that of a group, or
 *     {@code *} for all; clients can make rules for other types, too
 * @param host an address, or {@code *}
 */
public record Acl(
    Resources resources,
    String principal,
    String host,
    Operation operation,
    Permission permission) {

  private static final Pattern PRINCIPAL = Pattern.compile("(User|Group):.+");
  private static final String CLUSTER_NAME = "kafka-cluster";
  static final String ANY_HOST = "*";

  /** The resources of the Kafka cluster that it is about. */
  public record Resources(Type type, String name, Match match) {}

  /** The types of resources of a Kafka cluster. */
  public enum Type {
    TOPIC,
    GROUP,
    CLUSTER,
    TRANSACTIONAL_ID,
    /** Of rules that clients have made. */
    DELEGATION_TOKEN,
    /** Of rules that clients have made. */
    USER
  }

  /** How names are compared. */
  public enum Match {
    LITERAL,
    PREFIXED
  }

  /** What a client wants to do. */
  public enum Operation {
    ALL,
    ALTER,
    ALTER_CONFIGS,
    CLUSTER_ACTION,
    CREATE,
    CREATE_TOKENS,
    DELETE,
    DESCRIBE,
    DESCRIBE_CONFIGS,
    DESCRIBE_TOKENS,
    IDEMPOTENT_WRITE,
    READ,
    TWO_PHASE_COMMIT,
    WRITE
  }

  /** Whether a client may do it. */
  public enum Permission {
    ALLOW,
    DENY
  }

  static Acl read(Fields fields) {
    Fields pattern = fields.object("resourcePattern");
    Type type = pattern.choice("resourceType", Type.class);
    String name = pattern.text("name", null);
    Match match = pattern.choice("patternType", Match.class);
    pattern.close();
    if (type == Type.CLUSTER && !(name.equals(CLUSTER_NAME) && match == Match.LITERAL)) {
      pattern.problem(
          "name", "a rule about the CLUSTER has the name " + CLUSTER_NAME + " and is LITERAL");
    }
    if (type == Type.DELEGATION_TOKEN || type == Type.USER) {
      pattern.problem(
          "resourceType", type + " is about delegation tokens, which do not exist here");
    }
    String principal = fields.text("principal", PRINCIPAL);
    String host = fields.text("host", null, ANY_HOST);
    Operation operation = fields.choice("operation", Operation.class);
    if (operation == Operation.CLUSTER_ACTION) {
      fields.problem(
          "operation", "CLUSTER_ACTION is for brokers, and clients of a virtual cluster are none");
    }
    Permission permission = fields.choice("permissionType", Permission.class);
    fields.close();
    return new Acl(new Resources(type, name, match), principal, host, operation, permission);
  }

  Map<String, @Nullable Object> document() {
    return Fields.map(
        "resourcePattern",
        Fields.map(
            "resourceType", resources.type.name(),
            "name", resources.name,
            "patternType", resources.match.name()),
        "principal",
        principal,
        "host",
        host,
        "operation",
        operation.name(),
        "permissionType",
        permission.name());
  }

  static List<Acl> readAll(Fields spec) {
    return spec.objects("acls").stream().map(Acl::read).toList();
  }
}
