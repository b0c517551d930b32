package io.gatehouse.gateway.authorize;

import static io.gatehouse.gateway.authorize.AskedRule.code;

import io.gatehouse.gateway.acl.AclFilter;
import io.gatehouse.gateway.acl.AclFilter.NameMatch;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.wire.tree.Struct;
import org.jspecify.annotations.Nullable;

/**
 * A filter as requests contain it.
 *
 * @param filter null if it selects nothing, because nobody knows what it asks for
 * @param problem why; null for valid ones
 */
record AskedFilter(@Nullable AclFilter filter, @Nullable String problem) {

  /**
   * @throws AskedRule.Spoiled if a code is 0
   */
  static AskedFilter read(Struct fields) {
    int typeCode = code(fields, "ResourceTypeFilter");
    int operationCode = code(fields, "Operation");
    int permissionCode = code(fields, "PermissionType");
    ResourceType type = ResourceType.ofCode(typeCode);
    Operation operation = Operation.ofCode(operationCode);
    Permission permission = Permission.ofCode(permissionCode);
    NameMatch match =
        fields.has("PatternTypeFilter")
            ? NameMatch.ofCode(code(fields, "PatternTypeFilter"))
            : NameMatch.LITERAL;
    if (match == null || isUnknown(type, typeCode)) {
      return new AskedFilter(null, "Unknown patternFilter.");
    }
    if (isUnknown(operation, operationCode) || isUnknown(permission, permissionCode)) {
      return new AskedFilter(null, "Unknown entryFilter.");
    }
    return new AskedFilter(
        new AclFilter(
            new AclFilter.Resources(type, fields.getStringOrNull("ResourceNameFilter"), match),
            new AclFilter.Entries(
                fields.getStringOrNull("PrincipalFilter"),
                fields.getStringOrNull("HostFilter"),
                operation,
                permission)),
        null);
  }

  private static boolean isUnknown(@Nullable Object found, int code) {
    return found == null && code != AskedRule.ANY;
  }
}
