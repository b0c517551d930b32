package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import io.gatehouse.app.config.YamlSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A list of users in one variable: {@code [{username: u, password: p, admin: true}]}. */
final class AdminUsersVariable {

  static final String NAME = "GATEWAY_ADMIN_API_USERS";

  private static final String ROOT = "users";

  /** Its keys, and those of the native form. */
  private static final Map<String, String> KEYS =
      Map.of("username", "name", "password", "password", "admin", "admin");

  private final Map<String, String> environment;
  private final Problems problems;

  AdminUsersVariable(Map<String, String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
  }

  /** Returns the names of the users. */
  List<String> translate(String value, TreeBuilder tree) {
    Origin origin = new Origin.Variable(NAME);
    // Below a key, since a document's root is a mapping here.
    Node.Mapping read =
        YamlSource.inline(NAME, ROOT + ":\n" + value.indent(2), environment, problems);
    Node users = read.entries().get(ROOT);
    if (!(users instanceof Node.Sequence list) || list.items().isEmpty()) {
      if (users != null) {
        problems.add(origin, "it is no list like [{username: u, password: p, admin: true}]");
      }
      return List.of();
    }
    List<Node> items = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Node item : list.items()) {
      if (item instanceof Node.Mapping user) {
        items.add(renamed(user, origin));
        if (user.entries().get("username") instanceof Node.Scalar name) {
          names.add(name.text());
        }
      } else {
        // Its text is not shown: there may be a password in it.
        problems.add(origin, "an item is not like {username: u, password: p, admin: true}");
      }
    }
    tree.set(new Node.Sequence(items, origin), "admin", "users");
    return names;
  }

  private static Node renamed(Node.Mapping user, Origin origin) {
    SequencedMap<String, Node> entries = new LinkedHashMap<>();
    user.entries()
        .forEach((key, value) ->
            entries.put(
                KEYS.getOrDefault(key, key),
                value instanceof Node.Scalar scalar
                    ? new Node.Scalar(scalar.text(), origin)
                    : value));
    return new Node.Mapping(entries, origin);
  }
}
