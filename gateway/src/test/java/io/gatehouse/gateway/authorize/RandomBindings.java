package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random rules about the resources of {@link World}. */
record RandomBindings(RandomGenerator random) {

  private static final List<ResourceType> TYPES =
      List.of(
          ResourceType.TOPIC,
          ResourceType.TOPIC,
          ResourceType.TOPIC,
          ResourceType.GROUP,
          ResourceType.GROUP,
          ResourceType.TRANSACTIONAL_ID,
          ResourceType.CLUSTER);

  private static final List<String> HOSTS =
      List.of("*", "*", "*", "*", "*", "127.0.0.1", "127.0.0.1", "10.0.0.1");

  /** The rules of one user. */
  List<AclBinding> of(Principal principal) {
    int allowedOfTen = 5 + random.nextInt(6);
    List<AclBinding> rules = new ArrayList<>();
    for (int left = random.nextInt(13); left > 0; left--) {
      rules.add(rule(principal, allowedOfTen));
    }
    return rules;
  }

  AclBinding rule(Principal principal, int allowedOfTen) {
    ResourceType type = one(TYPES);
    List<Operation> operations =
        Arrays.stream(Operation.values()).filter(each -> type.has(each)).toList();
    return new AclBinding(
        pattern(type),
        principal,
        one(HOSTS),
        random.nextInt(5) == 0 ? Operation.ALL : one(operations),
        random.nextInt(10) < allowedOfTen ? Permission.ALLOW : Permission.DENY);
  }

  private ResourcePattern pattern(ResourceType type) {
    if (type == ResourceType.CLUSTER) {
      return new ResourcePattern(type, ResourceType.CLUSTER_NAME, PatternType.LITERAL);
    }
    List<String> names = World.names(type);
    return switch (random.nextInt(6)) {
      case 0, 1 -> new ResourcePattern(type, ResourcePattern.ANY_NAME, PatternType.LITERAL);
      case 2, 3 -> {
        String name = one(names);
        int length = 1 + random.nextInt(name.length());
        yield new ResourcePattern(type, name.substring(0, length), PatternType.PREFIXED);
      }
      default -> new ResourcePattern(type, one(names), PatternType.LITERAL);
    };
  }

  private <T> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
