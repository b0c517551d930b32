package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.Flag;
import io.gatehouse.app.config.Durations;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.SettingsBinder.Advice;
import io.gatehouse.app.config.Support;
import io.gatehouse.app.config.TreeBuilder;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Translates kafka-proxy's flags and variables to the native configuration. */
public final class KafkaProxyTranslation {

  public static final Advice ADVICE =
      new Advice(
          "no broker is mapped: give --bootstrap-server-mapping host:port,host:port[,host:port] or"
              + " BOOTSTRAP_SERVER_MAPPING",
          "--http-listen-address");

  private static final Origin DEFAULT = new Origin.BuiltIn("kafka-proxy's default");

  private final Arguments arguments;
  private final Map<String, String> environment;
  private final Problems problems;
  private final GivenFlags given;
  private final TreeBuilder tree = new TreeBuilder();
  private final TreeBuilder listener = new TreeBuilder();

  private KafkaProxyTranslation(
      Arguments arguments, Map<String, String> environment, Problems problems) {
    this.arguments = arguments;
    this.environment = environment;
    this.problems = problems;
    this.given = new GivenFlags(arguments, environment, problems);
  }

  /**
   * @param arguments split by {@link KafkaProxyFlags}
   * @param problems receives all problems
   */
  public static Node.Mapping translate(
      Arguments arguments, Map<String, String> environment, Problems problems) {
    KafkaProxyTranslation translation = new KafkaProxyTranslation(arguments, environment, problems);
    return translation.translate().over(defaults());
  }

  /** Defaults of kafka-proxy that differ from the native defaults. */
  private static Node.Mapping defaults() {
    return new TreeBuilder()
        .set("kafka-proxy", DEFAULT, "upstream", "clientId")
        .set("256", DEFAULT, "limits", "inFlightRequests")
        .set("15s", DEFAULT, "timeouts", "connect")
        .set("9080", DEFAULT, "http", "port")
        .set("kafka-proxy", DEFAULT, "http", "style")
        .build();
  }

  private Node.Mapping translate() {
    checkSupport();
    Mappings mappings = new Mappings(problems);
    list("bootstrap-server-mapping").forEach(mappings::server);
    list("external-server-mapping").forEach(mappings::external);
    list("dial-address-mapping").forEach(mappings::dial);
    if (!mappings.servers().items().isEmpty()) {
      listener.set(mappings.servers(), "mapping");
      mappings.external().ifPresent(node -> listener.set(node, "external"));
      dynamic();
      new TlsFlags(given).listener(listener);
      new AuthFlags(given).translate(listener);
      tree.set(
          new Node.Sequence(List.of(listener.build()), mappings.servers().origin()), "listeners");
    }
    mappings.dial().ifPresent(node -> tree.set(node, "upstream", "dial"));
    TlsFlags tls = new TlsFlags(given);
    tls.brokers(tree);
    tls.refresh(tree);
    new LoginFlags(given).translate(tree);
    kafka();
    sockets();
    http();
    log();
    return tree.build();
  }

  /** Reports unsupported flags and flags without effect. */
  private void checkSupport() {
    for (Flag flag : KafkaProxyFlags.all()) {
      if (!arguments.has(flag.name())) {
        continue;
      }
      Origin origin = Arguments.origin(flag.name());
      switch (flag.support()) {
        case YES -> {}
        case NO_EFFECT -> {
          check(flag);
          problems.notice(flag.dashed() + " has no effect: " + flag.help());
        }
        case NOT_YET, RETIRED -> {
          if (flag.fallback().equals(arguments.last(flag.name()))) {
            problems.notice(flag.dashed() + " has no effect: it has its default value");
          } else if (flag.support() == Support.NOT_YET) {
            problems.notYet(flag.dashed());
          } else {
            problems.add(origin, flag.help());
          }
        }
      }
    }
  }

  /** The value of a flag must have the right type even if the flag has no effect. */
  private void check(Flag flag) {
    String value = String.valueOf(arguments.last(flag.name()));
    try {
      switch (flag.kind()) {
        case INT -> Parse.number(value, 1, Integer.MAX_VALUE);
        case DURATION -> Durations.parse(value);
        default -> {}
      }
    } catch (IllegalArgumentException e) {
      problems.add(Arguments.origin(flag.name()), String.valueOf(e.getMessage()));
    }
  }

  /** The values of a list flag, else of its variable, which is split at white space. */
  private List<Node.Scalar> list(String flag) {
    List<Node.Scalar> entries = new ArrayList<>();
    for (String value : arguments.all(flag)) {
      entries.add(new Node.Scalar(value, Arguments.origin(flag)));
    }
    if (entries.isEmpty()) {
      String variable = flag.replace('-', '_').toUpperCase(Locale.ROOT);
      for (String value : environment.getOrDefault(variable, "").split("\\s+", -1)) {
        if (!value.isEmpty()) {
          entries.add(new Node.Scalar(value, new Origin.Variable(variable)));
        }
      }
    }
    return entries;
  }

