package io.gatehouse.gateway.acl;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of one principal, by resources. */
final class PrincipalRules {

  private final Map<ResourceType, NameIndex<Grant>> types = new EnumMap<>(ResourceType.class);

  PrincipalRules(Map<ResourcePattern, List<AclBinding>> rules) {
    Map<ResourceType, Map<ResourcePattern, Grant>> grants = new EnumMap<>(ResourceType.class);
    rules.forEach((pattern, list) ->
        grants.computeIfAbsent(pattern.type(), _ -> new HashMap<>()).put(pattern, new Grant(list)));
    grants.forEach((type, names) -> types.put(type, new NameIndex<>(names)));
  }

  /** The rules about resources of a type, or null if there are none. */
  @Nullable NameIndex<Grant> of(ResourceType type) {
    return types.get(type);
  }

  /** What the rules say of an operation: denied before allowed, or null for nothing. */
  @Nullable Decision decide(Operation operation, ResourceType type, String name, ClientHost host) {
    NameIndex<Grant> names = types.get(type);
    if (names == null) {
      return null;
    }
    Grant grant = names.literal(name);
    @Nullable Decision found = grant == null ? null : grant.decide(operation, host);
    int prefix = names.longestPrefix(name);
    while (prefix >= 0 && (found == null || found.allowed())) {
      found = Grant.stronger(found, names.prefixed(prefix).decide(operation, host));
      prefix = names.shorterPrefix(prefix);
    }
    Grant any = names.any();
    return any == null ? found : Grant.stronger(found, any.decide(operation, host));
  }
}
