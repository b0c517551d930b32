package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Node.Mapping;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The flags for authentication of clients and of other gateways (docs/kafka-proxy.md). */
final class AuthFlags {

  private static final Origin DEFAULT = new Origin.BuiltIn("kafka-proxy's default");
  private static final String LOCAL = "auth-local-";
  private static final String EARLY = "proxy-listener-auth-";
  private static final String SERVER = "auth-gateway-server-";

  private final GivenFlags flags;

  AuthFlags(GivenFlags flags) {
    this.flags = flags;
  }

  void translate(TreeBuilder listener) {
    handshake(listener);
    if (flags.isSet(LOCAL + "enable") || flags.isSet(EARLY + "enable")) {
      local(listener);
      return;
    }
    flags.idleWithout(LOCAL + "enable", List.of(LOCAL + "command", LOCAL + "mechanism"));
    flags.idleWithout(EARLY + "enable", List.of(EARLY + "command"));
    // Clients' logins are forwarded to the brokers, unless the gateway itself logs in there.
    boolean own = flags.isSet("sasl-enable");
    listener.set(
        own ? "open" : "forwarded",
        own ? flags.origin("sasl-enable") : DEFAULT,
        "authentication",
        "type");
  }

  private void local(TreeBuilder listener) {
    String enable = flags.isSet(LOCAL + "enable") ? LOCAL + "enable" : EARLY + "enable";
    Scalar command = either("command");
    Scalar given = flags.value(LOCAL + "mechanism");
    Scalar mechanism = given == null ? new Scalar("PLAIN", flags.origin(enable)) : given;
    boolean plain = mechanism.text().equals("PLAIN");
    if (!plain && !mechanism.text().equals("OAUTHBEARER")) {
      flags.problem(
          LOCAL + "mechanism", "'" + mechanism.text() + "' is not one of PLAIN, OAUTHBEARER");
      return;
    }
    if (command == null) {
      flags.problem(enable, "this needs --auth-local-command");
      return;
    }
    List<Scalar> arguments = new ArrayList<>(flags.parameters(LOCAL + "param"));
    arguments.addAll(flags.parameters(EARLY + "param"));
    List<String> valid = plain ? BuiltIns.PASSWORDS : BuiltIns.TOKENS;
    List<String> others = plain ? BuiltIns.TOKENS : BuiltIns.PASSWORDS;
    if (BuiltIns.named(command.text(), others) != null) {
      flags
          .problems()
          .add(
              command.origin(),
              "'"
                  + command.text()
                  + "' cannot be used with "
                  + mechanism.text()
                  + "; use one of "
                  + valid);
      return;
    }
    TreeBuilder item = new TreeBuilder();
    item.set(mechanism, "name");
    String builtIn = BuiltIns.named(command.text(), valid);
    if (builtIn == null) {
      BuiltIns.plugin(flags, item, LOCAL, command, "plugin", "");
      earlyParameters(item, arguments);
    } else {
      builtIn(item, builtIn, arguments, command.origin());
    }
    List<Node> items = new ArrayList<>(List.of(item.build()));
    listener.set("sasl", flags.origin(enable), "authentication", "type");
    listener.set(new Node.Sequence(items, flags.origin(enable)), "authentication", "mechanisms");
  }

  private static void earlyParameters(TreeBuilder item, List<Scalar> arguments) {
    if (!arguments.isEmpty()) {
      Origin origin = arguments.getFirst().origin();
      item.set(new Node.Sequence(new ArrayList<>(arguments), origin), "plugin", "parameters");
    }
  }

  private void builtIn(TreeBuilder item, String name, List<Scalar> arguments, Origin origin) {
    Mapping keys = BuiltIns.keys(flags, name, arguments);
    switch (name) {
      case "auth-user" -> user(item, keys, origin);
      case "auth-ldap" -> item.set(ldap(keys), "ldap");
      default -> item.set(orEmpty(keys, origin), section(name));
    }
  }

  /** The configuration section of a built-in that verifies tokens. */
  private static String section(String builtIn) {
    return switch (builtIn) {
      case "google-id-info" -> "google";
      case "unsecured-jwt-info" -> "unsecured";
      default -> "jwks";
    };
  }

  private static Mapping orEmpty(Mapping keys, Origin origin) {
    return keys.entries().isEmpty() ? new Mapping(keys.entries(), origin) : keys;
  }

  private void user(TreeBuilder item, Mapping keys, Origin origin) {
    SequencedMap<String, Node> entries = new LinkedHashMap<>(keys.entries());
    String variable = flags.environment().getOrDefault("SASL_PASSWORD", "");
    if (!entries.containsKey("password") && !variable.isEmpty()) {
      entries.put("password", new Scalar(variable, new Origin.Variable("SASL_PASSWORD")));
    }
    if (!entries.containsKey("user") || !entries.containsKey("password")) {
      flags.problems().add(origin, "auth-user needs the arguments --username and --password");
    }
    entries.forEach((key, value) -> item.set(value, key));
  }

  /** A search is used if a bind DN is given or if it is requested explicitly. */
  private static Mapping ldap(Mapping keys) {
    SequencedMap<String, Node> entries = new LinkedHashMap<>(keys.entries());
    Node search = entries.remove("search");
    boolean searches = search instanceof Scalar(String text, _) && text.equals("true");
    if (searches && !entries.containsKey("searchBase") && search != null) {
      entries.put("searchBase", new Scalar("", search.origin()));
    } else if (!searches && !entries.containsKey("bindDn")) {
      entries.remove("searchBase");
      entries.remove("searchFilter");
    }
    return new Mapping(entries, keys.origin());
  }

  private @Nullable Scalar either(String what) {
    Scalar value = flags.value(LOCAL + what);
    return value == null ? flags.value(EARLY + what) : value;
  }

  private void handshake(TreeBuilder listener) {
    if (!flags.isSet(SERVER + "enable")) {
      flags.idleWithout(
          SERVER + "enable", List.of(SERVER + "command", SERVER + "method", SERVER + "magic"));
      return;
    }
    Scalar command = flags.value(SERVER + "command");
    if (command == null
        || flags.value(SERVER + "method") == null
        || flags.value(SERVER + "magic") == null) {
      flags.problem(
          SERVER + "enable",
          "this needs --" + SERVER + "command, --" + SERVER + "method and --" + SERVER + "magic");
      return;
    }
    flags.copy(listener, SERVER + "magic", "handshake", "magic");
    flags.copy(listener, SERVER + "method", "handshake", "method");
    flags.copy(listener, SERVER + "timeout", "handshake", "timeout");
    String builtIn = BuiltIns.named(command.text(), BuiltIns.TOKENS);
    if (builtIn == null) {
      BuiltIns.plugin(flags, listener, SERVER, command, "handshake", "plugin", "");
    } else {
      Mapping keys = BuiltIns.keys(flags, builtIn, flags.parameters(SERVER + "param"));
      listener.set(orEmpty(keys, command.origin()), "handshake", section(builtIn));
    }
  }
}
