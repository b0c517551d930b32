package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Translates the variables about what clients without a virtual cluster may do. */
final class AclVariables {

  private static final String ENABLED = "GATEWAY_ACL_ENABLED";
  private static final String SUPER_USERS = "GATEWAY_SUPER_USERS";

  private final Map<String, String> variables;
  private final Problems problems;

  AclVariables(Map<String, String> variables, Problems problems) {
    this.variables = variables;
    this.problems = problems;
  }

  /**
   * @param security what is known after the listeners are described
   * @param admins the users of the admin API, who are the super users unless others are named
   */
  void translate(TreeBuilder tree, ClientSecurity security, List<String> admins) {
    if (!isOn(security)) {
      if (variables.containsKey(SUPER_USERS)) {
        problems.notice(SUPER_USERS + " has no effect without " + ENABLED + "=true");
      }
      if (security.authenticates()) {
        problems.notice(
            "clients authenticate at the gateway, and "
                + ENABLED
                + " is not true: every client without a virtual cluster has the permissions of the"
                + " gateway's account at the brokers");
      }
      return;
    }
    if (security.forwards()) {
      problems.add(
          new Origin.Variable(ENABLED),
          "true needs " + ClientSecurity.MODE + "=GATEWAY_MANAGED; brokers have ACLs of their own");
      return;
    }
    Origin origin =
        new Origin.Variable(variables.containsKey(ENABLED) ? ENABLED : ClientSecurity.MODE);
    tree.set("true", origin, "virtualClusters", "passthrough", "aclEnabled");
    String given = variables.get(SUPER_USERS);
    List<String> superUsers =
        given == null
            ? admins
            : Arrays.stream(given.split(";"))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    if (superUsers.isEmpty()) {
      problems.notice(
          "no client without a virtual cluster may do anything unless access rules exist already: "
              + SUPER_USERS
              + " names no user who could make rules");
    } else {
      tree.set(
          superUsers,
          new Origin.Variable(given == null ? AdminUsersVariable.NAME : SUPER_USERS),
          "virtualClusters",
          "passthrough",
          "superUsers");
    }
  }

  private boolean isOn(ClientSecurity security) {
    String given = variables.get(ENABLED);
    if (given == null) {
      return security.saysGatewayManaged();
    }
    try {
      return Parse.flag(given);
    } catch (IllegalArgumentException e) {
      problems.add(new Origin.Variable(ENABLED), String.valueOf(e.getMessage()));
      return false;
    }
  }
}
