package io.gatehouse.gateway.acl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All rules of one principal about one pattern of resources. */
final class Grant {

  private final @Nullable Rules everywhere;
  private final Map<String, Rules> addresses = new HashMap<>(0);
  private final List<InNetwork> networks = new ArrayList<>(0);

  Grant(List<AclBinding> bindings) {
    Map<String, List<AclBinding>> byHost = new LinkedHashMap<>();
    bindings.forEach(rule -> byHost.computeIfAbsent(rule.host(), _ -> new ArrayList<>()).add(rule));
    @Nullable Rules everywhere = null;
    for (Map.Entry<String, List<AclBinding>> entry : byHost.entrySet()) {
      Rules rules = new Rules(entry.getValue());
      switch (HostPattern.parse(entry.getKey())) {
        case HostPattern.Any _ -> everywhere = rules;
        case HostPattern.Address(String text) -> addresses.put(text, rules);
        case HostPattern.Network network -> networks.add(new InNetwork(network, rules));
      }
    }
    this.everywhere = everywhere;
  }

  /** What the rules say of an operation: denied before allowed, or null for nothing. */
  @Nullable Decision decide(Operation operation, ClientHost host) {
    @Nullable Decision found = everywhere == null ? null : everywhere.decide(operation);
    if (!addresses.isEmpty()) {
      Rules rules = addresses.get(host.text());
      found = rules == null ? found : stronger(found, rules.decide(operation));
    }
    for (int i = 0; i < networks.size(); i++) {
      if (host.isIn(networks.get(i).network)) {
        found = stronger(found, networks.get(i).rules.decide(operation));
      }
    }
    return found;
  }

  /** The rule that names an operation, or all of them, with a permission; or null. */
  @Nullable Decision naming(Operation operation, Permission permission, ClientHost host) {
    @Nullable Decision found = naming(everywhere, operation, permission);
    if (found == null && !addresses.isEmpty()) {
      found = naming(addresses.get(host.text()), operation, permission);
    }
    for (int i = 0; found == null && i < networks.size(); i++) {
      if (host.isIn(networks.get(i).network)) {
        found = naming(networks.get(i).rules, operation, permission);
      }
    }
    return found;
  }

  private static @Nullable Decision naming(
      @Nullable Rules rules, Operation operation, Permission permission) {
    return rules == null ? null : rules.naming(operation, permission);
  }

  /** The one that denies, or else the first one. */
  static @Nullable Decision stronger(@Nullable Decision first, @Nullable Decision second) {
    return first == null || (second != null && !second.allowed()) ? second : first;
  }

  private record InNetwork(HostPattern.Network network, Rules rules) {}

  /** Rules that differ in operation and permission only. */
  private static final class Rules {

    private final int allowed;
    private final int denied;
    private final Decision[] each;

    Rules(List<AclBinding> bindings) {
      int allowed = 0;
      int denied = 0;
      for (AclBinding rule : bindings) {
        switch (rule.permission()) {
          case ALLOW -> allowed |= rule.operation().allowed();
          case DENY -> denied |= rule.operation().denied();
        }
      }
      this.allowed = allowed;
      this.denied = denied;
      this.each = bindings.stream().map(Decision::of).toArray(Decision[]::new);
    }

    @Nullable Decision decide(Operation operation) {
      int bit = operation.bit();
      boolean deny = (denied & bit) != 0;
      if (!deny && (allowed & bit) == 0) {
        return null;
      }
      for (Decision one : each) {
        AclBinding rule = one.rule();
        if (rule != null && one.allowed() != deny) {
          int bits = deny ? rule.operation().denied() : rule.operation().allowed();
          if ((bits & bit) != 0) {
            return one;
          }
        }
      }
      throw new AssertionError("no rule for a bit");
    }

    @Nullable Decision naming(Operation operation, Permission permission) {
      for (Decision one : each) {
        AclBinding rule = one.rule();
        if (rule != null
            && rule.permission() == permission
            && (rule.operation().denied() & operation.bit()) != 0) {
          return one;
        }
      }
      return null;
    }
  }
}
