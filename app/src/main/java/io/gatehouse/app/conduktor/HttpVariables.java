package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Translates the variables of the HTTP server: port, TLS, and what needs a user. */
final class HttpVariables {

  static final String PORT = "GATEWAY_HTTP_PORT";

  private static final String KEY_STORE = "GATEWAY_HTTPS_KEY_STORE_PATH";
  private static final String KEY_STORE_PASSWORD = "GATEWAY_HTTPS_KEY_STORE_PASSWORD";
  private static final String CLIENT_AUTH = "GATEWAY_HTTPS_CLIENT_AUTH";
  private static final String TRUST_STORE = "GATEWAY_HTTPS_TRUST_STORE_PATH";
  private static final String TRUST_STORE_PASSWORD = "GATEWAY_HTTPS_TRUST_STORE_PASSWORD";
  private static final String SECURED_METRICS = "GATEWAY_SECURED_METRICS";

  private final Map<String, String> variables;
  private final Problems problems;

  HttpVariables(Map<String, String> variables, Problems problems) {
    this.variables = variables;
    this.problems = problems;
  }

  void translate(TreeBuilder tree) {
    copy(tree, PORT, "port");
    securedMetrics(tree);
    if (variables.containsKey(KEY_STORE)) {
      copy(tree, KEY_STORE, "tls", "keyStore");
      copy(tree, KEY_STORE_PASSWORD, "tls", "keyStorePassword");
      copy(tree, TRUST_STORE, "tls", "trustStore");
      copy(tree, TRUST_STORE_PASSWORD, "tls", "trustStorePassword");
      clientAuth(tree);
    } else {
      withoutKeys();
    }
  }

  private void withoutKeys() {
    String auth = variables.getOrDefault(CLIENT_AUTH, "NONE");
    if (variables.containsKey(TRUST_STORE) || !auth.equalsIgnoreCase("NONE")) {
      String given = variables.containsKey(TRUST_STORE) ? TRUST_STORE : CLIENT_AUTH;
      problems.add(new Origin.Variable(given), "HTTP has TLS only with " + KEY_STORE);
    }
    for (String name : List.of(KEY_STORE_PASSWORD, TRUST_STORE_PASSWORD)) {
      if (variables.containsKey(name)) {
        problems.notice(name + " has no effect without " + KEY_STORE);
      }
    }
  }

  private void clientAuth(TreeBuilder tree) {
    String given = variables.getOrDefault(CLIENT_AUTH, "NONE");
    Origin origin =
        variables.containsKey(CLIENT_AUTH) ? new Origin.Variable(CLIENT_AUTH) : Origin.DEFAULT;
    String auth =
        switch (given.toUpperCase(Locale.ROOT)) {
          case "NONE" -> "none";
          case "REQUEST", "OPTIONAL" -> "optional";
          case "REQUIRED", "REQUIRE" -> "required";
          default -> "";
        };
    if (auth.isEmpty()) {
      problems.add(origin, "'" + given + "' is not one of NONE, REQUEST, REQUIRED");
    } else {
      tree.set(auth, origin, "http", "tls", "clientAuth");
    }
  }

  /** Those who name users expect that metrics need one, because this is the default there. */
  private void securedMetrics(TreeBuilder tree) {
    if (variables.containsKey(SECURED_METRICS)) {
      copy(tree, SECURED_METRICS, "securedMetrics");
    } else if (variables.containsKey(AdminUsersVariable.NAME)) {
      tree.set("true", new Origin.Variable(AdminUsersVariable.NAME), "http", "securedMetrics");
    }
  }

  private void copy(TreeBuilder tree, String name, String... key) {
    String value = variables.get(name);
    if (value != null) {
      String[] path = new String[key.length + 1];
      path[0] = "http";
      System.arraycopy(key, 0, path, 1, key.length);
      tree.set(value, new Origin.Variable(name), path);
    }
  }
}
