package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The flags for the gateway's logins at brokers and at other gateways (docs/kafka-proxy.md). */
final class LoginFlags {

  private static final String ENABLE = "sasl-enable";
  private static final String PLUGIN = "sasl-plugin-enable";
  private static final String CLIENT = "auth-gateway-client-";
  private static final List<String> PROVIDERS =
      List.of("google-id-provider", "oidc-provider", "unsecured-jwt-provider");

  private final GivenFlags flags;

  LoginFlags(GivenFlags flags) {
    this.flags = flags;
  }

  void translate(TreeBuilder tree) {
    GivenFlags.put(tree, flags.secret("forward-proxy"), "upstream", "forwardProxy");
    handshake(tree);
    if (!flags.isSet(ENABLE)) {
      flags.idleWithout(ENABLE, List.of("sasl-username", "sasl-password", "sasl-jaas-config-file"));
      if (flags.isSet(PLUGIN)) {
        flags.problem(PLUGIN, "this needs --" + ENABLE + " as well");
      }
      return;
    }
    if (flags.isSet(PLUGIN)) {
      provider(tree);
      return;
    }
    Scalar given = flags.value("sasl-method");
    Scalar method = given == null ? new Scalar("PLAIN", flags.origin(ENABLE)) : given;
    switch (method.text()) {
      case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" -> password(tree, method);
      case "GSSAPI" -> kerberos(tree);
      case "AWS_MSK_IAM" -> aws(tree);
      default ->
          flags.problem(
              "sasl-method",
              "'"
                  + method.text()
                  + "' is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI, AWS_MSK_IAM");
    }
  }

  private void password(TreeBuilder tree, Scalar method) {
    tree.set(method, "upstream", "login", "mechanism");
    if (flags.value("sasl-jaas-config-file") != null) {
      flags.copy(tree, "sasl-jaas-config-file", "upstream", "login", "jaasFile");
      return;
    }
    if (flags.value("sasl-username") == null || flags.secret("sasl-password") == null) {
      flags.problem(
          ENABLE,
          method.text()
              + " needs --sasl-username and --sasl-password (or --sasl-password-file or"
              + " SASL_PASSWORD), or --sasl-jaas-config-file");
    }
    flags.copy(tree, "sasl-username", "upstream", "login", "user");
    flags.copySecret(tree, "sasl-password", "upstream", "login", "password");
  }

  private void kerberos(TreeBuilder tree) {
    String[] keys = {"upstream", "login", "kerberos", ""};
    Scalar type = flags.value("gssapi-auth-type");
    Origin origin = type == null ? flags.origin(ENABLE) : type.origin();
    String proof = type == null ? "KEYTAB" : type.text();
    boolean byUser = proof.equals("USER");
    if (!byUser && !proof.equals("KEYTAB")) {
      flags.problem("gssapi-auth-type", "'" + proof + "' is not one of KEYTAB, USER");
      return;
    }
    tree.set(byUser ? "user" : "keytab", origin, at(keys, "proof"));
    flags.copy(tree, "gssapi-servicename", at(keys, "service"));
    flags.copy(tree, "gssapi-username", at(keys, "user"));
    flags.copy(tree, "gssapi-realm", at(keys, "realm"));
    if (flags.value("gssapi-realm") == null) {
      flags.problem(ENABLE, "GSSAPI needs --gssapi-realm");
    }
    if (byUser) {
      flags.copySecret(tree, "gssapi-password", at(keys, "password"));
      if (flags.secret("gssapi-password") == null) {
        flags.problem("gssapi-auth-type", "USER needs --gssapi-password");
      }
    } else {
      flags.copy(tree, "gssapi-keytab", at(keys, "keytab"));
      if (flags.value("gssapi-keytab") == null) {
        flags.problem(ENABLE, "GSSAPI needs --gssapi-keytab, or --gssapi-auth-type USER");
      }
    }
    flags.copy(tree, "gssapi-krb5", at(keys, "config"));
    hosts(tree, at(keys, "hosts"));
  }