  private void dynamic() {
    String ip = arguments.last("default-listener-ip");
    if (ip != null) {
      try {
        listener.set(InetAddress.ofLiteral(ip).getHostAddress(), ipOrigin(), "host");
      } catch (IllegalArgumentException e) {
        problems.add(ipOrigin(), "'" + ip + "' is not an IP address");
      }
    }
    if (arguments.isSet("dynamic-listeners-disable")) {
      return;
    }
    String lowest = zeroIsUnset("dynamic-sequential-min-port");
    String most = zeroIsUnset("dynamic-sequential-max-ports");
    if (lowest == null) {
      needsLowestPort("deterministic-listeners", arguments.isSet("deterministic-listeners"));
      needsLowestPort("dynamic-sequential-max-ports", most != null);
    }
    TreeBuilder dynamic = new TreeBuilder();
    copy(dynamic, "dynamic-advertised-listener", "advertised");
    if (lowest != null) {
      copy(dynamic, "dynamic-sequential-min-port", "lowestPort");
      if (most != null) {
        copy(dynamic, "dynamic-sequential-max-ports", "ports");
      }
      copy(dynamic, "deterministic-listeners", "byBrokerId");
    }
    Node.Mapping built = dynamic.build();
    listener.set(
        built.entries().isEmpty() ? new Node.Mapping(built.entries(), DEFAULT) : built, "dynamic");
  }

  private static Origin ipOrigin() {
    return Arguments.origin("default-listener-ip");
  }

  private void needsLowestPort(String flag, boolean given) {
    if (given) {
      problems.add(Arguments.origin(flag), "this needs --dynamic-sequential-min-port as well");
    }
  }

  private @Nullable String zeroIsUnset(String flag) {
    String value = arguments.last(flag);
    return value == null || value.strip().equals("0") ? null : value;
  }

  private void kafka() {
    copy(tree, "kafka-client-id", "upstream", "clientId");
    copy(tree, "kafka-dial-timeout", "timeouts", "connect");
    String open = arguments.last("kafka-max-open-requests");
    if (open != null) {
      Origin origin = Arguments.origin("kafka-max-open-requests");
      try {
        int number = Parse.number(open, 1, Integer.MAX_VALUE);
        tree.set(Integer.toString(Math.max(16, number)), origin, "limits", "inFlightRequests");
      } catch (IllegalArgumentException e) {
        problems.add(origin, String.valueOf(e.getMessage()));
      }
    }
    String write = arguments.last("kafka-write-timeout");
    if (write != null) {
      String timeout = isZero(write) ? "30s" : write;
      tree.set(timeout, Arguments.origin("kafka-write-timeout"), "timeouts", "request");
    }
    if (arguments.has("forbidden-api-keys")) {
      List<String> keys =
          arguments.all("forbidden-api-keys").stream()
              .flatMap(v -> Parse.commas(v).stream())
              .toList();
      tree.set(keys, Arguments.origin("forbidden-api-keys"), "rules", "forbiddenApis");
    }
    copy(tree, "producer-acks-0-disabled", "rules", "acksZeroForbidden");
  }

  private static boolean isZero(String duration) {
    try {
      return Durations.parse(duration).isZero();
    } catch (IllegalArgumentException e) {
      return false; // reported where the value is read
    }
  }

  private void sockets() {
    copy(tree, "proxy-listener-keep-alive", "sockets", "client", "keepAlive");
    copy(tree, "proxy-listener-read-buffer-size", "sockets", "client", "receiveBuffer");
    copy(tree, "proxy-listener-write-buffer-size", "sockets", "client", "sendBuffer");
    copy(tree, "kafka-keep-alive", "sockets", "broker", "keepAlive");
    copy(tree, "kafka-connection-read-buffer-size", "sockets", "broker", "receiveBuffer");
    copy(tree, "kafka-connection-write-buffer-size", "sockets", "broker", "sendBuffer");
  }

  private void http() {
    String disabled = arguments.last("http-disable");
    if (disabled != null) {
      String enabled = disabled.equals("true") ? "false" : "true";
      tree.set(enabled, Arguments.origin("http-disable"), "http", "enabled");
    }
    String address = arguments.last("http-listen-address");
    if (address != null) {
      Origin origin = Arguments.origin("http-listen-address");
      try {
        // In Go, ":9080" means all interfaces.
        var listen = Parse.listenAddress(address.startsWith(":") ? "0.0.0.0" + address : address);
        tree.set(listen.host(), origin, "http", "host");
        tree.set(Integer.toString(listen.port()), origin, "http", "port");
      } catch (IllegalArgumentException e) {
        problems.add(origin, String.valueOf(e.getMessage()));
      }
    }
    copy(tree, "http-health-path", "http", "healthPath");
    copy(tree, "http-metrics-path", "http", "metricsPath");
  }

  private void log() {
    copy(tree, "log-format", "log", "format");
    copy(tree, "log-level-fieldname", "log", "fields", "level");
    copy(tree, "log-time-fieldname", "log", "fields", "time");
    copy(tree, "log-msg-fieldname", "log", "fields", "message");
    String level = arguments.last("log-level");
    if (level != null) {
      tree.set(level(level), Arguments.origin("log-level"), "log", "level");
    }
  }

  private String level(String level) {
    String known = level.strip().toLowerCase(Locale.ROOT);
    return switch (known) {
      case "trace", "debug", "info", "error" -> known;
      case "warning", "warn" -> "warn";
      case "fatal", "panic" -> "error";
      default -> {
        problems.notice("--log-level: '" + level + "' is not a level; using info");
        yield "info";
      }
    };
  }

  private void copy(TreeBuilder to, String flag, String... path) {
    String value = arguments.last(flag);
    if (value != null) {
      to.set(value, Arguments.origin(flag), path);
    }
  }
}