  private void hosts(TreeBuilder tree, String[] path) {
    String flag = "gssapi-spn-host-mapping";
    SequencedMap<String, Node> hosts = new LinkedHashMap<>();
    for (String value : flags.arguments().all(flag)) {
      for (String pair : Parse.commas(value)) {
        String[] sides = pair.split("=", 2);
        if (sides.length < 2) {
          flags.problem(flag, "'" + pair + "' is not host=host");
        } else {
          hosts.put(sides[0], new Scalar(sides[1], flags.origin(flag)));
        }
      }
    }
    if (!hosts.isEmpty()) {
      tree.set(new Node.Mapping(hosts, flags.origin(flag)), path);
    }
  }

  private void aws(TreeBuilder tree) {
    String[] keys = {"upstream", "login", "aws", ""};
    // Without other flags, AWS's default credential chain is used.
    Origin origin = flags.origin(flags.value("sasl-method") == null ? ENABLE : "sasl-method");
    tree.set(
        flags.isSet("sasl-aws-identity-lookup") ? "true" : "false",
        flags.isSet("sasl-aws-identity-lookup") ? flags.origin("sasl-aws-identity-lookup") : origin,
        at(keys, "identityLookup"));
    flags.copy(tree, "sasl-aws-region", at(keys, "region"));
    flags.copy(tree, "sasl-aws-profile", at(keys, "profile"));
    flags.copy(tree, "sasl-aws-role-arn", at(keys, "role"));
  }

  private void provider(TreeBuilder tree) {
    Scalar mechanism = flags.value("sasl-plugin-mechanism");
    if (mechanism != null && !mechanism.text().equals("OAUTHBEARER")) {
      flags.problem("sasl-plugin-mechanism", "'" + mechanism.text() + "' is not OAUTHBEARER");
    }
    Scalar command = flags.value("sasl-plugin-command");
    if (command == null) {
      flags.problem(PLUGIN, "this needs --sasl-plugin-command");
      return;
    }
    String builtIn = BuiltIns.named(command.text(), PROVIDERS);
    if (builtIn == null) {
      plugin(tree, "sasl-plugin-", command, "upstream", "login", "plugin", "");
      return;
    }
    tree.set(builtIn, command.origin(), "upstream", "login", "tokens", "provider");
    list(tree, "sasl-plugin-param", "upstream", "login", "tokens", "parameters");
  }

  private void handshake(TreeBuilder tree) {
    if (!flags.isSet(CLIENT + "enable")) {
      flags.idleWithout(
          CLIENT + "enable", List.of(CLIENT + "command", CLIENT + "method", CLIENT + "magic"));
      return;
    }
    Scalar command = flags.value(CLIENT + "command");
    if (command == null
        || flags.value(CLIENT + "method") == null
        || flags.value(CLIENT + "magic") == null) {
      flags.problem(
          CLIENT + "enable",
          "this needs --" + CLIENT + "command, --" + CLIENT + "method and --" + CLIENT + "magic");
      return;
    }
    flags.copy(tree, CLIENT + "magic", "upstream", "handshake", "magic");
    flags.copy(tree, CLIENT + "method", "upstream", "handshake", "method");
    String builtIn = BuiltIns.named(command.text(), PROVIDERS);
    if (builtIn == null) {
      plugin(tree, CLIENT, command, "upstream", "handshake", "plugin", "");
      return;
    }
    tree.set(builtIn, command.origin(), "upstream", "handshake", "provider");
    list(tree, CLIENT + "param", "upstream", "handshake", "parameters");
  }

  private void plugin(TreeBuilder tree, String prefix, Scalar command, String... path) {
    BuiltIns.plugin(flags, tree, prefix, command, path);
  }

  private void list(TreeBuilder tree, String flag, String... path) {
    List<Scalar> given = flags.parameters(flag);
    if (!given.isEmpty()) {
      tree.set(new Node.Sequence(new ArrayList<>(given), given.getFirst().origin()), path);
    }
  }

  private static String[] at(String[] path, String last) {
    return BuiltIns.at(path, last);
  }
}
